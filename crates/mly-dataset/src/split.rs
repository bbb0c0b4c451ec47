//! Divides images into parts without cutting a group of them in two.

use std::collections::BTreeMap;

use crate::purpose::Purpose;
use crate::share::Split;

/// Up to this many groups every division is tried.
const FEW: usize = 9;

/// Rounds in which a division is improved by moving one group or exchanging two.
const ROUNDS: usize = 64;

/// Groups that are tried against each other in a round.
const TRIED: usize = 400;

/// What each group of images is used for: groups that follow each other in time, such as the images of a sequence, look
/// alike, so that none of them may be both to train and to test with.
///
/// The division depends on the names and sizes of the groups alone.
pub(crate) fn divide<'a>(sizes: &BTreeMap<&'a str, u64>, split: Split) -> BTreeMap<&'a str, Purpose> {
    let mut groups: Vec<(&str, u64)> = sizes.iter().map(|(name, size)| (*name, *size)).collect();
    // Large ones first, since small ones fill what is left. Among equal ones chance decides, but always in the same way.
    groups.sort_by_key(|(name, size)| (std::cmp::Reverse(*size), stable_hash(name), *name));
    let counts: Vec<u64> = groups.iter().map(|(_, size)| *size).collect();
    let targets = Targets::of(&counts, split);
    let parts = if groups.len() <= FEW { best_of_all(&counts, &targets) } else { greedy(&counts, &targets) };
    groups.iter().zip(parts).map(|((name, _), part)| (*name, Purpose::ALL[part])).collect()
}

/// How far the parts are from what they should be: the farthest one, then all together.
type Miss = (f64, f64);

/// A group, and the part that it is moved to.
type GroupMove = (usize, usize);

/// How many images each part should have.
struct Targets([f64; 3]);

impl Targets {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 images")]
    fn of(counts: &[u64], split: Split) -> Self {
        let all = counts.iter().sum::<u64>() as f64;
        Self(split.shares().map(|share| share / 100.0 * all))
    }

    /// How far parts of these sizes are from what they should be.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 images")]
    fn miss(&self, sizes: [u64; 3]) -> Miss {
        let misses = [0, 1, 2].map(|part| {
            let miss = (sizes[part] as f64 - self.0[part]).abs();
            // A part that is not wanted has no images; one that is wanted has some.
            let is_wrong = (self.0[part] == 0.0) != (sizes[part] == 0);
            if is_wrong { miss + 1e-3 } else { miss }
        });
        (misses.iter().copied().fold(0.0, f64::max), misses.iter().sum())
    }
}

fn is_better(one: Miss, other: Miss) -> bool {
    const HAIR: f64 = 1e-9;
    one.0 < other.0 - HAIR || one.0 < other.0 + HAIR && one.1 < other.1 - HAIR
}

fn sizes_of(counts: &[u64], parts: &[usize]) -> [u64; 3] {
    let mut sizes = [0; 3];
    counts.iter().zip(parts).for_each(|(count, part)| sizes[*part] += count);
    sizes
}

/// The division that misses its targets least, among all.
fn best_of_all(counts: &[u64], targets: &Targets) -> Vec<usize> {
    let mut best = vec![0; counts.len()];
    let mut least = targets.miss(sizes_of(counts, &best));
    let mut parts = best.clone();
    loop {
        // Counts up in the number system of three digits.
        let Some(next) = parts.iter().rposition(|part| *part < 2) else { return best };
        parts[next] += 1;
        parts[next + 1..].fill(0);
        let miss = targets.miss(sizes_of(counts, &parts));
        if is_better(miss, least) {
            least = miss;
            best.clone_from(&parts);
        }
    }
}

/// Gives each group to the part that lacks most, and then improves the division as long as that helps.
fn greedy(counts: &[u64], targets: &Targets) -> Vec<usize> {
    let mut sizes = [0_u64; 3];
    let mut parts = Vec::with_capacity(counts.len());
    for count in counts {
        #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 images")]
        let lack = |part: usize| targets.0[part] - sizes[part] as f64;
        let most = (1..3).fold(0, |most, part| if lack(part) > lack(most) { part } else { most });
        sizes[most] += count;
        parts.push(most);
    }
    for _ in 0..ROUNDS {
        if !improve(counts, targets, &mut parts) {
            break;
        }
    }
    parts
}

