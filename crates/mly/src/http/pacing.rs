//! Delays requests, so that they keep to the limits of the service.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tracing::warn;

use super::options::Options;
use super::uncounted::UncountedRequests;
use crate::api::Endpoint;
use crate::error::{Error, Limit, Result};
use crate::store::{Ledger, Limits, Reservation};

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
    /// A ledger that can no longer be used is replaced by one that goes on counting where it failed.
    ledger: RwLock<Arc<Ledger>>,
    /// What was wrong with the ledgers so far.
    notices: std::sync::Mutex<Vec<String>>,
    /// Limits how many requests to the service are in flight at once, over all runs of the client.
    slots: Semaphore,
}

/// Requests to one endpoint, which are sent in the order in which they came.
#[derive(Debug)]
struct Lane {
    limits: Limits,
    turn: Mutex<()>,
    uncounted: UncountedRequests,
}

/// A request may be sent now, and takes one of the places of requests in flight until this is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    _slot: Option<SemaphorePermit<'a>>,
    /// How long it took to get.
    pub(super) waited: Duration,
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
    pub(super) fn new(options: &Options, ledger: Option<Ledger>) -> Result<Self> {
        let lanes = Endpoint::ALL.map(|endpoint| {
            let limits = options.limits(endpoint);
            Lane { limits, turn: Mutex::default(), uncounted: UncountedRequests::default() }
        });
        let ledger = ledger.map_or_else(|| Ledger::in_memory(options.clock().clone()), Ok)?;
        let notices = ledger.notice().map(str::to_owned).into_iter().collect();
        let slots = Semaphore::new(options.concurrency().min(Semaphore::MAX_PERMITS));
        let ledger = RwLock::new(Arc::new(ledger));
        Ok(Self { lanes, ledger, notices: std::sync::Mutex::new(notices), slots })
    }

    /// Waits until a request to an endpoint may be sent to a host, and counts it. It must be sent at once.
    ///
    /// Waits for the limit per minute and for requests in flight. A used-up daily limit or a known block is an error.
    pub(super) async fn permit(&self, endpoint: Endpoint, host: &str) -> Result<Permit<'_>, LongWait> {
        let begin = Instant::now();
        // Waiting for other requests to end is no waiting for a limit.
        let mut in_line = Duration::ZERO;
        let lane = self.lane(endpoint);
        let mut ledger = self.ledger();
        // Without limits and other processes nobody reads the counts.
        let is_unlimited = lane.limits == Limits::default();
        if is_unlimited && (ledger.is_in_memory() || lane.uncounted.may_add(host)) {
            return Ok(Permit { _slot: self.slots.acquire().await.ok(), waited: Duration::ZERO });
        }
        self.count_now(endpoint);
        let _turn = lane.turn.lock().await;
        loop {
            // First the slot, then the count: a request that is counted and then waits for a slot would be sent later
            // than it is counted, and together with others. The semaphore is never closed.
            let ready = Instant::now();
            let slot = self.slots.acquire().await.ok();
            in_line += ready.elapsed();
            match reserve(Arc::clone(&ledger), endpoint, host.to_owned(), lane.limits).await {
                Ok(Reservation::Granted) => {
                    if is_unlimited {
                        lane.uncounted.begin(host);
                    }
                    return Ok(Permit { _slot: slot, waited: begin.elapsed().saturating_sub(in_line) });
                }
                Ok(Reservation::Wait(pause)) => {
                    drop(slot);
                    tokio::time::sleep(pause).await;
                }
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
                    None => {
                        return Ok(Permit { _slot: slot, waited: begin.elapsed().saturating_sub(in_line) });
                    }
                },
            }
        }
    }

    /// Tells the ledger of the requests of a lane that it does not know yet.
    fn count_now(&self, endpoint: Endpoint) {
        let (host, requests) = self.lane(endpoint).uncounted.take();
        if requests > 0 {
            self.write("cannot count requests", |ledger| ledger.count_now(endpoint, &host, requests));
        }
    }

    /// Records that a host has blocked this address for some time, since more requests would make the block longer.
    pub(super) fn note_block(&self, host: &str, lasts: Duration) {
        // The next request of each lane asks the ledger, which knows the block.
        for endpoint in Endpoint::ALL {
            self.count_now(endpoint);
        }
        self.write("cannot record that this IP address is blocked", |ledger| ledger.block(host, lasts));
    }

    /// Counts requests that an earlier part of a run has sent, if the ledger has lost its counts since.
    pub(super) fn count_earlier(&self, endpoint: Endpoint, host: &str, requests: u64) {
        if self.ledger().is_anew() {
            self.write("cannot count earlier requests", |ledger| ledger.count(endpoint, host, requests));
        }
    }

    /// Writes to the ledger, or to the one that replaces it.
    fn write(&self, failed: &'static str, work: impl Fn(&Ledger) -> Result<()>) {
        let ledger = self.ledger();
        if let Err(why) = work(&ledger)
            && let Some(other) = self.replace(&ledger, &why)
            && let Err(why) = work(&other)
        {
            warn!(%why, "{failed}");
        }
    }

    /// How many tiles may still be requested from a host, by the requests that the ledger has counted.
    pub(super) fn tile_budget(&self, host: &str) -> TileBudget {
        let Limits { per_minute, per_day } = self.lane(Endpoint::Tiles).limits;
        let sent = || self.ledger().usage(Endpoint::Tiles, host).map_or(0, |usage| usage.last_day);
        let left_today = per_day.map(|limit| u64::from(limit).saturating_sub(sent()));
        TileBudget { per_minute, left_today }
    }

    /// What was wrong with the ledger so far, one sentence each.
    pub(super) fn notices(&self) -> Vec<String> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lane(&self, endpoint: Endpoint) -> &Lane {
        let [tiles, entities, searches] = &self.lanes;
        match endpoint {
            Endpoint::Tiles => tiles,
            Endpoint::Entities => entities,
            Endpoint::Searches => searches,
        }
    }

    fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces a ledger that failed by its successor. `None` if it is in memory already.
    fn replace(&self, failed: &Arc<Ledger>, why: &Error) -> Option<Arc<Ledger>> {
        let mut current = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        // Another request may have replaced it in the meantime.
        if Arc::ptr_eq(&current, failed) {
            let next = failed.successor(why)?;
            if let Some(notice) = next.notice() {
                warn!("{notice}");
                self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice.to_owned());
            }
            *current = Arc::new(next);
        }
        Some(Arc::clone(&current))
    }
}

