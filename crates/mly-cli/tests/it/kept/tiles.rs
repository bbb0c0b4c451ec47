//! Kept tiles: used instead of requests, told of, counted and removed.

use std::path::Path;

use futures_util::StreamExt;
use insta::assert_snapshot;
use mly::store::Clock;
use mly::{Area, Client, Options, Query, Token};
use mly_emulator::{Emulator, Endpoint};
use serde_json::Value as Json;

use crate::support::{TOWN, binary_at, everything, mly, own_demo, steady};

#[test]
fn a_second_run_sends_nothing_and_writes_the_same_bytes() {
    for layer in ["images", "points", "signs"] {
        let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
        let run = |options: &str| {
            mly(&format!("{layer} {TOWN} {options}")).keeping(folder.path()).at(&emulator).done()
        };
        let first = run("");
        assert_eq!(emulator.requests().len(), 9);
        assert!(!first.err.contains("kept"), "{}", first.err);
        let second = run("");
        assert_eq!((emulator.requests().len(), second.out == first.out), (9, true));
        let said = " from 0 requests (0 B) and 9 cached tiles in TIME s\n";
        assert!(steady(&second.err, &emulator).ends_with(said), "{}", second.err);
    }
}

#[test]
fn kept_tiles_serve_other_questions_and_the_summary_counts_them() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator).done();
    let summary = folder.path().join("summary.json");
    let lines = mly(&format!("sequences {TOWN} --cut --summary")).arg(&summary);
    lines.keeping(folder.path()).at(&emulator).done();
    let summary: Json = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert_eq!((&summary["cache_hits"], &summary["requests"]["tiles"]), (&Json::from(9), &Json::from(0)));
    assert_eq!(emulator.requests().len(), 9);
}

#[test]
fn without_the_cache_tiles_are_asked_for_and_not_kept() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let run = |options: &str| {
        mly(&format!("images {TOWN} {options}")).keeping(folder.path()).at(&emulator).done().out
    };
    let size = || mly("cache size").keeping(folder.path()).done().out;
    let first = run("--no-cache");
    assert_eq!((emulator.requests().len(), size()), (9, b"0 tiles, 0 B\n".to_vec()));
    run("");
    assert_eq!(emulator.requests().len(), 18);
    assert!(run("--no-cache") == first && emulator.requests().len() == 27);
}

/// Keeps the tiles of the town as if they had been asked for some hours ago.
fn keep_since(hours: i64, emulator: &Emulator, folder: &Path) {
    let options = Options::default()
        .with_token(Token::new(emulator.token()).unwrap())
        .with_base_url(emulator.url())
        .unwrap()
        .with_cache_dir(folder.to_owned())
        .with_clock(Clock::new(move || Clock::default().now_ms() - hours * 3_600_000));
    let plan = Query::images(Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap()).plan().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut batches = Client::new(options).unwrap().run(&plan);
        while let Some(batch) = batches.next().await {
            batch.unwrap();
        }
    });
}

#[test]
fn tiles_are_used_up_to_the_age_that_was_asked_for() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let sent = |options: &str| {
        let before = emulator.requests().len();
        mly(&format!("images {TOWN} {options}")).keeping(folder.path()).at(&emulator).done();
        emulator.requests().len() - before
    };
    keep_since(3, &emulator, folder.path());
    assert_eq!((sent("--max-age 4h"), sent("--max-age 1d"), sent("")), (0, 0, 0));
    assert_eq!((sent("--max-age 2h"), sent("--max-age 2h")), (9, 0), "they are new now");
    keep_since(3, &emulator, &folder.path().join("other"));
    let other = folder.path().join("other");
    let sent = |age: &str| {
        let before = emulator.requests().len();
        let images = mly(&format!("images {TOWN} --max-age {age} --cache-dir")).arg(&other);
        images.keeping(folder.path()).at(&emulator).done();
        emulator.requests().len() - before
    };
    assert_eq!((sent("181m"), sent("10860s")), (0, 0), "the option wins over the variable");
    assert_eq!(sent("10799s"), 9);
    keep_since(8 * 24, &emulator, &other);
    assert_eq!((sent("9d"), sent("7d")), (0, 9));
}

#[test]
fn kept_tiles_are_counted_and_removed() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let cache = |action: &str| mly(&format!("cache {action}")).keeping(folder.path()).done();
    let images = || mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator).done();
    images();
    let file = cache("path").text().trim_end().to_owned();
    assert!(Path::new(&file).is_file() && Path::new(&file).starts_with(folder.path()), "{file}");
    let size = cache("size");
    assert_eq!((size.text(), size.err.as_str()), (cache("").text(), ""));
    assert!(size.text().starts_with("9 tiles, ") && size.text().ends_with("B\n"), "{}", size.text());
    let cleared = cache("clear");
    assert_eq!(
        (cleared.text(), cleared.err.as_str()),
        ("", size.text().replace('\n', " removed\n").as_str())
    );
    assert_eq!(
        (cache("size").text(), cache("clear").err.as_str()),
        ("0 tiles, 0 B\n", "the cache was empty\n")
    );
    images();
    assert_eq!(emulator.requests().len(), 18);
    assert_eq!(cache("clear -q").err, "");
}

#[test]
fn a_cache_that_is_not_there_is_empty_and_looking_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a").join("b");
    for action in ["", "size", "clear", "path"] {
        mly(&format!("cache {action} --cache-dir")).arg(&place).done();
        assert!(!folder.path().join("a").exists(), "{action}");
    }
    assert_eq!(mly("cache").done().text(), "0 tiles, 0 B\n");
    assert_snapshot!(mly("cache path").fails(2).err, @r"
    error: there is no cache: no folder for it is known
    hint: name one with --cache-dir or MLY_CACHE_DIR
    ");
}

#[test]
fn a_doctor_asks_although_the_tile_is_there() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let run = |line: &str| mly(line).keeping(folder.path()).at(&emulator).done();
    run("images --tile 14/8601/5411");
    run("images --tile 14/8601/5411");
    assert_eq!(emulator.requests().len(), 1);
    run("doctor");
    assert_eq!(emulator.requests().len(), 2);
}

#[test]
fn processes_fill_one_cache_together() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let run = || {
        let mut command = binary_at(&emulator, &format!("images {TOWN} -f arrow"));
        command.env("MLY_CACHE_DIR", folder.path()).output().unwrap()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for done in running {
            let done = done.join().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            assert_eq!(crate::read::arrow(&done.stdout), everything("images"));
        }
    });
    let sent = emulator.requests().len();
    run();
    assert_eq!(emulator.requests().len(), sent);
    assert!(emulator.requests().iter().all(|seen| seen.kind == Endpoint::Tile));
    assert!(mly("cache").keeping(folder.path()).done().text().starts_with("9 tiles, "));
}

#[test]
fn neither_tokens_nor_what_the_graph_says_is_kept() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let line = format!("images {TOWN} --limit 50 --fields thumb_256_url");
    mly(&line).keeping(folder.path()).at(&emulator).done();
    mly("doctor").keeping(folder.path()).at(&emulator).done();
    let lookups = || emulator.requests().iter().filter(|seen| seen.kind == Endpoint::Entity).count();
    let before = lookups();
    mly(&line).keeping(folder.path()).at(&emulator).done();
    assert_eq!(lookups(), 2 * before, "addresses expire");
    let token = emulator.token();
    let secret = token.rsplit('|').next().unwrap().as_bytes();
    let files: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{}", file.display());
    }
}
