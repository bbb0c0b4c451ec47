//! Delays requests, so that they keep to the limits of the service.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use super::options::Options;
use crate::api::Endpoint;
use crate::api::limits::BLOCK_LASTS;
use crate::error::{Error, Limit, Result};
use crate::redact::Token;
use crate::store::{Clock, Ledger, Limits, Reservation};

/// How many tiles may still be requested; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TileBudget {
    /// In each minute.
    pub per_minute: Option<u32>,
    /// Now. The number grows again when requests become older than 24 hours.
    pub left_today: Option<u64>,
}

/// Makes requests wait until the limits of their endpoint have room.
///
/// Requests are counted in a [`Ledger`], either on disk, where all processes share it, or in memory.
#[derive(Debug)]
pub(super) struct Pacer {
    lanes: [Lane; 3],
    /// A ledger on disk is replaced by one in memory if it can no longer be written.
    ledger: RwLock<Arc<Ledger>>,
    token: Token,
    clock: Clock,
}

/// Requests to one endpoint, which are sent in the order in which they came.
#[derive(Debug)]
struct Lane {
    limits: Limits,
    turn: Mutex<()>,
}

/// No request may be sent for so long that the run fails instead of waiting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LongWait {
    /// [`Limit::Budget`] or [`Limit::Blocked`].
    pub(super) limit: Limit,
    /// The message.
    pub(super) what: String,
    pub(super) free_in: Duration,
}

impl Pacer {
    /// A pacer with a ledger on disk, or with one in memory if `ledger` is `None`.
    pub(super) fn new(options: &Options, token: &Token, ledger: Option<Ledger>) -> Result<Self> {
        let lanes =
            Endpoint::ALL.map(|endpoint| Lane { limits: options.limits(endpoint), turn: Mutex::default() });
        let (token, clock) = (token.clone(), options.clock().clone());
        let ledger = ledger.map_or_else(|| Ledger::in_memory(&token, clock.clone()), Ok)?;
        Ok(Self { lanes, ledger: RwLock::new(Arc::new(ledger)), token, clock })
    }

    /// Waits until a request to an endpoint may be sent to a host, and counts it. Returns how long that took.
    ///
    /// Waits for the limit per minute. A used-up daily limit or a known block is an error.
    pub(super) async fn wait(&self, endpoint: Endpoint, host: &str) -> Result<Duration, LongWait> {
        let [tiles, entities, searches] = &self.lanes;
        let lane = match endpoint {
            Endpoint::Tiles => tiles,
            Endpoint::Entities => entities,
            Endpoint::Searches => searches,
        };
        let begin = Instant::now();
        let mut ledger = self.ledger();
        // Without limits and other processes nobody reads the counts, and counting takes longer than an answer of an
        // emulator on this machine.
        if lane.limits == Limits::default() && ledger.is_in_memory() {
            return Ok(Duration::ZERO);
        }
        let _turn = lane.turn.lock().await;
        loop {
            match reserve(Arc::clone(&ledger), endpoint, host.to_owned(), lane.limits).await {
                Ok(Reservation::Granted) => return Ok(begin.elapsed()),
                Ok(Reservation::Wait(pause)) => tokio::time::sleep(pause).await,
                Ok(Reservation::DayUsedUp { limit, free_in }) => {
                    let what = format!("the budget of {limit} {endpoint} per day is used up");
                    return Err(LongWait { limit: Limit::Budget, what, free_in });
                }
                Ok(Reservation::Blocked { free_in }) => {
                    let what = "this address was blocked before, and may still be".to_owned();
                    return Err(LongWait { limit: Limit::Blocked, what, free_in });
                }
                Err(why) => match self.replace(&ledger, &why) {
                    Some(other) => ledger = other,
                    // Without any ledger the request is sent uncounted; the service still enforces its own limits.
                    None => return Ok(begin.elapsed()),
                },
            }
        }
    }

    /// Records that a host has blocked this address, since more requests would make the block longer.
    pub(super) fn note_block(&self, host: &str) {
        let ledger = self.ledger();
        if let Err(why) = ledger.block(host, BLOCK_LASTS)
            && let Some(other) = self.replace(&ledger, &why)
            && let Err(why) = other.block(host, BLOCK_LASTS)
        {
            warn!(%why, "cannot record that this IP address is blocked");
        }
    }

