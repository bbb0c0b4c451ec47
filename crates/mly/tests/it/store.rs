//! What is kept between runs: tiles, and what was asked of the service.

use std::path::Path;
use std::time::Duration;

use mly::Endpoint;
use mly::sink::Format;
use mly::store::{Cache, Clock, Ledger};
use mly::{Area, Error, Options, Query};
use mly_emulator::{Emulator, Fault};

use crate::support::{demo, options, town, write};

fn keeping(emulator: &Emulator, dir: &Path) -> Options {
    options(emulator).with_cache_dir(dir.to_owned())
}

fn counting(emulator: &Emulator, dir: &Path) -> Options {
    options(emulator).with_ledger_dir(dir.to_owned())
}

#[tokio::test]
async fn a_second_run_sends_nothing_and_writes_the_same() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    let query = Query::images(town());
    let (first, summary) = write(keeping(&emulator, dir.path()), &query, Format::GeoJson).await.unwrap();
    assert_eq!((summary.tiles, summary.cache_hits), (9, 0));
    let (second, summary) = write(keeping(&emulator, dir.path()), &query, Format::GeoJson).await.unwrap();
    assert_eq!((summary.tiles, summary.cache_hits), (0, 9));
    assert!(first == second && emulator.requests().len() == 9);
    // Another layer of the same tiles is there as well.
    let lines = Query::sequences(town()).with_cut(true);
    let (_, summary) = write(keeping(&emulator, dir.path()), &lines, Format::GeoJson).await.unwrap();
    assert_eq!((summary.tiles, summary.cache_hits, summary.rows), (0, 9, 115));
}

#[tokio::test]
async fn tiles_that_are_too_old_damaged_or_gone_are_asked_for_again() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    let query = Query::images(town());
    write(keeping(&emulator, dir.path()), &query, Format::Csv).await.unwrap();
    let later =
        keeping(&emulator, dir.path()).with_clock(Clock::new(|| Clock::default().now_ms() + 8 * 86_400_000));
    let (_, summary) = write(later, &query, Format::Csv).await.unwrap();
    assert_eq!((summary.tiles, summary.cache_hits), (9, 0));
    let cache = Cache::open(dir.path(), Duration::MAX, u64::MAX >> 1, Clock::default()).unwrap();
    assert_eq!(cache.size().unwrap().tiles, 9);
    cache.clear().unwrap();
    let (_, summary) = write(keeping(&emulator, dir.path()), &query, Format::Csv).await.unwrap();
    assert_eq!((summary.tiles, summary.cache_hits), (9, 0));
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_done_without() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a file");
    std::fs::write(&file, "no folder").unwrap();
    let options = keeping(&emulator, &file).with_ledger_dir(file);
    let (_, summary) = write(options, &Query::images(town()), Format::Csv).await.unwrap();
    assert_eq!((summary.rows, summary.tiles), (3697, 9));
}

#[tokio::test]
async fn neither_the_token_nor_the_graph_is_kept() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    let options = keeping(&emulator, dir.path()).with_ledger_dir(dir.path().to_owned());
    let area = Area::bbox(9.003, 51.996, 9.006, 51.998).unwrap();
    let query = Query::images(area).with_fields(["thumb_256_url"]);
    let (_, first) = write(options.clone(), &query, Format::Csv).await.unwrap();
    assert!(first.entities > 0);
    let (_, second) = write(options, &query, Format::Csv).await.unwrap();
    assert_eq!((second.tiles, second.entities), (0, first.entities), "addresses expire");
    let token = emulator.token().as_bytes();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|w| w == token));
    }
}

#[tokio::test]
async fn a_block_is_remembered_by_the_next_run_which_sends_nothing() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    emulator.fail(Fault::block().always());
    let query = Query::images(town());
    let first = write(counting(&emulator, dir.path()), &query, Format::Csv).await.unwrap_err();
    assert!(matches!(first, Error::RateLimited { .. }));
    emulator.clear_faults();
    let asked = emulator.requests().len();
    let second = write(counting(&emulator, dir.path()), &query, Format::Csv).await.unwrap_err();
    let Error::RateLimited { what, retry_after: Some(wait), .. } = second else { panic!("{second}") };
    assert!(what.contains("blocked before") && wait > Duration::from_secs(90_000), "{what} {wait:?}");
    assert_eq!(emulator.requests().len(), asked);
    let host = Ledger::host_of(&emulator.url().parse().unwrap());
    Ledger::open(dir.path(), Clock::default()).unwrap().forget_block(&host).unwrap();
    assert!(write(counting(&emulator, dir.path()), &query, Format::Csv).await.is_ok());
}

#[tokio::test]
async fn two_runs_never_take_more_than_a_day_allows_together() {
    let emulator = demo();
    let dir = tempfile::tempdir().unwrap();
    let run = || {
        let options = counting(&emulator, dir.path()).with_tiles_per_day(14);
        async move { write(options, &Query::images(town()), Format::Csv).await }
    };
    let (a, b) = tokio::join!(run(), run());
    // A run that is stopped takes back nothing that it had counted already, sent or not.
    assert!(emulator.requests().len() <= 14);
    let stopped = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(!stopped.is_empty());
    assert!(stopped.iter().all(|e| matches!(e, Error::RateLimited { retry_after: Some(_), .. })));
    let host = Ledger::host_of(&emulator.url().parse().unwrap());
    let usage = Ledger::open(dir.path(), Clock::default()).unwrap().usage(Endpoint::Tiles, &host).unwrap();
    assert_eq!(usage.last_day, 14);
}
