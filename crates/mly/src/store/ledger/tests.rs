use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::gap::Gaps;
use super::*;
use crate::api::Endpoint;
use crate::api::limits::BLOCK_LASTS;
use crate::store::clock::{Clock, Uptime};

pub(super) const HOST: &str = "tiles.example";
pub(super) const BEGIN_MS: i64 = 1_800_000_000_500;
pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// The true time since the test began, in milliseconds.
#[derive(Clone, Default)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// By how much the clock of a process is wrong, in milliseconds.
#[derive(Clone, Default)]
pub(super) struct Wrong(Arc<AtomicI64>);

impl Wrong {
    pub(super) fn by(&self, ms: i64) {
        self.0.store(ms, Ordering::Relaxed);
    }
}

/// A clock that can be set wrong, on a system that does not tell its uptime.
pub(super) fn clock(time: &Time) -> (Clock, Wrong) {
    let (time, wrong) = (time.clone(), Wrong::default());
    let shown = wrong.clone();
    (Clock::new(move || BEGIN_MS + time.ms() + shown.0.load(Ordering::Relaxed)), wrong)
}

/// A clock that can be set wrong, on a system that tells its uptime.
pub(super) fn clock_with_uptime(time: &Time) -> (Clock, Wrong) {
    let (clock, wrong) = clock(time);
    let time = time.clone();
    (clock.with_uptime(move || Some(Uptime { boot: "first".into(), ms: 77_000 + time.ms() })), wrong)
}

fn in_memory(clock: Clock) -> Ledger {
    with_seed(Ledger::in_memory(clock).unwrap(), 1)
}

pub(super) fn with_seed(mut ledger: Ledger, seed: u64) -> Ledger {
    ledger.gaps = Gaps::with_seed(seed);
    ledger
}

pub(super) fn take(ledger: &Ledger, limits: Limits) -> Reservation {
    ledger.reserve(Endpoint::Tiles, HOST, limits).unwrap()
}

fn per_minute(limit: u32) -> Limits {
    Limits { per_minute: Some(limit), per_day: None }
}

pub(super) fn per_day(limit: u32) -> Limits {
    Limits { per_minute: None, per_day: Some(limit) }
}

/// Sends as many requests as a ledger allows until `count` are sent, and returns when each was.
pub(super) fn send(ledger: &Ledger, time: &Time, limits: Limits, count: usize) -> Vec<i64> {
    let mut sent = Vec::new();
    while sent.len() < count {
        match take(ledger, limits) {
            Reservation::Granted => sent.push(time.ms()),
            Reservation::Wait(pause) => time.pass(milliseconds(pause).max(1)),
            Reservation::DayUsedUp { free_in, .. } => time.pass(milliseconds(free_in).max(1)),
            blocked @ Reservation::Blocked { .. } => panic!("nobody has blocked this: {blocked:?}"),
        }
    }
    sent
}

/// Asserts that no window of this length has more than `limit` requests.
pub(super) fn assert_no_window_has_more(sent: &[i64], limit: usize, length_ms: i64) {
    for window in sent.windows(limit + 1) {
        assert!(window[limit] - window[0] >= length_ms, "{limit} in {length_ms} ms: {window:?}");
    }
}

#[test]
fn no_minute_has_more_requests_than_allowed_and_nearly_as_many_as_allowed_are_sent() {
    for limit in [1_u32, 2, 3, 7, 11, 16, 17, 29, 33, 40, 44, 47, 59, 600] {
        let time = Time::default();
        let ledger = in_memory(clock(&time).0);
        let sent = send(&ledger, &time, per_minute(limit), 20 * limit as usize);
        assert_no_window_has_more(&sent, limit as usize, 60_000);
        let took = Duration::from_millis(sent[sent.len() - 1].unsigned_abs());
        let at_the_limit = Duration::from_secs(20 * 60);
        assert!(took < at_the_limit.mul_f64(1.25), "{took:?} for 20 minutes of {limit}");
    }
}

