//! What a journal records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spool::{ROWS, SpooledFile};
use crate::crawl::gaps::Gaps;
use crate::crawl::step::{Done, NoteKind, is_zero};
use crate::file::{Extent, Settled};

/// Number of the layout of records; another one is refused.
const VERSION: u32 = 1;

/// The head of a record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LogRecord {
    /// The first one: what the work is.
    Work(WorkIdentity),
    /// Further ones: how far it is.
    Checkpoint(Box<Checkpoint>),
}

/// What is worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkIdentity {
    version: u32,
    pub(super) format: String,
    /// The plan as JSON, which holds no token.
    pub(super) plan: serde_json::Value,
    /// The earlier result that is brought up to date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<serde_json::Value>,
}

impl WorkIdentity {
    pub(super) fn new(format: &str, plan: serde_json::Value, update: Option<serde_json::Value>) -> Self {
        Self { version: VERSION, format: format.to_owned(), plan, update }
    }

    /// Why this is not the work that is to be done.
    pub(super) fn differs_from(&self, wanted: &Self) -> Option<&'static str> {
        if self.version != wanted.version {
            Some("it was begun by another version of mly")
        } else if self.plan != wanted.plan {
            Some("it is the work of another query")
        } else if self.update != wanted.update {
            Some("it began with another earlier result, or with none")
        } else {
            (self.format != wanted.format).then_some("it is in another format")
        }
    }
}

/// How far the work is. The bytes behind it are the ids of the rows since the mark before, and a note.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) done: Done,
    /// Rows so far.
    pub(super) rows: u64,
    /// What the sink has of them.
    pub(super) settled: Settled,
    /// Where the others are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) kept: Vec<SpooledFile>,
    /// How many files there have been of these.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) spooled: u64,
    /// How long all files are.
    pub(super) files: BTreeMap<String, Extent>,
    /// Whether a loss of power takes nothing away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_durable: bool,
    /// How many of the bytes are ids.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) ids: u64,
    /// What the other bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<NoteKind>,
    /// What the result lacks, as far as it is new.
    #[serde(default, skip_serializing_if = "Gaps::is_empty")]
    pub(super) gaps: Gaps,
}

impl Checkpoint {
    /// The files that are gone on with: a sink that has settled nothing begins anew.
    pub(super) fn files_in_use(&self) -> BTreeMap<String, Extent> {
        let is_in_use = |name: &str| self.settled.rows > 0 || name.starts_with(ROWS);
        self.files.iter().filter(|(name, _)| is_in_use(name)).map(|(name, at)| (name.clone(), *at)).collect()
    }
}