/// Moves the group, or exchanges the two groups, that brings the division nearest to its targets.
fn improve(counts: &[u64], targets: &Targets, parts: &mut [usize]) -> bool {
    let sizes = sizes_of(counts, parts);
    let now = targets.miss(sizes);
    // Small groups come last, and are the ones that change least.
    let tried = counts.len().saturating_sub(TRIED)..counts.len();
    let mut best: Option<(Miss, Vec<GroupMove>)> = None;
    let mut offer = |moves: Vec<GroupMove>, parts: &[usize]| {
        let mut after = sizes;
        for (group, to) in &moves {
            after[parts[*group]] -= counts[*group];
            after[*to] += counts[*group];
        }
        let miss = targets.miss(after);
        if is_better(miss, best.as_ref().map_or(now, |(least, _)| *least)) {
            best = Some((miss, moves));
        }
    };
    for one in tried.clone() {
        (0..3).filter(|to| *to != parts[one]).for_each(|to| offer(vec![(one, to)], parts));
        for other in one + 1..counts.len() {
            if parts[one] != parts[other] && counts[one] != counts[other] {
                offer(vec![(one, parts[other]), (other, parts[one])], parts);
            }
        }
    }
    let Some((_, moves)) = best else { return false };
    for (group, to) in moves {
        parts[group] = to;
    }
    true
}

/// A number that a text always gives, on every machine, and that looks random: FNV-1a, stirred as in `SplitMix64`.
pub(crate) fn stable_hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let stirred = (fnv ^ fnv >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let stirred = (stirred ^ stirred >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    stirred ^ stirred >> 31
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many images the parts have.
    fn counts(sizes: &BTreeMap<&str, u64>, parts: &BTreeMap<&str, Purpose>) -> [u64; 3] {
        Purpose::ALL.map(|purpose| {
            let of = parts.iter().filter(|(_, part)| **part == purpose).map(|(name, _)| sizes[name]);
            of.sum::<u64>()
        })
    }

    proptest! {
        #[test]
        fn shares_of_many_sequences_are_within_five_points(
            sizes in prop::collection::vec(1..60_u64, 40..120),
            test in 0..30_u32,
            validate in 0..30_u32,
        ) {
            let names: Vec<String> = (0..sizes.len()).map(|i| format!("sequence {i}")).collect();
            let sizes: BTreeMap<&str, u64> = names.iter().map(String::as_str).zip(sizes).collect();
            let want = [100 - test - validate, validate, test];
            let parts = divide(&sizes, Split::new(want.map(f64::from)).unwrap());
            let all: u64 = sizes.values().sum();
            for (found, want) in counts(&sizes, &parts).iter().zip(want) {
                prop_assert!((found * 100).abs_diff(u64::from(want) * all) <= 5 * all, "{found} of {all} and not {want} %");
            }
            prop_assert_eq!(parts.len(), sizes.len());
        }
    }

    #[test]
    fn few_sequences_are_divided_as_well_as_they_can_be() {
        let sizes = BTreeMap::from([("a", 50), ("b", 30), ("c", 10), ("d", 10)]);
        assert_eq!(counts(&sizes, &divide(&sizes, Split::default())), [80, 10, 10]);
        let one = BTreeMap::from([("a", 7)]);
        assert_eq!(divide(&one, Split::default())["a"], Purpose::Train);
        let two = BTreeMap::from([("a", 90), ("b", 10)]);
        assert_eq!(
            divide(&two, Split::default()),
            BTreeMap::from([("a", Purpose::Train), ("b", Purpose::Validate)])
        );
        assert!(divide(&BTreeMap::new(), Split::default()).is_empty());
    }

    #[test]
    fn single_images_are_divided_exactly() {
        let names: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        let sizes: BTreeMap<&str, u64> = names.iter().map(|name| (name.as_str(), 1)).collect();
        let parts = divide(&sizes, Split::new([70.0, 20.0, 10.0]).unwrap());
        assert_eq!(counts(&sizes, &parts), [700, 200, 100]);
        // No part is a stretch of the names.
        let tests: Vec<usize> = (0..1000).filter(|i| parts[&*i.to_string()] == Purpose::Test).collect();
        assert!(tests.windows(2).any(|pair| pair[1] - pair[0] > 20), "{tests:?}");
    }

    #[test]
    fn a_part_of_no_share_has_no_images() {
        let names: Vec<String> = (0..50).map(|i| i.to_string()).collect();
        let sizes: BTreeMap<&str, u64> = names.iter().map(|name| (name.as_str(), 3)).collect();
        let parts = divide(&sizes, Split::new([90.0, 10.0, 0.0]).unwrap());
        assert!(parts.values().all(|part| *part != Purpose::Test));
    }
}
