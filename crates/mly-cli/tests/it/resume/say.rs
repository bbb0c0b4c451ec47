//! What the command says of work that is left, gone on with, or refused.

use std::fs;

use insta::assert_snapshot;
use mly_emulator::Fault;

use super::{Place, is_at, succeeds};
use crate::support::{steady, without_system};

/// What a command says and exits with, without what differs from run to run.
fn said(place: &Place, line: &str, file: &str) -> String {
    let output = place.command(line, file).output().unwrap();
    let said = without_system(&steady(&String::from_utf8(output.stderr).unwrap(), &place.emulator));
    format!("{said}exit {}", output.status.code().unwrap())
}

#[test]
fn a_budget_stops_day_after_day_and_the_last_day_completes_the_file() {
    let place = Place::new();
    let whole = place.whole("images", "a.csv");
    let limited = "images --concurrency 1 --tiles-per-day 4";
    assert_snapshot!(said(&place, limited, "a.csv"), @r"
    error: the budget of 4 tiles per day is used up, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8602/5413
    hint: 4 of 9 tiles fetched and saved; wait 24 hours and run the same command again; --tiles-per-day sets the budget
    exit 4
    ");
    assert_snapshot!(said(&place, limited, "a.csv"), @r"
    error: the budget of 4 tiles per day is used up, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5413
    hint: 8 of 9 tiles fetched and saved; wait 24 hours and run the same command again; --tiles-per-day sets the budget
    exit 4
    ");
    assert_snapshot!(said(&place, limited, "a.csv"), @r"
    3,697 images, 3,697 of them from an earlier run, from 1 request (0 B) in TIME s -> a.csv
    exit 0
    ");
    is_at(&place.file("a.csv"), &whole, "a.csv");
}

#[cfg(unix)]
/// What is said when a signal comes while the sixth tile is on its way, and when the same command goes on.
fn interrupted(signal: &str) -> [String; 2] {
    use std::process::Command;
    use std::time::Duration;

    let place = Place::new();
    let line = "images --concurrency 1";
    let whole = place.whole(line, "a.parquet");
    let sixth = place.emulator.requests()[5].path.clone();
    let numbers: Vec<u32> = sixth.rsplit('/').take(2).map(|number| number.parse().unwrap()).collect();
    place.emulator.fail(Fault::delay(Duration::from_secs(3600)).tile(14, numbers[1], numbers[0]));
    let child = place.started(line, "a.parquet", 6);
    assert!(Command::new("kill").arg(signal).arg(child.id().to_string()).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stopped = format!("{}exit {:?}", String::from_utf8(output.stderr).unwrap(), output.status.code());
    place.emulator.clear_faults();
    let done = said(&place, line, "a.parquet");
    is_at(&place.file("a.parquet"), &whole, "a.parquet");
    [stopped, done]
}

#[cfg(unix)]
#[test]
fn an_interruption_says_what_is_kept_and_the_next_run_what_it_found() {
    let [stopped, done] = interrupted("-INT");
    assert_snapshot!(stopped, @r"
    error: interrupted
    hint: 5 of 9 tiles fetched and saved; run the same command again
    exit Some(130)
    ");
    assert_snapshot!(done, @r"
    3,697 images, 1,343 of them from an earlier run, from 4 requests (164.45 KiB) in TIME s -> a.parquet
    exit 0
    ");
    assert_eq!(interrupted("-TERM"), [stopped, done]);
}

#[test]
fn what_cannot_be_gone_on_with_is_told_with_a_way_out() {
    let place = Place::new();
    let limited = "images --concurrency 1 --tiles-per-day 4 -q";
    assert!(said(&place, limited, "a.csv").ends_with("exit 4"));
    let journal = place.file("a.csv.unfinished").join("journal");
    let kept = fs::read(&journal).unwrap();
    assert_snapshot!(said(&place, "images --since 2020", "a.csv"), @r"
    error: cannot resume a.csv.unfinished: it is the work of another query
    hint: run the command that started it, choose another name, or discard it with --overwrite
    exit 2
    ");
    assert_snapshot!(said(&place, "images -f arrow", "a.csv"), @r"
    error: cannot resume a.csv.unfinished: it is in another format
    hint: run the command that started it, choose another name, or discard it with --overwrite
    exit 2
    ");
    fs::write(&journal, "Dear diary, today I went to the sea.").unwrap();
    assert_snapshot!(said(&place, "images", "a.csv"), @r"
    error: cannot resume a.csv.unfinished: its journal cannot be read
    hint: it may be of another version of mly; start over with --overwrite
    exit 2
    ");
    fs::write(&journal, kept).unwrap();
    fs::write(place.file("a.csv"), "of others").unwrap();
    assert_snapshot!(said(&place, "images", "a.csv"), @r"
    error: a.csv exists already
    hint: choose another name, or add --overwrite
    exit 2
    ");
    fs::remove_file(place.file("a.csv")).unwrap();
    fs::create_dir(place.file("b.csv.unfinished")).unwrap();
    fs::write(place.file("b.csv.unfinished").join("notes"), "precious").unwrap();
    assert_snapshot!(said(&place, "images", "b.csv"), @r"
    error: b.csv.unfinished holds files of others
    hint: move it away, or choose another name
    exit 2
    ");
    succeeds(place.command("images", "a.csv").output().unwrap());
}

#[test]
fn work_that_is_given_up_begins_anew() {
    let place = Place::new();
    let whole = place.whole("signs", "a.csv");
    assert!(said(&place, "images --concurrency 1 --tiles-per-day 4", "a.csv").ends_with("exit 4"));
    assert!(said(&place, "signs --overwrite -q", "a.csv").ends_with("exit 0"));
    is_at(&place.file("a.csv"), &whole, "a.csv");
}

#[test]
fn a_cache_that_cannot_be_written_is_told_once_and_done_without() {
    let place = Place::new();
    let whole = place.whole("images", "a.csv");
    fs::write(place.file("cache"), "a file").unwrap();
    let limited = "images --concurrency 1 --cache-dir cache";
    place.emulator.fail(Fault::block().every(5));
    assert_snapshot!(said(&place, limited, "a.csv"), @r"
    warning: tiles are not cached: cache: cannot be used: ERROR OF THE SYSTEM
    warning: requests of other processes are not counted: cache: cannot be used: ERROR OF THE SYSTEM
    error: this IP address is blocked: the service answered with a redirect to its login page, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8602/5413
    hint: 4 of 9 tiles fetched and saved; wait 26 hours, since each request makes a block longer, and run the same command again, with a lower --tiles-per-minute; if this machine has a new address or it was no block, run mly budget --forget-block first
    exit 4
    ");
    place.emulator.clear_faults();
    assert_snapshot!(said(&place, limited, "a.csv"), @r"
    warning: tiles are not cached: cache: cannot be used: ERROR OF THE SYSTEM
    warning: requests of other processes are not counted: cache: cannot be used: ERROR OF THE SYSTEM
    3,697 images, 1,343 of them from an earlier run, from 5 requests (164.45 KiB) in TIME s -> a.csv
    exit 0
    ");
    is_at(&place.file("a.csv"), &whole, "a.csv");
}
