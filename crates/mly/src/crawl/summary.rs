//! The summary of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sink::{Loss, Losses};
use crate::tile::TileId;

/// What a run has done, and what it cost.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows of the result, without those that its format cannot hold.
    pub rows: u64,
    /// Rows among them that an earlier run of the same plan has written.
    pub resumed: u64,
    /// Rows among them that an update has taken over from the earlier result.
    pub kept: u64,
    /// Rows of the earlier result whose ids the update has found again, and replaced by new rows.
    pub replaced: u64,
    /// Rows among these that are the same as before.
    pub unchanged: u64,
    /// Tile requests sent, retries included.
    pub tiles: u64,
    /// Lookups by id sent, retries included.
    pub entities: u64,
    /// Searches sent, retries included.
    pub searches: u64,
    /// Requests for photos and other files sent, retries included.
    pub files: u64,
    /// Bytes of all answers as they were received, before decompression.
    pub bytes: u64,
    /// Tiles that were taken from the cache.
    pub cache_hits: u64,
    /// Retries of requests.
    pub retries: u64,
    /// Time spent waiting for budgets and before retries, added up over all requests. It can be longer than `elapsed`,
    /// since requests wait at the same time.
    pub waited: Duration,
    /// Time since the run began.
    pub elapsed: Duration,
    /// Tiles that were taken as empty, because every request for them was answered with 404.
    pub missing: Vec<TileId>,
    /// Ids that were not found, sorted.
    pub not_found: Vec<String>,
    /// Ids that the service could not answer while it answered others, and why; sorted.
    pub failed: Vec<(String, String)>,
    /// What could not be read: features left out because they have no id or a geometry of another kind, and values left
    /// empty because they are not what their column holds.
    pub misfits: u64,
    /// The values among `misfits`, by the name of their column.
    pub unread: BTreeMap<String, u64>,
    /// What of the result is not in its file, because its format cannot hold it.
    pub losses: Losses,
}

impl Summary {
    /// Requests of all kinds, retries included.
    pub fn requests(&self) -> u64 {
        self.tiles + self.entities + self.searches + self.files
    }

    /// Whether a text is a summary in JSON, as [`Summary::to_json`] makes it in this or an earlier version.
    pub fn is_json(text: &str) -> bool {
        const NAMES: [&str; 5] = ["rows", "requests", "bytes", "retries", "seconds"];
        let found: Option<Value> = serde_json::from_str(text).ok();
        found.is_some_and(|found| NAMES.iter().all(|name| found.get(name).is_some()))
    }

    /// The summary as a JSON object; times are in seconds.
    pub fn to_json(&self) -> Value {
        json!({
            "rows": self.rows,
            "resumed": self.resumed,
            "kept": self.kept,
            "replaced": self.replaced,
            "unchanged": self.unchanged,
            "requests": {
                "tiles": self.tiles,
                "entities": self.entities,
                "searches": self.searches,
                "files": self.files,
            },
            "bytes": self.bytes,
            "cache_hits": self.cache_hits,
            "retries": self.retries,
            "waited": self.waited.as_secs_f64(),
            "seconds": self.elapsed.as_secs_f64(),
            "missing": self.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "not_found": self.not_found,
            "failed": self.failed.iter().map(|(id, _)| id).collect::<Vec<_>>(),
            "misfits": self.misfits,
            "unread": self.unread,
            "losses": {
                "values": self.losses.values,
                "rows": self.losses.rows,
                "first": self.losses.first.iter().map(loss).collect::<Vec<_>>(),
            },
        })
    }
}

fn loss(loss: &Loss) -> Value {
    json!({"id": loss.id, "why": loss.why, "is_row": loss.is_row})
}