impl Drop for Pacer {
    fn drop(&mut self) {
        for endpoint in Endpoint::ALL {
            self.count_now(endpoint);
        }
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
    match tokio::task::spawn_blocking(move || ledger.reserve(endpoint, &host, limits)).await {
        Ok(reserved) => reserved,
        // The runtime is ending and did not begin this work. It also drops the task that waits here.
        Err(ended) if ended.is_cancelled() => std::future::pending().await,
        Err(failed) => Err(Error::internal("the ledger's thread failed").with_source(failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Clock;

    /// A clock that follows tokio's, which tests can stop.
    fn clock() -> Clock {
        let begin = Instant::now();
        Clock::new(move || 1_800_000_000_000 + i64::try_from(begin.elapsed().as_millis()).unwrap())
    }

    fn pacer(options: &Options, dir: Option<&std::path::Path>) -> Pacer {
        let ledger = dir.map(|dir| Ledger::open(dir, options.clock().clone()).unwrap());
        Pacer::new(options, ledger).unwrap()
    }

    const TILES: &str = "tiles.example";

    async fn send(pacer: &Pacer) -> Result<(), LongWait> {
        pacer.permit(Endpoint::Tiles, TILES).await.map(drop)
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
                let permit = pacer.permit(Endpoint::Tiles, TILES).await.unwrap();
                sent.lock().unwrap().push((number, begin.elapsed(), permit.waited));
            }
        });
        futures_util::future::join_all(waiting).await;
        let sent = sent.lock().unwrap();
        assert!(sent.iter().map(|(number, ..)| *number).eq(0..60));
        assert_eq!(sent.iter().filter(|(_, at, _)| at.is_zero()).count(), 12);
        assert!(sent.windows(51).all(|minute| minute[50].1 >= minute[0].1 + Duration::from_secs(60)));
        assert!(sent.iter().all(|(_, at, waited)| at == waited));
        assert_eq!(pacer.tile_budget(TILES).per_minute, Some(50));
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test(start_paused = true)]
    async fn requests_without_a_limit_are_counted_once_a_second_and_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options::default().with_clock(clock()).with_tiles_per_minute(0).with_tiles_per_day(0);
        let pacer = pacer(&options, Some(dir.path()));
        let other = Ledger::open(dir.path(), options.clock().clone()).unwrap();
        let counted = || other.usage(Endpoint::Tiles, TILES).unwrap();
        for _ in 0..5 {
            send(&pacer).await.unwrap();
        }
        assert_eq!(counted().last_minute, 1);
        tokio::time::advance(Duration::from_millis(1001)).await;
        send(&pacer).await.unwrap();
        assert_eq!((counted().last_minute, counted().last_day), (6, 6));
        send(&pacer).await.unwrap();
        // A block that another process notes is known after a second, and one of this process at once.
        pacer.note_block("elsewhere.example", Duration::from_secs(60));
        assert_eq!(counted().last_day, 7);
        other.block(TILES, Duration::from_secs(60)).unwrap();
        assert!(send(&pacer).await.is_err());
        other.forget_block(TILES).unwrap();
        send(&pacer).await.unwrap();
        send(&pacer).await.unwrap();
        drop(pacer);
        assert_eq!(counted().last_day, 9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_counted_only_when_it_can_be_sent() {
        let options = Options::default().with_clock(clock()).with_tiles_per_day(9).with_concurrency(1);
        let pacer = pacer(&options, None);
        let first = pacer.permit(Endpoint::Tiles, TILES).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_secs(5), send(&pacer)).await;
        assert!(waiting.is_err(), "the only place is taken");
        assert_eq!(pacer.tile_budget(TILES).left_today, Some(8));
        drop(first);
        let next = pacer.permit(Endpoint::Tiles, TILES).await.unwrap();
        assert_eq!((pacer.tile_budget(TILES).left_today, next.waited), (Some(7), Duration::ZERO));
    }

    #[tokio::test]
    async fn a_used_up_day_and_a_block_are_errors_at_once() {
        let pacer = pacer(&Options::default().with_tiles_per_day(1), None);
        send(&pacer).await.unwrap();
        let LongWait { limit, what, .. } = send(&pacer).await.unwrap_err();
        assert_eq!((limit, &*what), (Limit::Budget, "the budget of 1 tiles per day is used up"));
        let lasts = Duration::from_secs(3600);
        pacer.note_block("graph.example", lasts);
        let blocked = pacer.permit(Endpoint::Entities, "graph.example").await.unwrap_err();
        assert!(blocked.limit == Limit::Blocked && blocked.free_in + Duration::from_secs(60) > lasts);
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn a_ledger_that_cannot_be_written_any_more_goes_on_counting_in_memory_and_says_so_once() {
        let dir = tempfile::tempdir().unwrap();
        let pacer = pacer(&Options::default().with_tiles_per_day(3), Some(dir.path()));
        send(&pacer).await.unwrap();
        let other = rusqlite::Connection::open(dir.path().join("budget.sqlite")).unwrap();
        other.execute_batch("DROP TABLE sent").unwrap();
        for _ in 0..2 {
            send(&pacer).await.unwrap();
        }
        assert_eq!(pacer.tile_budget(TILES).left_today, Some(0));
        assert_eq!(send(&pacer).await.unwrap_err().limit, Limit::Budget);
        pacer.note_block(TILES, Duration::from_secs(60));
        assert_eq!(send(&pacer).await.unwrap_err().limit, Limit::Blocked);
        let [notice] = &pacer.notices()[..] else { panic!("{:?}", pacer.notices()) };
        assert!(notice.contains("can no longer be written"), "{notice}");
    }
}
