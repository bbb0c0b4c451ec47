use super::*;
use crate::store::ledger::tests::{
    BEGIN_MS, DAY_MS, HOST, HOUR_MS, Time, assert_no_window_has_more, assert_used_up, clock,
    clock_with_uptime, per_day, send, take, with_seed,
};

fn on_disk(dir: &Path, clock: Clock, seed: u64) -> Ledger {
    with_seed(Ledger::open(dir, clock).unwrap(), seed)
}

#[test]
fn processes_with_clocks_that_are_set_back_and_forth_keep_to_the_limits_together() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    let processes: Vec<_> = (0..4)
        .map(|seed| {
            let (clock, wrong) = clock_with_uptime(&time);
            (on_disk(dir.path(), clock, seed), wrong)
        })
        .collect();
    let mut random = fastrand::Rng::with_seed(5);
    let mut sent = Vec::new();
    let limits = Limits { per_minute: Some(40), per_day: Some(100_000) };
    while sent.len() < 600 {
        let (ledger, wrong) = random.choice(&processes).unwrap();
        if random.u8(..10) == 0 {
            wrong.by(random.i64(-2 * DAY_MS..2 * DAY_MS));
        }
        match take(ledger, limits) {
            Reservation::Granted => sent.push(time.ms()),
            Reservation::Wait(pause) => time.pass(random.i64(1..=milliseconds(pause).max(1))),
            other => panic!("neither the day is used up nor the address blocked: {other:?}"),
        }
    }
    assert_no_window_has_more(&sent, 40, 60_000);
}

#[test]
fn a_used_up_day_says_when_it_frees_and_another_process_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    let first = on_disk(dir.path(), clock(&time).0, 1);
    assert_eq!(take(&first, per_day(2)), Reservation::Granted);
    time.pass(HOUR_MS);
    let second = on_disk(dir.path(), clock(&time).0, 2);
    assert_eq!(take(&second, per_day(2)), Reservation::Granted);
    let Reservation::DayUsedUp { limit: 2, free_in } = take(&second, per_day(2)) else {
        panic!("a third request")
    };
    assert!((82_800..=82_801).contains(&free_in.as_secs()), "{free_in:?}");
    let usage = |ledger: &Ledger| ledger.usage(Endpoint::Tiles, HOST).unwrap();
    assert_eq!(usage(&first), usage(&second));
    assert_eq!((usage(&second).last_day, usage(&second).last_minute), (2, 1));
    // With a lower limit, one request that frees is not enough.
    let Reservation::DayUsedUp { free_in, .. } = take(&second, per_day(1)) else { panic!("a third request") };
    assert!((86_400..=86_401).contains(&free_in.as_secs()), "{free_in:?}");
}

#[test]
fn a_damaged_file_is_set_aside_once_and_its_notice_names_both() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    drop(on_disk(dir.path(), clock(&time).0, 1));
    let path = dir.path().join(FILE_NAME);
    std::fs::write(&path, b"no database".repeat(1000)).unwrap();
    let ledger = on_disk(dir.path(), clock(&time).0, 1);
    assert!(ledger.is_anew());
    let notice = ledger.notice().unwrap();
    assert!(notice.contains("budget.sqlite.damaged") && notice.contains("counting begins anew"), "{notice}");
    assert!(std::fs::read(dir.path().join("budget.sqlite.damaged")).unwrap().starts_with(b"no database"));
    assert_eq!(take(&ledger, per_day(1)), Reservation::Granted);
    let next = on_disk(dir.path(), clock(&time).0, 1);
    assert!(next.notice().is_none() && !next.is_anew());
    assert_used_up(&next);
}

