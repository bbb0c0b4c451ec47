//! A run in steps, after each of which it can be left and gone on with.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::rows::Merge;

/// What a run does, in order.
pub(super) type Steps = BoxStream<'static, Result<Step>>;

/// Rows, and what is done when they are written.
#[derive(Debug)]
pub(super) struct Step {
    /// May be empty.
    pub(super) rows: RecordBatch,
    pub(super) done: Done,
    pub(super) note: Option<Note>,
}

impl Step {
    pub(super) fn without_rows(schema: &SchemaRef, done: Done, note: Option<Note>) -> Self {
        Self { rows: RecordBatch::new_empty(SchemaRef::clone(schema)), done, note }
    }
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Requests of the plan whose rows are complete, or pages; then sequences.
    pub(super) steps: u64,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    /// What is done of an earlier result, after everything else.
    #[serde(default, skip_serializing_if = "Merged::is_nothing")]
    pub(super) merged: Merged,
}

/// How much of an earlier result is merged with what is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Merged {
    /// Batches of it that are done.
    pub(super) batches: u64,
    /// Rows in them that are in the new result.
    pub(super) kept: u64,
    /// Rows in them that are not, since their ids have come anew.
    pub(super) replaced: u64,
}

impl Merged {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Done {
    pub(super) fn steps(steps: u64) -> Self {
        Self { steps, ..Self::default() }
    }
}

/// What later steps need to know of earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) kind: NoteKind,
    pub(super) bytes: Vec<u8>,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoteKind {
    /// The tiles that lines of a lower zoom touch.
    Touched,
    /// What a tile shows of sequences.
    Pieces,
    /// Rows of ids that are listed again.
    Repeated,
    /// What the graph shows of a sequence.
    Completed,
    /// Ids of rows, where they are texts and are wanted later.
    Written,
}

/// Where a run begins: at its beginning, or where an earlier one was left.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) done: Done,
    /// Rows that are written.
    pub(super) rows: u64,
    /// Their ids.
    pub(super) merge: Merge,
    pub(super) notes: Vec<Note>,
    /// Whether notes are wanted.
    pub(super) keeps_notes: bool,
}

impl Start {
    /// The notes of a kind, in the order in which they were made.
    pub(super) fn take_notes(&mut self, kind: NoteKind) -> Vec<Vec<u8>> {
        self.notes.extract_if(.., |note| note.kind == kind).map(|note| note.bytes).collect()
    }
}
