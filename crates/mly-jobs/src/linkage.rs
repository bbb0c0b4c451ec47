//! Groups of things of which every two belong together: clustering by complete linkage.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// Two things that may be in one group, and their distance, which is not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) distance_m: f64,
    pub(crate) one: u32,
    pub(crate) other: u32,
}

/// Groups things by complete linkage, and gives for each the smallest member of its group.
///
/// At first each thing is a group. Again and again the two groups are joined whose farthest members are nearest to each
/// other, as long as every member of one is linked with every member of the other. Of equal distances those with the
/// smallest members come first, so the order of the links does not matter.
pub(crate) fn complete_linkage(count: u32, links: &[Link]) -> Vec<u32> {
    let by_root = by_component(count, links);
    let components: Vec<_> = by_root.chunk_by(|(a, _), (b, _)| a == b).collect();
    let groups = components.par_iter().flat_map_iter(|component| match component {
        // Most are pairs.
        [(_, Link { one, other, .. })] => vec![(*one.max(other), *one.min(other))],
        links => joined(links.iter().map(|(_, link)| *link)),
    });
    let mut group_of: Vec<u32> = (0..count).collect();
    for (member, group) in groups.collect::<Vec<_>>() {
        if let Some(slot) = group_of.get_mut(member as usize) {
            *slot = group;
        }
    }
    group_of
}

/// All links, each with the smallest thing that it is linked with directly or through others, and sorted by that.
fn by_component(count: u32, links: &[Link]) -> Vec<(u32, Link)> {
    let mut parents: Vec<u32> = (0..count).collect();
    for link in links {
        let (one, other) = (root(&mut parents, link.one), root(&mut parents, link.other));
        if let Some(parent) = parents.get_mut(one.max(other) as usize) {
            *parent = one.min(other);
        }
    }
    let mut by_root: Vec<_> = links.iter().map(|link| (root(&mut parents, link.one), *link)).collect();
    by_root.sort_unstable_by_key(|(root, link)| (*root, link.one, link.other));
    by_root
}

fn root(parents: &mut [u32], mut thing: u32) -> u32 {
    while let Some(&parent) = parents.get(thing as usize).filter(|parent| **parent != thing) {
        // Halves the way for the next time.
        let beyond = parents.get(parent as usize).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(thing as usize) {
            *slot = beyond;
        }
        thing = beyond;
    }
    thing
}

/// The groups of one component: each member with the smallest one of its group.
fn joined(links: impl Iterator<Item = Link>) -> Vec<(u32, u32)> {
    // Distances that are not negative are in the order of their bits.
    let mut near: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
    let mut queue = BinaryHeap::new();
    for link in links {
        let (one, other) = (link.one.min(link.other), link.one.max(link.other));
        let bits = link.distance_m.abs().to_bits();
        near.entry(one).or_default().insert(other, bits);
        near.entry(other).or_default().insert(one, bits);
        queue.push(Reverse((bits, one, other)));
    }
    let mut members: HashMap<u32, Vec<u32>> = near.keys().map(|thing| (*thing, vec![*thing])).collect();
    while let Some(Reverse((bits, one, other))) = queue.pop() {
        // A link of a group that has changed meanwhile.
        if near.get(&one).and_then(|links| links.get(&other)) != Some(&bits) {
            continue;
        }
        let (Some(of_one), Some(of_other)) = (near.remove(&one), near.remove(&other)) else { continue };
        for third in of_one.keys().chain(of_other.keys()) {
            if let Some(links) = near.get_mut(third) {
                links.remove(&one);
                links.remove(&other);
            }
        }
        let mut shared = BTreeMap::new();
        for (third, distance) in of_one {
            let Some(farther) = of_other.get(&third).map(|other| distance.max(*other)) else { continue };
            shared.insert(third, farther);
            if let Some(links) = near.get_mut(&third) {
                links.insert(one, farther);
            }
            queue.push(Reverse((farther, one.min(third), one.max(third))));
        }
        near.insert(one, shared);
        let moved = members.remove(&other).unwrap_or_default();
        members.entry(one).or_default().extend(moved);
    }
    members.into_iter().flat_map(|(group, all)| all.into_iter().map(move |member| (member, group))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, step by step, over a matrix.
    fn slow(count: u32, links: &[Link]) -> Vec<u32> {
        let distance = |a: u32, b: u32| {
            let is = |l: &&Link| (l.one, l.other) == (a, b) || (l.one, l.other) == (b, a);
            links.iter().find(is).map(|link| link.distance_m)
        };
        let mut groups: Vec<Vec<u32>> = (0..count).map(|thing| vec![thing]).collect();
        loop {
            let mut best: Option<(f64, u32, u32, usize, usize)> = None;
            for (i, one) in groups.iter().enumerate() {
                for (j, other) in groups.iter().enumerate().skip(i + 1) {
                    let all = one.iter().flat_map(|a| other.iter().map(|b| distance(*a, *b)));
                    let Some(farthest) = all.into_iter().try_fold(0.0_f64, |most, d| d.map(|d| most.max(d)))
                    else {
                        continue;
                    };
                    let (a, b) = (*one.iter().min().unwrap(), *other.iter().min().unwrap());
                    let found = (farthest, a.min(b), a.max(b), i, j);
                    if best.is_none_or(|best| found < best) {
                        best = Some(found);
                    }
                }
            }
            let Some((.., i, j)) = best else { break };
            let moved = groups.remove(j);
            groups[i].extend(moved);
        }
        let group = |thing: u32| *groups.iter().find(|g| g.contains(&thing)).unwrap().iter().min().unwrap();
        (0..count).map(group).collect()
    }

    proptest! {
        #[test]
        fn groups_are_those_of_the_definition_in_any_order_of_links(
            some in proptest::collection::btree_map((0..9_u32, 0..9_u32), 0..20_u8, 0..30),
            seed in any::<u64>(),
        ) {
            let mut links: Vec<_> = some.into_iter().filter(|((a, b), _)| a < b)
                .map(|((one, other), d)| Link { distance_m: f64::from(d), one, other }).collect();
            let want = slow(9, &links);
            prop_assert_eq!(&complete_linkage(9, &links), &want);
            links.sort_by_key(|link| u64::from(link.one * 31 + link.other).wrapping_mul(seed | 1));
            for link in &mut links {
                std::mem::swap(&mut link.one, &mut link.other);
            }
            prop_assert_eq!(complete_linkage(9, &links), want);
        }
    }
}