#[test]
fn twelve_come_at_once_after_ten_quiet_minutes_and_gaps_are_random_then() {
    let time = Time::default();
    let ledger = in_memory(clock(&time).0);
    let at_once = |sent: &[i64]| sent.iter().filter(|at| **at == sent[0]).count();
    let sent = send(&ledger, &time, per_minute(40), 1000);
    assert_eq!(at_once(&sent), 12);
    let gaps: Vec<i64> = sent[12..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    let count = i64::try_from(gaps.len()).unwrap();
    let mean = gaps.iter().sum::<i64>() / count;
    let variance = gaps.iter().map(|gap| (gap - mean).pow(2)).sum::<i64>() / count;
    assert!((1500..1650).contains(&mean), "{mean}");
    // Between half and seven tenths of the mean.
    assert!((mean * mean / 4..mean * mean / 2).contains(&variance), "{variance} around {mean}");
    for (quiet_ms, expected) in [(599_999, 1), (600_000, 12), (61_000, 1)] {
        time.pass(quiet_ms);
        assert_eq!(at_once(&send(&ledger, &time, per_minute(40), 30)), expected, "{quiet_ms}");
    }
    // Who begins with a few requests does not have the rest of the twelve later.
    time.pass(600_000);
    send(&ledger, &time, per_minute(40), 2);
    time.pass(60_000);
    assert_eq!(at_once(&send(&ledger, &time, per_minute(40), 12)), 1);
    // A slower pace does not begin with more than it allows in a minute.
    time.pass(600_000);
    assert_eq!(at_once(&send(&ledger, &time, per_minute(5), 12)), 5);
}

#[test]
fn three_days_keep_to_the_limits_of_the_minute_and_of_the_day() {
    let time = Time::default();
    let ledger = in_memory(clock_with_uptime(&time).0);
    let limits = Limits { per_minute: Some(40), per_day: Some(250) };
    let sent = send(&ledger, &time, limits, 751);
    assert_no_window_has_more(&sent, 40, 60_000);
    assert_no_window_has_more(&sent, 250, DAY_MS);
    assert!(sent[750] - sent[0] < 3 * DAY_MS + HOUR_MS, "the day is used");
}

#[test]
fn hosts_and_endpoints_have_accounts_of_their_own() {
    let ledger = in_memory(clock(&Time::default()).0);
    assert_eq!(take(&ledger, per_day(1)), Reservation::Granted);
    for (endpoint, host) in [(Endpoint::Searches, HOST), (Endpoint::Tiles, "other.example")] {
        assert_eq!(ledger.reserve(endpoint, host, per_day(1)).unwrap(), Reservation::Granted);
    }
    assert!(matches!(take(&ledger, per_day(1)), Reservation::DayUsedUp { .. }));
}

/// Asserts that the only request of a day is still counted.
pub(super) fn assert_used_up(ledger: &Ledger) {
    assert!(matches!(take(ledger, per_day(1)), Reservation::DayUsedUp { .. }));
}

#[test]
fn a_clock_that_was_wrong_for_a_while_frees_nothing() {
    for clock in [clock, clock_with_uptime] {
        for wrong_by in [-DAY_MS - HOUR_MS, -2 * DAY_MS, -365 * DAY_MS, -HOUR_MS] {
            let time = Time::default();
            let (clock, wrong) = clock(&time);
            let ledger = in_memory(clock);
            assert_eq!(take(&ledger, per_day(1)), Reservation::Granted);
            wrong.by(wrong_by);
            assert_used_up(&ledger);
            time.pass(HOUR_MS);
            assert_used_up(&ledger);
            wrong.by(0);
            assert_used_up(&ledger);
            time.pass(DAY_MS - HOUR_MS + 2_000);
            assert_eq!(take(&ledger, per_day(1)), Reservation::Granted, "a day later");
        }
    }
}

#[test]
fn a_request_sent_while_the_clock_was_ahead_counts_for_a_day_and_not_for_a_year() {
    for clock in [clock, clock_with_uptime] {
        let time = Time::default();
        let (clock, wrong) = clock(&time);
        let ledger = in_memory(clock);
        wrong.by(365 * DAY_MS);
        assert_eq!(take(&ledger, per_day(1)), Reservation::Granted);
        wrong.by(0);
        assert_used_up(&ledger);
        time.pass(DAY_MS / 2);
        assert_used_up(&ledger);
        time.pass(DAY_MS / 2 + 2_000);
        assert_eq!(take(&ledger, per_day(1)), Reservation::Granted);
    }
}

#[test]
fn what_a_clock_that_is_ahead_seems_to_free_counts_again_when_it_is_right() {
    let time = Time::default();
    let (clock, wrong) = clock_with_uptime(&time);
    let ledger = in_memory(clock);
    for _ in 0..5 {
        assert_eq!(take(&ledger, per_day(5)), Reservation::Granted);
    }
    wrong.by(30 * DAY_MS);
    assert_eq!(take(&ledger, per_day(5)), Reservation::Granted, "nobody can know");
    wrong.by(0);
    assert!(matches!(take(&ledger, per_day(5)), Reservation::DayUsedUp { .. }));
    assert_eq!(ledger.usage(Endpoint::Tiles, HOST).unwrap().last_day, 6);
}

#[test]
fn after_a_restart_of_the_machine_the_time_of_day_counts() {
    let time = Time::default();
    let started_at = Arc::new(AtomicI64::new(0));
    let uptime = {
        let (time, started_at) = (time.clone(), Arc::clone(&started_at));
        move || {
            let started_at = started_at.load(Ordering::Relaxed);
            Some(Uptime { boot: started_at.to_string(), ms: time.ms() - started_at })
        }
    };
    let ledger = in_memory(clock(&time).0.with_uptime(uptime));
    let sent = send(&ledger, &time, per_minute(1), 1);
    time.pass(40_000);
    started_at.store(35_000, Ordering::Relaxed);
    assert!(matches!(take(&ledger, per_minute(1)), Reservation::Wait(_)));
    time.pass(30_000);
    let next = send(&ledger, &time, per_minute(1), 1);
    assert!((60_000..200_000).contains(&(next[0] - sent[0])));
}

#[test]
fn a_block_is_remembered_until_it_ends() {
    let time = Time::default();
    let ledger = in_memory(clock(&time).0);
    ledger.block(HOST, Duration::from_secs(60)).unwrap();
    let free_in = Duration::from_secs(60);
    assert_eq!(ledger.blocked(HOST).unwrap(), Some(free_in));
    assert_eq!(take(&ledger, Limits::default()), Reservation::Blocked { free_in });
    assert_eq!(ledger.blocked("graph.example").unwrap(), None);
    time.pass(60_000);
    assert_eq!(ledger.blocked(HOST).unwrap(), None);
    ledger.block(HOST, Duration::from_secs(60)).unwrap();
    ledger.forget_block(HOST).unwrap();
    assert_eq!(ledger.blocked(HOST).unwrap(), None);
}

#[test]
fn a_shorter_block_does_not_end_a_longer_one() {
    let ledger = in_memory(clock(&Time::default()).0);
    for lasts in [BLOCK_LASTS, Duration::from_secs(60)] {
        ledger.block(HOST, lasts).unwrap();
        assert_eq!(ledger.blocked(HOST).unwrap(), Some(BLOCK_LASTS));
    }
}

#[test]
fn a_block_that_was_noted_while_the_clock_was_ahead_is_cut() {
    let time = Time::default();
    let (clock, wrong) = clock(&time);
    let ledger = in_memory(clock);
    wrong.by(365 * DAY_MS);
    ledger.block(HOST, BLOCK_LASTS).unwrap();
    wrong.by(0);
    assert_eq!(ledger.blocked(HOST).unwrap(), Some(BLOCK_LASTS));
    time.pass(milliseconds(BLOCK_LASTS));
    assert_eq!(ledger.blocked(HOST).unwrap(), None);
}

#[test]
fn requests_that_an_earlier_run_has_sent_can_be_counted() {
    let ledger = in_memory(clock(&Time::default()).0);
    ledger.count(Endpoint::Tiles, HOST, 3).unwrap();
    assert_eq!(take(&ledger, per_day(4)), Reservation::Granted);
    assert!(matches!(take(&ledger, per_day(4)), Reservation::DayUsedUp { .. }));
}
