//! The time between two requests.

use std::sync::{Mutex, PoisonError};

/// The shape of a gamma distribution with a coefficient of variation of 0.6.
const SHAPE: f64 = 1.0 / (0.6 * 0.6);

/// Draws the times between requests at random, around a mean.
///
/// They are gamma distributed with a coefficient of variation of 0.6. Eleven nights of tiles at such gaps were never
/// blocked, while addresses that asked at a steady beat were (API v4, "Limits, expiry, throttling").
#[derive(Debug)]
pub(super) struct Gaps(Mutex<fastrand::Rng>);

impl Default for Gaps {
    fn default() -> Self {
        Self(Mutex::new(fastrand::Rng::new()))
    }
}

impl Gaps {
    /// Gaps that are the same for the same seed.
    #[cfg(test)]
    pub(super) fn with_seed(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// A gap in milliseconds.
    pub(super) fn draw_ms(&self, mean_ms: f64) -> i64 {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        #[expect(clippy::cast_possible_truncation, reason = "a gap is at most some minutes")]
        let gap = (gamma(&mut random) / SHAPE * mean_ms).round() as i64;
        gap
    }
}

/// A gamma distributed number with [`SHAPE`] and scale 1: "A Simple Method for Generating Gamma Variables", Marsaglia
/// and Tsang, 2000.
fn gamma(random: &mut fastrand::Rng) -> f64 {
    let d = SHAPE - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(random);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && positive(random).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// A number of the standard normal distribution (Box and Muller).
fn normal(random: &mut fastrand::Rng) -> f64 {
    let angle = std::f64::consts::TAU * random.f64();
    (-2.0 * positive(random).ln()).sqrt() * angle.cos()
}

/// A number above 0 and at most 1.
fn positive(random: &mut fastrand::Rng) -> f64 {
    1.0 - random.f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_their_mean_and_a_coefficient_of_variation_of_0_6() {
        const COUNT: u32 = 100_000;
        let gaps = Gaps::with_seed(7);
        let drawn: Vec<f64> =
            (0..COUNT).map(|_| u32::try_from(gaps.draw_ms(1500.0)).unwrap().into()).collect();
        let mean_of =
            |value: &dyn Fn(f64) -> f64| drawn.iter().map(|gap| value(*gap)).sum::<f64>() / f64::from(COUNT);
        let mean = mean_of(&|gap| gap);
        let variance = mean_of(&|gap| (gap - mean).powi(2));
        assert!((mean / 1500.0 - 1.0).abs() < 0.01, "{mean}");
        assert!((variance.sqrt() / mean - 0.6).abs() < 0.01, "{}", variance.sqrt() / mean);
        // The third moment tells a gamma distribution (2 times the coefficient of variation) from others.
        let skew = mean_of(&|gap| ((gap - mean) / variance.sqrt()).powi(3));
        assert!((skew - 1.2).abs() < 0.05, "{skew}");
    }
}