#[test]
fn a_file_that_is_damaged_during_a_run_is_replaced_by_one_that_knows_what_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    let ledger = on_disk(dir.path(), clock(&time).0, 1);
    for _ in 0..3 {
        assert_eq!(take(&ledger, per_day(4)), Reservation::Granted);
    }
    // All is in the file then, and none of it in memory.
    let settle = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory";
    ledger.with(|connection| connection.execute_batch(settle)).unwrap();
    let path = dir.path().join(FILE_NAME);
    let size = std::fs::metadata(&path).unwrap().len();
    std::fs::write(&path, vec![0xa5; usize::try_from(size).unwrap()]).unwrap();
    let failure = ledger.reserve(Endpoint::Tiles, HOST, per_day(4)).unwrap_err();
    let next = ledger.successor(&failure).unwrap();
    let notice = next.notice().unwrap();
    assert!(!next.is_in_memory() && notice.contains("budget.sqlite.damaged"), "{notice}");
    assert_eq!(take(&next, per_day(4)), Reservation::Granted);
    assert!(matches!(take(&next, per_day(4)), Reservation::DayUsedUp { .. }));
}

#[test]
fn a_file_that_cannot_be_written_is_succeeded_by_one_in_memory_with_all_its_counts() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    let (first, second) = (on_disk(dir.path(), clock(&time).0, 1), on_disk(dir.path(), clock(&time).0, 2));
    for ledger in [&first, &second, &second] {
        assert_eq!(take(ledger, per_day(4)), Reservation::Granted);
    }
    first.block("other.example", Duration::from_secs(60)).unwrap();
    let failure = Error::internal("the disk is full");
    let next = first.successor(&failure).unwrap();
    let notice = next.notice().unwrap();
    assert!(notice.contains("the disk is full") && notice.contains("counts for itself"), "{notice}");
    assert!(next.is_in_memory() && next.blocked("other.example").unwrap().is_some());
    assert_eq!(take(&next, per_day(4)), Reservation::Granted, "those of the other process count too");
    assert!(matches!(take(&next, per_day(4)), Reservation::DayUsedUp { .. }));
    assert!(next.successor(&failure).is_none(), "there is none after one in memory");
}

#[test]
fn a_file_that_can_no_longer_be_read_either_is_succeeded_by_what_this_process_knows() {
    let dir = tempfile::tempdir().unwrap();
    let time = Time::default();
    let ledger = on_disk(dir.path(), clock(&time).0, 1);
    let limits = Limits { per_minute: Some(4), per_day: Some(6) };
    assert_eq!(send(&ledger, &time, limits, 4).len(), 4);
    let other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("DROP TABLE sent").unwrap();
    let failure = ledger.reserve(Endpoint::Tiles, HOST, limits).unwrap_err();
    let next = ledger.successor(&failure).unwrap();
    let Reservation::Wait(pause) = take(&next, limits) else { panic!("four were sent in this minute") };
    assert!(pause > Duration::from_secs(50), "{pause:?}");
    time.pass(120_000);
    assert_eq!(take(&next, limits), Reservation::Granted);
    time.pass(120_000);
    assert_eq!(take(&next, limits), Reservation::Granted);
    assert!(matches!(take(&next, limits), Reservation::DayUsedUp { limit: 6, .. }));
}

#[test]
fn counts_and_blocks_of_the_first_version_are_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let time = Time::default();
    let now_s = BEGIN_MS / 1000;
    old.execute_batch(&format!(
        "CREATE TABLE spent (who TEXT NOT NULL, endpoint INTEGER NOT NULL, second INTEGER NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY (who, endpoint, second)) WITHOUT ROWID;
        CREATE TABLE blocked (host TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO spent VALUES ('a', 0, {now_s} - 10, 3), ('b', 0, {now_s} - 10, 4), ('a', 1, {now_s}, 5);
        INSERT INTO blocked VALUES ('tiles.mapillary.com', {BEGIN_MS} + 60000);
        PRAGMA user_version = 1;"
    ))
    .unwrap();
    drop(old);
    let ledger = on_disk(dir.path(), clock(&time).0, 1);
    let (tiles, graph) = (Ledger::host_of(&TILES_URL), Ledger::host_of(&GRAPH_URL));
    assert_eq!(ledger.usage(Endpoint::Tiles, &tiles).unwrap().last_day, 7);
    assert_eq!(ledger.usage(Endpoint::Entities, &graph).unwrap().last_day, 5);
    assert_eq!(ledger.blocked(&tiles).unwrap(), Some(Duration::from_secs(60)));
}
