//! The answers so far.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::exchange::Exchange;
use super::placed::PlacedImage;
use super::step::Step;
use super::unanswered::Unanswered;

/// The answers so far, and the requests that were left out.
#[derive(Default)]
pub(super) struct Seen {
    /// The images of the place, once they are read.
    pub(super) images: OnceLock<Result<Vec<PlacedImage>, Unanswered>>,
    answers: BTreeMap<Step, Result<Exchange, Unanswered>>,
}

impl Seen {
    pub(super) fn note(&mut self, step: Step, exchange: Exchange) {
        self.answers.insert(step, Ok(exchange));
    }

    pub(super) fn leave_out(&mut self, step: Step, why: Unanswered) {
        self.answers.insert(step, Err(why));
    }

    /// Whether nothing was answered.
    pub(super) fn is_empty(&self) -> bool {
        self.answers.values().all(Result::is_err)
    }

    /// The answer to a request.
    pub(super) fn answer(&self, step: Step) -> Result<&Exchange, Unanswered> {
        match self.answers.get(&step) {
            Some(Ok(exchange)) => Ok(exchange),
            Some(Err(why)) => Err(why.clone()),
            None => Err(Unanswered::new("it was not asked, because the recording stopped")),
        }
    }

    /// The answers in the order of the script.
    pub(super) fn all(&self) -> impl Iterator<Item = (Step, &Exchange)> {
        self.answers.iter().filter_map(|(step, answer)| Some((*step, answer.as_ref().ok()?)))
    }
}
