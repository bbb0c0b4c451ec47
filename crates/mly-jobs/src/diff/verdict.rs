//! Whether a map feature is gone: what looks say about it.

use std::collections::HashMap;

use super::change::Change;
use super::looks::Looks;

/// Looks, sequences and chance that a map feature needs to be called gone.
const LEAST_LOOKS: u64 = 4;
const LEAST_SEQUENCES: u32 = 2;
const MOST_CHANCE: f64 = 0.05;

/// As many trials with the rate of all names are added to those of one name, so that a few do not decide.
const PRIOR: f64 = 10.0;

/// How often sequences that look at a map feature lead to a detection of it, as the data tell.
#[derive(Debug, Default)]
pub(super) struct Recall {
    all: Trials,
    by_name: HashMap<Option<u32>, Trials>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Trials {
    trials: u64,
    successes: u64,
}

impl Recall {
    /// Adds the looks at a map feature that is in both results.
    pub(super) fn add(&mut self, name: Option<u32>, looks: &Looks) {
        for trials in [&mut self.all, self.by_name.entry(name).or_default()] {
            trials.trials += u64::from(looks.trials);
            trials.successes += u64::from(looks.successes);
        }
    }

    /// The rate of all map features; `None` if nobody looked at one that is in both results.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn rate(&self) -> Option<f64> {
        (self.all.trials > 0).then(|| self.all.successes as f64 / self.all.trials as f64)
    }

    /// The rate of a name.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn rate_of(&self, name: Option<u32>) -> Option<f64> {
        let all = self.rate()?;
        let own = self.by_name.get(&name).copied().unwrap_or_default();
        Some((own.successes as f64 + PRIOR * all) / (own.trials as f64 + PRIOR))
    }

    /// Whether a map feature of this name would have been seen if it were there.
    fn is_enough(&self, name: Option<u32>, looks: &Looks) -> bool {
        let exponent = i32::try_from(looks.sequences).unwrap_or(i32::MAX);
        looks.images >= LEAST_LOOKS
            && looks.sequences >= LEAST_SEQUENCES
            && looks.are_on_days()
            && self.rate_of(name).is_some_and(|rate| (1.0 - rate).powi(exponent) <= MOST_CHANCE)
    }

    /// The class of a map feature, from that which the two results alone give it.
    pub(super) fn verdict(&self, change: Change, name: Option<u32>, looks: &Looks) -> Change {
        match change {
            Change::Unseen if self.is_enough(name, looks) => Change::Gone,
            Change::Unseen if looks.images > 0 => Change::MaybeGone,
            Change::Same if self.is_enough(name, looks) => Change::MaybeGone,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks on two days of so many sequences.
    fn looks(images: u64, sequences: u32) -> Looks {
        Looks { images, sequences, span_ms: Some((0, 86_400_000)), trials: 0, successes: 0 }
    }

    fn recall(trials: u32, successes: u32) -> Recall {
        let mut recall = Recall::default();
        recall.add(Some(1), &Looks { trials, successes, ..Looks::default() });
        recall
    }

    #[test]
    fn the_lower_the_rate_the_more_sequences_are_needed() {
        for (trials, successes, needed) in [(10, 3, 9), (10, 5, 5), (10, 8, 2), (10, 10, 2)] {
            let recall = recall(trials, successes);
            let verdict = |sequences| recall.verdict(Change::Unseen, Some(1), &looks(20, sequences));
            assert_eq!(verdict(needed), Change::Gone, "{successes} of {trials}");
            assert_eq!(verdict(needed - 1), Change::MaybeGone, "{successes} of {trials}");
        }
    }

    #[test]
    fn few_looks_or_looks_of_one_day_or_an_unknown_rate_do_not_decide() {
        let recall = recall(10, 10);
        let verdict = |looks: &Looks| recall.verdict(Change::Unseen, Some(1), looks);
        assert_eq!(verdict(&looks(4, 2)), Change::Gone);
        assert_eq!(verdict(&looks(3, 2)), Change::MaybeGone);
        assert_eq!(verdict(&looks(4, 1)), Change::MaybeGone);
        assert_eq!(verdict(&Looks { span_ms: Some((0, 86_399_999)), ..looks(9, 9) }), Change::MaybeGone);
        assert_eq!(verdict(&Looks::default()), Change::Unseen);
        assert_eq!(Recall::default().verdict(Change::Unseen, Some(1), &looks(99, 99)), Change::MaybeGone);
        assert_eq!(recall.verdict(Change::Same, Some(1), &looks(4, 2)), Change::MaybeGone);
        assert_eq!(recall.verdict(Change::Same, Some(1), &looks(3, 2)), Change::Same);
        assert_eq!(recall.verdict(Change::SeenAgain, Some(1), &looks(4, 2)), Change::SeenAgain);
    }

    #[test]
    fn a_rare_name_has_nearly_the_rate_of_all() {
        let mut recall = recall(90, 90);
        recall.add(Some(2), &Looks { trials: 10, successes: 0, ..Looks::default() });
        // (0 + 10 * 0.9) / (10 + 10)
        assert!((recall.rate_of(Some(2)).unwrap() - 0.45).abs() < 1e-12);
        assert!((recall.rate_of(Some(3)).unwrap() - 0.9).abs() < 1e-12);
    }
}
