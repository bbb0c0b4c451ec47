//! How many kilometres there are of each class of street, by the age of their images.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::coverage::Coverage;
use super::tier::Tier;

/// Lengths of streets of one class, in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ClassLengths {
    /// All streets.
    pub total_m: f64,
    /// Parts that images show.
    pub covered_m: f64,
    /// Streets by their tier, in the order of [`Tier::ALL`].
    pub tiers_m: [f64; 4],
    /// Streets around which nobody knows whether there are images.
    pub unmeasured_m: f64,
}

impl ClassLengths {
    /// Streets of a tier, in metres.
    pub fn of_tier(&self, tier: Tier) -> f64 {
        Tier::ALL.iter().zip(self.tiers_m).find(|(of, _)| **of == tier).map_or(0.0, |(_, metres)| metres)
    }

    pub(super) fn add(&mut self, length_m: f64, coverage: Option<&Coverage>) {
        self.total_m += length_m;
        let Some(coverage) = coverage else {
            self.unmeasured_m += length_m;
            return;
        };
        self.covered_m += coverage.covered_m;
        let tier = coverage.tier();
        for (of, metres) in Tier::ALL.iter().zip(&mut self.tiers_m) {
            if *of == tier {
                *metres += length_m;
            }
        }
    }
}

impl AddAssign for ClassLengths {
    fn add_assign(&mut self, other: Self) {
        self.total_m += other.total_m;
        self.covered_m += other.covered_m;
        self.unmeasured_m += other.unmeasured_m;
        for (metres, more) in self.tiers_m.iter_mut().zip(other.tiers_m) {
            *metres += more;
        }
    }
}

/// What the job found, in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StreetCounts {
    /// Lengths by class; streets of files that tell no class have an empty one.
    pub classes: BTreeMap<String, ClassLengths>,
    /// Streets and paths of any kind that the roads have.
    pub ways_read: u64,
    /// Of these, ways of the kinds that were asked for.
    pub ways_kept: u64,
    /// The others, by their class.
    pub other_ways: BTreeMap<String, u64>,
    /// Pieces of ways whose positions are all equal.
    pub without_length: u64,
    /// Edges: pieces of ways between two places where streets meet or end.
    pub edges: u64,
    /// Images with a position.
    pub images: u64,
    /// Images that were put onto a street.
    pub matched: u64,
    /// Images for which another street is as likely.
    pub ambiguous: u64,
    /// Images that are on none of the streets.
    pub unmatched: u64,
    /// Images whose date is missing or cannot be right.
    pub undated: u64,
    /// Rows of images without a position.
    pub unplaced: u64,
    /// Rows of images that repeat another one.
    pub repeated: u64,
    /// Whether the images tell their sequences; without them, each is put onto the nearest street.
    pub has_sequences: bool,
    /// Until when dates count, in milliseconds since 1970.
    pub as_of_ms: i64,
    /// Since when images are fresh, in milliseconds since 1970.
    pub fresh_since_ms: i64,
    /// Since when images are aging; those before are stale.
    pub aging_since_ms: i64,
}
