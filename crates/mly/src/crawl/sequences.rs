//! Runs a query for sequences. Its rows come after the last tile, because any tile may show another piece of a line.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::known::KnownRows;
use super::step::{Note, NoteKind, RequestOutcome, RequestOutcomes, Start, Step, Steps};
use super::whole::{SequencesLeft, WholeSequences};
use crate::error::{Error, Result, internal};
use crate::rows::{Part, Pieces, Tracks};

/// The steps of a query for sequences: first one for each tile, then the rows.
pub(super) fn steps(
    whole: WholeSequences,
    requests: u64,
    mut start: Start,
    outcomes: RequestOutcomes,
    earlier: Option<Arc<KnownRows>>,
) -> Steps {
    let packed = start.take_notes(NoteKind::Pieces);
    let left = SequencesLeft {
        before: requests,
        done: start.done.steps.saturating_sub(requests),
        completed: start.take_notes(NoteKind::Completed),
        answers: std::mem::take(&mut start.answers),
        keeps_notes: start.keeps_notes,
    };
    let reader = SequenceReader { whole, left, earlier };
    let phase = SequencePhase::Resumed(packed, outcomes);
    stream::try_unfold((reader, phase), |(mut reader, phase)| async move {
        Ok(reader.next(phase).await?.map(|(step, phase)| (step, (reader, phase))))
    })
    .boxed()
}

/// The phase of a query for sequences.
enum SequencePhase {
    /// The start: pieces that an earlier run has read are still packed.
    Resumed(Vec<Vec<u8>>, RequestOutcomes),
    /// Reads tiles and joins their pieces to tracks.
    Tiles(RequestOutcomes, Tracks),
    /// All tiles are read; makes the rows.
    Rows(Steps),
}

/// Reads the pieces of all tiles, and then makes the rows.
struct SequenceReader {
    whole: WholeSequences,
    /// What is left to do once all tiles are read.
    left: SequencesLeft,
    /// Rows that an update takes over from the earlier result.
    earlier: Option<Arc<KnownRows>>,
}

impl SequenceReader {
    async fn next(&mut self, mut phase: SequencePhase) -> Result<Option<(Step, SequencePhase)>> {
        loop {
            phase = match phase {
                SequencePhase::Resumed(packed, outcomes) => SequencePhase::Tiles(outcomes, tracks(&packed)?),
                SequencePhase::Tiles(mut outcomes, mut tracks) => {
                    if let Some(outcome) = outcomes.try_next().await? {
                        let step = self.read(outcome, &mut tracks)?;
                        return Ok(Some((step, SequencePhase::Tiles(outcomes, tracks))));
                    }
                    let tracks = match (tracks.finish().map_err(internal)?, &self.earlier) {
                        (Some(tracks), Some(known)) => Some(known.without_cut(tracks).map_err(internal)?),
                        (tracks, _) => tracks,
                    };
                    SequencePhase::Rows(self.whole.clone().steps(tracks, std::mem::take(&mut self.left))?)
                }
                SequencePhase::Rows(mut rows) => {
                    return Ok(rows.try_next().await?.map(|step| (step, SequencePhase::Rows(rows))));
                }
            };
        }
    }

    /// Adds the pieces of a tile to the tracks, and packs them into a note for a run that resumes this one.
    fn read(&self, outcome: RequestOutcome, tracks: &mut Tracks) -> Result<Step> {
        let RequestOutcome { part, done, mut note, gaps } = outcome;
        match part {
            Some(Part::Lines(pieces)) => {
                if self.left.keeps_notes {
                    let bytes = pieces.pack().map_err(internal)?;
                    note = Some(Note::lasting(NoteKind::Pieces, bytes));
                }
                tracks.push(pieces);
            }
            Some(Part::Points(_)) => {
                return Err(Error::internal("the layer of sequences has answered with points"));
            }
            None => {}
        }
        Ok(Step { gaps, ..Step::without_rows(self.whole.schema(), done, note) })
    }
}

/// The tracks of the pieces that an earlier run has packed.
fn tracks(packed: &[Vec<u8>]) -> Result<Tracks> {
    let mut tracks = Tracks::default();
    for pieces in packed {
        tracks.push(Pieces::unpack(pieces).map_err(internal)?);
    }
    Ok(tracks)
}
