//! Sinks that can be taken up again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Sink;
use crate::error::Result;

/// What of a result needs no further rows to be written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settled {
    /// How many rows, from the first one on.
    pub(crate) rows: u64,
    /// What the format has to know to go on after them, besides its files.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) state: Value,
}

impl Settled {
    /// So many rows, and nothing that the format has to know.
    pub(super) fn rows(rows: u64) -> Self {
        Self { rows, state: Value::Null }
    }
}

/// A sink that another process can go on with, in a [`work`](super::Destination::work) destination.
///
/// Rows that are not settled have to be written again to the one that goes on.
pub(crate) trait Settle: Sink {
    /// Hands to the system all that does not wait for further rows.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn settle(&mut self) -> Result<Settled>;
}
