//! Which share of the images each part of a data set gets.

use std::fmt;
use std::str::FromStr;

use mly::{Error, Result};

/// Parts of a whole, in percent.
const WHOLE: f64 = 100.0;

/// The shares of the images to train, to validate and to test with, in percent. They sum to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    shares: [f64; 3],
}

impl Split {
    /// These shares, in percent.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when one is negative, or they do not sum to 100.
    pub fn new(shares: [f64; 3]) -> Result<Self> {
        const HINT: &str = "give the shares to train, to validate and to test with, such as 80,10,10";
        if shares.iter().any(|share| !share.is_finite() || *share < 0.0) {
            return Err(Error::query("a share of the split is no percentage").with_hint(HINT));
        }
        let sum: f64 = shares.iter().sum();
        if (sum - WHOLE).abs() > 1e-6 {
            return Err(
                Error::query(format!("the shares of the split sum to {sum} and not to 100")).with_hint(HINT)
            );
        }
        Ok(Self { shares })
    }

    /// To train, to validate and to test with, in percent.
    pub fn shares(&self) -> [f64; 3] {
        self.shares
    }
}

impl Default for Split {
    /// 80, 10 and 10 percent.
    fn default() -> Self {
        Self { shares: [80.0, 10.0, 10.0] }
    }
}

impl FromStr for Split {
    type Err = Error;

    /// Reads `80,10,10`, or `80,20` where there is nothing to test with.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::query(format!("`{text}` is not a split"))
                .with_hint("give the shares to train, to validate and to test with, such as 80,10,10")
        };
        let mut shares = [0.0; 3];
        let parts: Vec<_> = text.split(',').collect();
        if !(2..=3).contains(&parts.len()) {
            return Err(wrong());
        }
        for (share, part) in shares.iter_mut().zip(parts) {
            *share = part.trim().trim_end_matches('%').parse().ok().ok_or_else(wrong)?;
        }
        Self::new(shares)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [train, validate, test] = self.shares;
        write!(f, "{train},{validate},{test}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages_that_sum_to_100() {
        for (text, shares) in [
            ("80,10,10", [80.0, 10.0, 10.0]),
            ("80,20", [80.0, 20.0, 0.0]),
            (" 33.4, 33.3 ,33.3", [33.4, 33.3, 33.3]),
            ("100,0,0", [100.0, 0.0, 0.0]),
        ] {
            assert_eq!(text.parse::<Split>().unwrap(), Split::new(shares).unwrap(), "{text}");
        }
        for text in
            ["", "100", "80,10", "80,10,20", "120,-10,-10", "80;10;10", "a,b,c", "25,25,25,25", "NaN,50,50"]
        {
            assert!(text.parse::<Split>().is_err(), "{text}");
        }
        assert_eq!(Split::default().to_string(), "80,10,10");
    }
}
