//! The date that a filter compares with.

use serde::{Deserialize, Serialize};

use super::time::{is_relative, parse};
use crate::error::Result;

/// A moment in milliseconds since 1970, UTC, and the words for it if they count back from now, such as `30d`.
///
/// A run with such words that is stopped and started again goes on with the dates of its beginning: counted anew, they would ask
/// for something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredMoment", into = "StoredMoment")]
pub struct Moment {
    ms: i64,
    ago: Option<String>,
}

impl Moment {
    /// The first millisecond that a date means; see [`earliest_ms`](super::earliest_ms).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the text is no date.
    pub fn earliest(text: &str) -> Result<Self> {
        Ok(Self { ms: parse(text)?.0, ago: ago(text) })
    }

    /// The last millisecond that a date means; see [`latest_ms`](super::latest_ms).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the text is no date.
    pub fn latest(text: &str) -> Result<Self> {
        Ok(Self { ms: parse(text)?.1, ago: ago(text) })
    }

    /// Milliseconds since 1970, UTC.
    pub const fn ms(&self) -> i64 {
        self.ms
    }

    /// Whether both are the same words that count back from now.
    pub(super) fn has_words_of(&self, other: &Self) -> bool {
        self.ago.is_some() && self.ago == other.ago
    }
}

impl From<i64> for Moment {
    fn from(ms: i64) -> Self {
        Self { ms, ago: None }
    }
}

fn ago(text: &str) -> Option<String> {
    let text = text.trim();
    is_relative(text).then(|| text.to_owned())
}

/// A moment as plans store it: a number, or `{"ms":1614834367125,"ago":"30d"}`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredMoment {
    Number(i64),
    Relative { ms: i64, ago: String },
}

impl From<StoredMoment> for Moment {
    fn from(stored: StoredMoment) -> Self {
        match stored {
            StoredMoment::Number(ms) => ms.into(),
            StoredMoment::Relative { ms, ago } => Self { ms, ago: Some(ago) },
        }
    }
}

impl From<Moment> for StoredMoment {
    fn from(Moment { ms, ago }: Moment) -> Self {
        match ago {
            None => Self::Number(ms),
            Some(ago) => Self::Relative { ms, ago },
        }
    }
}