    /// How many tiles may still be requested, by the requests that the ledger has counted.
    pub(super) fn tile_budget(&self) -> TileBudget {
        let [Lane { limits: Limits { per_minute, per_day }, .. }, ..] = self.lanes;
        let sent = || {
            let usage = self.ledger().usage().unwrap_or_default();
            usage.iter().find(|usage| usage.endpoint == Endpoint::Tiles).map_or(0, |usage| usage.last_day)
        };
        let left_today = per_day.map(|limit| u64::from(limit).saturating_sub(sent()));
        TileBudget { per_minute, left_today }
    }

    fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces a ledger that cannot be written by one in memory, so that at least this process keeps to the limits.
    /// `None` if the ledger is in memory already.
    fn replace(&self, failed: &Arc<Ledger>, why: &Error) -> Option<Arc<Ledger>> {
        let mut current = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        // Another request may have replaced it in the meantime.
        if Arc::ptr_eq(&current, failed) {
            if failed.is_in_memory() {
                return None;
            }
            warn!(%why, "the budget of this machine cannot be written; this process counts for itself");
            *current = Arc::new(Ledger::in_memory(&self.token, self.clock.clone()).ok()?);
        }
        Some(Arc::clone(&current))
    }
}

/// Asks a ledger whether a request may be sent. A ledger on disk is asked off the I/O threads, since it may block.
async fn reserve(
    ledger: Arc<Ledger>,
    endpoint: Endpoint,
    host: String,
    limits: Limits,
) -> Result<Reservation> {
    if ledger.is_in_memory() {
        return ledger.reserve(endpoint, &host, limits);
    }
    let reserved = tokio::task::spawn_blocking(move || ledger.reserve(endpoint, &host, limits)).await;
    reserved.unwrap_or_else(|failed| Err(Error::internal("the ledger's thread failed").with_source(failed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that follows tokio's, which tests can stop.
    fn clock() -> Clock {
        let begin = Instant::now();
        Clock::new(move || 1_800_000_000_000 + i64::try_from(begin.elapsed().as_millis()).unwrap())
    }

    fn pacer(options: &Options, dir: Option<&std::path::Path>) -> Pacer {
        let token = Token::new("MLY|1|secret").unwrap();
        let ledger = dir.map(|dir| Ledger::open(dir, &token, options.clock().clone()).unwrap());
        Pacer::new(options, &token, ledger).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_room_and_go_out_in_the_order_in_which_they_came() {
        let options = Options::default().with_clock(clock()).with_tiles_per_minute(50);
        let pacer = Arc::new(pacer(&options, None));
        let sent = Arc::new(std::sync::Mutex::new(Vec::new()));
        let begin = Instant::now();
        let waiting = (0..60).map(|number| {
            let (pacer, sent) = (Arc::clone(&pacer), Arc::clone(&sent));
            async move {
                pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap();
                sent.lock().unwrap().push((number, begin.elapsed().as_secs()));
            }
        });
        futures_util::future::join_all(waiting).await;
        let sent = sent.lock().unwrap();
        assert!(sent.iter().map(|(number, _)| *number).eq(0..60));
        assert_eq!(sent.iter().filter(|(_, seconds)| *seconds == 0).count(), 10);
        assert!(sent[50].1 >= 60 && sent[59].1 < 70, "{sent:?}");
        assert_eq!(pacer.tile_budget().per_minute, Some(50));
    }

    #[tokio::test]
    async fn a_used_up_day_and_a_block_are_errors_at_once() {
        let pacer = pacer(&Options::default().with_tiles_per_day(1), None);
        pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap();
        let LongWait { limit, what, .. } = pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap_err();
        assert_eq!((limit, &*what), (Limit::Budget, "the budget of 1 tiles per day is used up"));
        pacer.note_block("graph.example");
        let blocked = pacer.wait(Endpoint::Entities, "graph.example").await.unwrap_err();
        assert!(blocked.limit == Limit::Blocked && blocked.free_in + Duration::from_secs(60) > BLOCK_LASTS);
    }

    #[tokio::test]
    async fn a_ledger_that_cannot_be_written_any_more_is_replaced_by_one_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let pacer = pacer(&Options::default().with_tiles_per_day(2), Some(dir.path()));
        let other = rusqlite::Connection::open(dir.path().join("budget.sqlite")).unwrap();
        other.execute_batch("DROP TABLE spent").unwrap();
        for _ in 0..2 {
            pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap();
        }
        assert_eq!(pacer.tile_budget().left_today, Some(0));
        let full = pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap_err();
        assert_eq!(full.limit, Limit::Budget);
        pacer.note_block("tiles.example");
        assert_eq!(pacer.wait(Endpoint::Tiles, "tiles.example").await.unwrap_err().limit, Limit::Blocked);
    }
}
