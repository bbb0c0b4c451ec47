//! Saves answers that belong to a step which needs more of them, so that a run that is stopped in the middle of a step
//! loses no more than the requests under way.
//!
//! The detections of fifty images make one step, and so do the images of a sequence. Each answer for them goes into a
//! note of the journal at once. A resumed run takes these answers from the notes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::stream::{StreamExt, poll_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::step::{Done, Note, NoteKind, Step, Steps};
use crate::error::{Error, Result, internal};
use crate::rows::{pack, unpack};

/// Names an answer: the step that needs it, and which of the answers of that step it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct AnswerName {
    pub(super) step: u64,
    pub(super) name: String,
}

impl AnswerName {
    pub(super) fn new(step: u64, name: impl Into<String>) -> Self {
        Self { step, name: name.into() }
    }
}

/// The answers of steps that are not complete.
#[derive(Debug, Default)]
pub(super) struct SavedAnswers {
    /// Those of an earlier run.
    earlier: Mutex<HashMap<AnswerName, Vec<u8>>>,
    /// `None` if no journal records them.
    sender: Option<UnboundedSender<Note>>,
}

impl SavedAnswers {
    /// The answers of an earlier run, and the place for further ones if a journal records them.
    pub(super) fn new(
        earlier: HashMap<u64, Vec<Vec<u8>>>,
        keeps_notes: bool,
    ) -> (Arc<Self>, Option<UnboundedReceiver<Note>>) {
        let (sender, receiver) = unbounded_channel();
        let named = |(step, answers): (u64, Vec<Vec<u8>>)| {
            answers.into_iter().filter_map(move |bytes| {
                let end = bytes.iter().position(|byte| *byte == b'\n')?;
                let name = String::from_utf8(bytes[..end].to_vec()).ok()?;
                Some((AnswerName { step, name }, bytes[end + 1..].to_vec()))
            })
        };
        let earlier = Mutex::new(earlier.into_iter().flat_map(named).collect());
        let saved = Self { earlier, sender: keeps_notes.then_some(sender) };
        (Arc::new(saved), keeps_notes.then_some(receiver))
    }

    /// How many answers of an earlier run are left.
    pub(super) fn count(&self) -> usize {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The head and the rows of an answer that an earlier run has saved.
    pub(super) fn take<H: DeserializeOwned>(
        &self,
        name: &AnswerName,
    ) -> Result<Option<(H, Option<RecordBatch>)>> {
        let saved = self.earlier.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        let Some(bytes) = saved else { return Ok(None) };
        let broken = || Error::internal("a saved answer cannot be read");
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let head = serde_json::from_slice(&bytes[..end]).map_err(|e| broken().with_source(e))?;
        let rows = &bytes[end + 1..];
        let rows = (!rows.is_empty()).then(|| unpack(rows)).transpose().map_err(internal)?;
        Ok(Some((head, rows)))
    }

    /// Saves an answer: its head, and its rows if it has any.
    pub(super) fn save<H: Serialize>(
        &self,
        name: &AnswerName,
        head: &H,
        rows: Option<&RecordBatch>,
    ) -> Result<()> {
        let Some(sender) = &self.sender else { return Ok(()) };
        let mut bytes = name.name.clone().into_bytes();
        bytes.push(b'\n');
        serde_json::to_writer(&mut bytes, head)
            .map_err(|e| Error::internal("an answer cannot be saved").with_source(e))?;
        bytes.push(b'\n');
        if let Some(rows) = rows {
            bytes.extend(pack(rows).map_err(internal)?);
        }
        // Fails only when the steps were dropped, and then nobody needs the answer.
        let _ = sender.send(Note { kind: NoteKind::Answer, of: Some(name.step), bytes });
        Ok(())
    }
}

/// The same steps, and between them a step without rows for each answer as soon as it is saved. `done` is how far the
/// run is before the first step.
pub(super) fn with_saved(
    mut steps: Steps,
    saved: Option<UnboundedReceiver<Note>>,
    schema: SchemaRef,
    mut done: Done,
) -> Steps {
    let Some(mut saved) = saved else { return steps };
    poll_fn(move |context| {
        if let Poll::Ready(Some(note)) = saved.poll_recv(context) {
            return Poll::Ready(Some(Ok(Step::without_rows(&schema, done.clone(), Some(note)))));
        }
        let step = steps.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(step))) = &step {
            done.clone_from(&step.done);
        }
        step
    })
    .boxed()
}
