//! `mly doctor --record`: asks the service what is not known of it, and writes down what it answers.
//!
//! [`script`] lists the requests, [`questions`] the questions. Both are tables: a request is made from the answers before it,
//! and a question is answered from one or more answers. Names of users, tokens and signatures are taken out ([`scrub`])
//! before anything is written ([`folder`]).

mod ask;
mod bytes;
mod drawn;
mod exchange;
mod files;
mod folder;
mod graph;
mod payload;
mod place;
mod placed;
mod questions;
mod report;
mod script;
mod scrub;
mod seen;
mod sighting;
mod step;
mod tiles;
mod transport;
mod unanswered;

use std::time::Duration;

use mly::{Client, Error, Summary};

use exchange::Exchange;
use script::SCRIPT;
use seen::Seen;
use unanswered::Unanswered;

pub(crate) use folder::RecordFolder;
pub(crate) use place::PROBE;
pub(crate) use report::{Circumstances, Report};

/// What was asked and answered.
pub(crate) struct Recording {
    seen: Seen,
    /// Why the rest was not asked.
    pub(crate) stopped: Option<Error>,
}

impl Recording {
    /// Sends the requests of the script, one after the other, and counts them. Those that are not tiles wait for `gap`,
    /// since only tiles are paced so slowly.
    ///
    /// A block, a limit, a refused token and a network that is down end it: what was answered so far remains.
    pub(crate) async fn make(client: &Client, gap: Duration, summary: &mut Summary) -> Self {
        let mut recording = Self { seen: Seen::default(), stopped: None };
        for row in &SCRIPT {
            let ask = match (row.ask)(&recording.seen) {
                Ok(ask) => ask,
                Err(why) => {
                    recording.seen.leave_out(row.step, why);
                    continue;
                }
            };
            if !ask.is_tile() && !recording.seen.is_empty() {
                tokio::time::sleep(gap).await;
            }
            ask.count(summary);
            match client.observe(&ask.probe()).await {
                Ok(observed) => {
                    summary.bytes += observed.sent_bytes as u64;
                    let mut exchange = Exchange { ask, observed };
                    if let Some(refused) = exchange.refused_token() {
                        recording.stopped = Some(refused);
                        break;
                    }
                    recording.seen.note(row.step, exchange);
                }
                // Files are on hosts of others.
                Err(error) if ask.is_file() => {
                    recording.seen.leave_out(row.step, Unanswered::new(error.to_string()));
                }
                Err(error) => {
                    recording.stopped = Some(error);
                    break;
                }
            }
        }
        recording
    }

    /// The report, without secrets and names.
    pub(crate) fn report(&self, client: &Client, circumstances: &Circumstances) -> Report {
        Report::new(&self.seen, client, circumstances)
    }

    /// Whether the service has answered any request.
    pub(crate) fn has_answers(&self) -> bool {
        !self.seen.is_empty()
    }
}
