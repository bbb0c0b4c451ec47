//! The records of the journal's log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spool::{ROWS, SpooledFile};
use crate::crawl::gaps::{Gaps, is_zero};
use crate::crawl::step::{Done, NoteKind};
use crate::file::{Extent, SinkState};

/// Version of the records. A journal with another version is not resumed.
const VERSION: u32 = 2;

/// The head of a record, which is stored as JSON before its bytes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LogRecord {
    /// The first record: which work this is.
    Work(WorkIdentity),
    /// Every further record: how far the work is.
    Checkpoint(Box<Checkpoint>),
}

/// Identifies unfinished work. It is resumed only by a run with an equal identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkIdentity {
    version: u32,
    pub(super) format: String,
    /// The plan as JSON, which holds no token.
    pub(super) plan: serde_json::Value,
    /// Name of the layer in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) layer: Option<String>,
    /// Identifies the earlier result, if the work is an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<serde_json::Value>,
}

impl WorkIdentity {
    pub(super) fn new(
        format: &str,
        plan: serde_json::Value,
        update: Option<serde_json::Value>,
        layer: Option<&str>,
    ) -> Self {
        Self { version: VERSION, format: format.to_owned(), plan, update, layer: layer.map(str::to_owned) }
    }

    /// Why this is not the wanted work; `None` if it is.
    pub(super) fn differs_from(&self, wanted: &Self) -> Option<&'static str> {
        if self.version != wanted.version {
            Some("it was begun by another version of mly")
        } else if self.plan != wanted.plan {
            Some("it is the work of another query")
        } else if self.update != wanted.update {
            Some("it began with another earlier result, or with none")
        } else if self.format != wanted.format {
            Some("it is in another format")
        } else {
            (self.layer != wanted.layer).then_some("its layer has another name")
        }
    }
}

/// How far the work is. The bytes of its record are the ids of the rows since the previous checkpoint (8 bytes each,
/// little-endian), followed by the note.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) done: Done,
    /// Rows of the result so far.
    pub(super) rows: u64,
    /// Rows that were left out of it, because its format cannot hold them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) left_out: u64,
    /// How many of them the sink has settled, and what it needs to resume after those.
    pub(super) settled: SinkState,
    /// The spooled files, which hold the rows that are not settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) kept: Vec<SpooledFile>,
    /// Number of the next spooled file.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) spooled: u64,
    /// The lengths and checksums of all files.
    pub(super) files: BTreeMap<String, Extent>,
    /// Whether all files were synced before this record was written, so that a loss of power does not take it away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_durable: bool,
    /// How many of the bytes of the record are ids.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) ids: u64,
    /// What the other bytes are, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<NoteKind>,
    /// The step that needs the note, if it is not needed until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note_of: Option<u64>,
    /// The gaps that were found since the previous checkpoint.
    #[serde(default, skip_serializing_if = "Gaps::is_empty")]
    pub(super) gaps: Gaps,
}

impl Checkpoint {
    /// The files that a resumed run continues. If the sink has settled nothing, it starts with empty files, so that
    /// only spooled files are left.
    pub(super) fn files_in_use(&self) -> BTreeMap<String, Extent> {
        let is_in_use = |name: &str| self.settled.rows > 0 || name.starts_with(ROWS);
        self.files.iter().filter(|(name, _)| is_in_use(name)).map(|(name, at)| (name.clone(), *at)).collect()
    }
}
