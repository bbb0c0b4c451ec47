//! The steps of a run. A run can stop after any step, and a later process can resume it there.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use super::gaps::{Gaps, is_zero};
use crate::error::Result;
use crate::rows::{Merge, Part};

/// The steps of a run, in order.
pub(super) type Steps = BoxStream<'static, Result<Step>>;

/// Some rows, and how far the run is once they are written.
#[derive(Debug)]
pub(super) struct Step {
    /// Empty for a step that only has a note, or whose rows come with a later step.
    pub(super) rows: RecordBatch,
    pub(super) done: Done,
    pub(super) note: Option<Note>,
    /// What is missing from the rows.
    pub(super) gaps: Gaps,
}

impl Step {
    pub(super) fn without_rows(schema: &SchemaRef, done: Done, note: Option<Note>) -> Self {
        let rows = RecordBatch::new_empty(SchemaRef::clone(schema));
        Self { rows, done, note, gaps: Gaps::default() }
    }
}

/// The rows of one request of the plan (or one page), and how far the run is after it.
pub(super) struct RequestOutcome {
    pub(super) part: Option<Part>,
    pub(super) done: Done,
    pub(super) note: Option<Note>,
    pub(super) gaps: Gaps,
}

pub(super) type RequestOutcomes = BoxStream<'static, Result<RequestOutcome>>;

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Finished requests of the plan (or pages). A query for sequences also counts the sequences that are done, which
    /// come after all requests.
    pub(super) steps: u64,
    /// The cursor of the next page of a search; `None` after the last page, and for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    /// The number of the search whose pages come next, where a plan has several searches with pages.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) search: u64,
    /// Batches of images that are a distance apart and are written, which happens after all requests.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) spaced: u64,
    /// How much of the earlier result is merged (updates only), which happens after everything else.
    #[serde(default, skip_serializing_if = "Merged::is_nothing")]
    pub(super) merged: Merged,
}

/// How much of the earlier result an update has merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Merged {
    /// Batches of the earlier result that are merged.
    pub(super) batches: u64,
    /// Rows in them that are taken over into the new result.
    pub(super) kept: u64,
    /// Rows in them that are left out, because the new result has their ids already.
    pub(super) replaced: u64,
    /// Rows of the new result that are the same as in the earlier one. These are counted before anything is merged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unchanged: u64,
    /// Whether the rows that were held back until the end are written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_complete: bool,
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

/// Data of a step that later steps need. It goes into the journal, since a resumed run does not have the step itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) kind: NoteKind,
    /// The step that needs it, counted as in [`Done::steps`]: the note is of no use once more steps are done than this
    /// number. `None` if it is needed until the end.
    pub(super) of: Option<u64>,
    pub(super) bytes: Vec<u8>,
}

impl Note {
    /// A note that is needed until the end of the run.
    pub(super) fn lasting(kind: NoteKind, bytes: Vec<u8>) -> Self {
        Self { kind, of: None, bytes }
    }
}

/// What a note holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoteKind {
    /// The tiles that the lines of one scout touch.
    Touched,
    /// Pieces of sequences in a tile.
    Pieces,
    /// Images that are held until it is known which of them are far enough apart.
    Held,
    /// Rows of ids that are listed again later in a lookup.
    Repeated,
    /// A sequence that was completed from the graph. It takes the place of the answers of its step.
    Completed,
    /// One answer for a step that needs more of them.
    Answer,
    /// Rows of an update whose look-up has failed, so that those of the earlier result are better.
    HeldBack,
    /// Ids of rows that the service shows and an update takes from the earlier result.
    LeftOut,
    /// Rows that may turn out to be the nearest ones of a point.
    Nearest,
    /// Ids of the rows of the next step, where ids are text. Numeric ids have their own place in the journal.
    Written,
}

/// Where a run starts: where an earlier run stopped, or by default at the beginning.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) done: Done,
    /// Rows that are written already.
    pub(super) rows: u64,
    /// The ids of those rows, where ids are numbers.
    pub(super) merge: Merge,
    pub(super) notes: Vec<Note>,
    /// Notes with answers, by the step that needs them.
    pub(super) answers: HashMap<u64, Vec<Vec<u8>>>,
    /// Whether steps need notes: only if a journal records them.
    pub(super) keeps_notes: bool,
}

impl Start {
    /// The notes of a kind, in the order in which they were made.
    pub(super) fn take_notes(&mut self, kind: NoteKind) -> Vec<Vec<u8>> {
        self.notes.extract_if(.., |note| note.kind == kind).map(|note| note.bytes).collect()
    }

    /// Adds a note from the journal of a run that has done `self.done`, unless it is of no use any more.
    pub(super) fn add_note(&mut self, note: Note) {
        match (note.kind, note.of) {
            (NoteKind::Answer, Some(step)) if step < self.done.steps => {}
            (NoteKind::Nearest, Some(step)) if step <= self.done.steps => {}
            (NoteKind::Answer, Some(step)) => self.answers.entry(step).or_default().push(note.bytes),
            (NoteKind::Completed, Some(step)) => {
                self.answers.remove(&step);
                self.notes.push(note);
            }
            _ => self.notes.push(note),
        }
    }
}

/// The steps up to a number of rows. Then the stream ends, and dropping it aborts the requests in flight.
pub(super) fn limited(steps: Steps, limit: u64) -> Steps {
    let steps = stream::try_unfold((steps, limit), |(mut steps, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(step) = steps.try_next().await? else { return Ok(None) };
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(step.rows.num_rows());
        let step = Step { rows: step.rows.slice(0, count), ..step };
        Ok(Some((step, (steps, left - count as u64))))
    });
    steps.boxed()
}
