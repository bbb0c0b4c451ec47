//! What a run has done.

use std::time::Duration;

use serde_json::{Value, json};

use crate::tile::TileId;

/// What a run has done, and what it cost.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows of the result.
    pub rows: u64,
    /// Tile requests sent, repetitions included.
    pub tiles: u64,
    /// Bytes of all answers as sent.
    pub bytes: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Time spent waiting for budgets and before repetitions, added up over all requests.
    pub waited: Duration,
    /// Time since the run began.
    pub elapsed: Duration,
    /// Tiles that answered 404 to the end and were taken as empty.
    pub missing: Vec<TileId>,
    /// Features left out because they have no id or a geometry of another kind.
    pub misfits: u64,
}

impl Summary {
    /// The summary as a JSON object.
    pub fn to_json(&self) -> Value {
        json!({
            "rows": self.rows,
            "requests": { "tiles": self.tiles },
            "bytes": self.bytes,
            "cache_hits": 0,
            "retries": self.retries,
            "waited": self.waited.as_secs_f64(),
            "seconds": self.elapsed.as_secs_f64(),
            "missing": self.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "misfits": self.misfits,
        })
    }
}
