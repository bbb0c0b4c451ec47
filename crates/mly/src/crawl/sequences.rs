//! Sequences, which wait for the last tile, since any may show another piece.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::area::{Answer, Answers};
use super::step::{Note, NoteKind, Start, Step, Steps};
use super::update::Known;
use super::whole::{Left, Whole};
use crate::error::Result;
use crate::error::internal;
use crate::plan::Plan;
use crate::rows::{Part, Pieces, Tracks};

/// The steps of a query for sequences: first one for each tile, then the rows.
pub(super) fn steps(
    whole: Whole,
    plan: &Plan,
    mut start: Start,
    answers: Answers,
    earlier: Option<Arc<Known>>,
) -> Steps {
    let known = start.take_notes(NoteKind::Pieces);
    let requests = plan.requests().count() as u64;
    let left = Left {
        before: requests,
        done: start.done.steps.saturating_sub(requests),
        completed: start.take_notes(NoteKind::Completed),
        keeps_notes: start.keeps_notes,
    };
    let reading = Reading { whole, left, earlier };
    let state = State::Known(known, answers);
    stream::try_unfold((reading, state), |(mut reading, state)| async move {
        Ok(reading.next(state).await?.map(|(step, state)| (step, (reading, state))))
    })
    .boxed()
}

/// What is going on.
enum State {
    /// An earlier run has read these pieces.
    Known(Vec<Vec<u8>>, Answers),
    /// Tiles are read.
    Tiles(Answers, Tracks),
    /// Rows are made.
    Rows(Steps),
}

struct Reading {
    whole: Whole,
    /// What is left to do once all tiles are read.
    left: Left,
    /// What an earlier result has.
    earlier: Option<Arc<Known>>,
}

impl Reading {
    async fn next(&mut self, mut state: State) -> Result<Option<(Step, State)>> {
        loop {
            state = match state {
                State::Known(known, answers) => State::Tiles(answers, tracks(&known)?),
                State::Tiles(mut answers, mut tracks) => {
                    if let Some(answer) = answers.try_next().await? {
                        let step = self.read(answer, &mut tracks)?;
                        return Ok(Some((step, State::Tiles(answers, tracks))));
                    }
                    let tracks = match (tracks.finish().map_err(internal)?, &self.earlier) {
                        (Some(tracks), Some(known)) => Some(known.without_cut(tracks).map_err(internal)?),
                        (tracks, _) => tracks,
                    };
                    State::Rows(self.whole.clone().steps(tracks, std::mem::take(&mut self.left)))
                }
                State::Rows(mut rows) => {
                    return Ok(rows.try_next().await?.map(|step| (step, State::Rows(rows))));
                }
            };
        }
    }

    /// Takes what a tile shows.
    fn read(&self, answer: Answer, tracks: &mut Tracks) -> Result<Step> {
        let Answer { part, done, mut note } = answer;
        if let Some(Part::Lines(pieces)) = part {
            if self.left.keeps_notes {
                let bytes = pieces.pack().map_err(internal)?;
                note = Some(Note { kind: NoteKind::Pieces, bytes });
            }
            tracks.push(pieces);
        }
        Ok(Step::without_rows(self.whole.schema(), done, note))
    }
}

fn tracks(known: &[Vec<u8>]) -> Result<Tracks> {
    let mut tracks = Tracks::default();
    for pieces in known {
        tracks.push(Pieces::unpack(pieces).map_err(internal)?);
    }
    Ok(tracks)
}
