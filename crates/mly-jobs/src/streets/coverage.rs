//! What is known of one edge, from everything that was found on it.

use super::drive::{Direction, EdgeSighting, SeenPart};
use super::images::ALONE;
use super::spans::{length, rest, union};
use super::tier::{Tier, TierLimits};

/// Parts of two tiers are as long when they differ by less than so many metres.
const AS_LONG_M: f64 = 0.005;

/// What is known of an edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Coverage {
    /// Metres that images show.
    pub(super) covered_m: f64,
    pub(super) forward_m: f64,
    pub(super) backward_m: f64,
    pub(super) pano_m: f64,
    /// Metres by the tier of the newest image that shows them.
    pub(super) fresh_m: f64,
    pub(super) aging_m: f64,
    pub(super) stale_m: f64,
    /// Parts that no image shows, in metres along the edge.
    pub(super) uncovered: Vec<[f64; 2]>,
    pub(super) newest: Option<i64>,
    pub(super) oldest: Option<i64>,
    pub(super) images: u64,
    pub(super) dated: u64,
    pub(super) panos: KnownCount,
    pub(super) on_foot: KnownCount,
    pub(super) sequences: u64,
    pub(super) passes: u64,
    pub(super) passes_forward: u64,
    pub(super) passes_backward: u64,
    pub(super) ambiguous: u64,
    /// The quality below which a tenth, a half and nine tenths of the images are.
    pub(super) quality: Option<[f64; 3]>,
}

/// How many images have a property, and of how many it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownCount {
    count: u64,
    known: u64,
}

impl KnownCount {
    fn add(&mut self, value: Option<bool>) {
        self.count += u64::from(value == Some(true));
        self.known += u64::from(value.is_some());
    }

    /// The share of those that have it; `None` when it is known of none.
    #[expect(clippy::cast_precision_loss, reason = "counts of images")]
    pub(super) fn share(self) -> Option<f64> {
        (self.known > 0).then(|| self.count as f64 / self.known as f64)
    }
}

impl Coverage {
    /// Of an edge, from what was found on it, with sightings in the order of sequences and times.
    pub(super) fn new(
        length_m: f64,
        sightings: &[EdgeSighting],
        stretches: &[SeenPart],
        limits: TierLimits,
    ) -> Self {
        let parts = |wanted: &dyn Fn(&SeenPart) -> bool| {
            union(
                stretches
                    .iter()
                    .filter(|stretch| wanted(stretch))
                    .map(|stretch| [stretch.from_m, stretch.to_m]),
            )
        };
        let covered = parts(&|_| true);
        let newest_of = |worst: Tier| length(&parts(&|stretch| stretch.tier <= worst));
        let [fresh, aging, dated] = [Tier::Fresh, Tier::Aging, Tier::Stale].map(newest_of);
        let mut coverage = Self {
            covered_m: length(&covered),
            forward_m: length(&parts(&|stretch| stretch.direction == Direction::Forward)),
            backward_m: length(&parts(&|stretch| stretch.direction == Direction::Backward)),
            pano_m: length(&parts(&|stretch| stretch.is_pano)),
            fresh_m: fresh,
            aging_m: aging - fresh,
            stale_m: dated - aging,
            uncovered: rest(&covered, length_m),
            ..Self::default()
        };
        coverage.count(sightings, limits);
        coverage
    }

    fn count(&mut self, sightings: &[EdgeSighting], limits: TierLimits) {
        let (mut last_sequence, mut qualities) = (None, Vec::new());
        for sighting in sightings {
            if sighting.is_ambiguous {
                self.ambiguous += 1;
                continue;
            }
            self.images += 1;
            self.panos.add(sighting.is_pano);
            self.on_foot.add(sighting.is_on_foot);
            if let Some(date) = limits.date(Some(sighting.captured_at)) {
                self.dated += 1;
                self.newest = self.newest.max(Some(date));
                self.oldest = Some(self.oldest.map_or(date, |oldest| oldest.min(date)));
            }
            if sighting.sequence != ALONE
                && last_sequence.replace(sighting.sequence) != Some(sighting.sequence)
            {
                self.sequences += 1;
            }
            if !sighting.quality.is_nan() {
                qualities.push(f64::from(sighting.quality));
            }
            if sighting.begins_pass {
                self.passes += 1;
                self.passes_forward += u64::from(sighting.direction == Direction::Forward);
                self.passes_backward += u64::from(sighting.direction == Direction::Backward);
            }
        }
        qualities.sort_unstable_by(f64::total_cmp);
        self.quality =
            (!qualities.is_empty()).then(|| [0.1, 0.5, 0.9].map(|share| quantile(&qualities, share)));
    }

    /// The tier of most of what is covered; the worse one of two that are as long.
    pub(super) fn tier(&self) -> Tier {
        let lengths = [(Tier::Fresh, self.fresh_m), (Tier::Aging, self.aging_m), (Tier::Stale, self.stale_m)];
        let longest = lengths.iter().map(|(_, metres)| *metres).fold(0.0, f64::max);
        let worst = lengths.iter().rev().find(|(_, metres)| *metres >= longest - AS_LONG_M);
        match worst {
            Some((tier, _)) if longest > 0.0 => *tier,
            _ => Tier::None,
        }
    }
}

/// The value below which a share of sorted values is, in between by the distance to its neighbours.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among the images of one edge"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (from, to) = (sorted.get(below).copied(), sorted.get(above).copied());
    match (from, to) {
        (Some(from), Some(to)) => from + (to - from) * place.fract(),
        _ => f64::NAN,
    }
}
