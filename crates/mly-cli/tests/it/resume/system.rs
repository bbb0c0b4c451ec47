//! A file system whose calls fail, and processes that are killed at one of them: no wrong file, and the same command
//! goes on. A small library that is loaded before the system's own stands for the file system.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use mly_emulator::{Emulator, World};
use tempfile::TempDir;

use super::{Dice, NAMES, Place, is_at, succeeds};
use crate::support::{TOWN, binary_at, names_in};

const ALL: &str = ",create,write,truncate,sync,rename,link,unlink,mkdir,";

/// Numbers of errors, as Linux has them.
const NO_INPUT_OUTPUT: i32 = 5;
const NO_SPACE: i32 = 28;
const READ_ONLY: i32 = 30;
const NO_LOCKS: i32 = 37;
const NO_QUOTA: i32 = 122;

/// The library, compiled once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_folder, path) = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("system.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/resume/system.c");
        let mut compiler = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
        let compiled = compiler.args(["-O1", "-shared", "-fPIC", "-o"]).arg(&path).arg(source).arg("-ldl");
        assert!(compiled.status().unwrap().success());
        (folder, path)
    });
    path
}

/// Which calls fail.
struct Faults {
    calls: &'static str,
    /// The first one.
    from: usize,
    count: usize,
    /// 0 kills the process.
    error: i32,
}

/// A command whose calls for files of one name fail.
fn faulty(mut command: Command, file: &str, faults: &Faults) -> Command {
    let number = |number: usize| OsString::from(number.to_string());
    command.env("LD_PRELOAD", library()).env("FAULT_CALLS", faults.calls).env("FAULT_PATH", file);
    command.env("FAULT_FROM", number(faults.from)).env("FAULT_COUNT", number(faults.count));
    command.env("FAULT_ERROR", faults.error.to_string());
    command
}

/// How many calls a command makes that is not disturbed.
fn total(place: &Place, line: &str, file: &str, calls: &'static str) -> usize {
    let none = Faults { calls, from: 0, count: 0, error: 0 };
    let count = place.file("total");
    let mut command = faulty(place.command(line, file), file, &none);
    succeeds(command.env("FAULT_TOTAL", &count).output().unwrap());
    fs::remove_file(place.file(file)).unwrap();
    let total = fs::read_to_string(&count).unwrap().parse().unwrap();
    fs::remove_file(count).unwrap();
    total
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs undisturbed, unless the file is there already, and insists that it is as it should be.
fn goes_on(place: &Place, line: &str, file: &str, whole: &[u8], name: &str) {
    let last = place.command(line, file).output().unwrap();
    let is_there = said(&last).contains("exists already");
    assert!(last.status.success() || is_there, "{name}: {}", said(&last));
    is_at(&place.file(file), whole, file);
    fs::remove_file(place.file(file)).unwrap();
}

#[test]
fn a_process_that_is_killed_at_any_call_leaves_what_the_next_one_goes_on_with() {
    let mut dice = Dice(11);
    for file in NAMES {
        let place = Place::new();
        let whole = place.whole("signs", file);
        let total = total(&place, "signs", file, ALL);
        for _ in 0..8 {
            let from = 1 + dice.below(total);
            let faults = Faults { calls: ALL, from, count: 1, error: 0 };
            let output = faulty(place.command("signs", file), file, &faults).output().unwrap();
            assert_eq!(output.status.code(), None, "{file}, call {from} of {total}: {}", said(&output));
            goes_on(&place, "signs", file, &whole, &format!("{file}, killed at call {from} of {total}"));
        }
    }
}

#[test]
fn calls_that_fail_are_errors_of_the_output_and_only_a_full_disk_is_told_to_free_space() {
    let mut dice = Dice(12);
    let cases = [
        (",write,", NO_SPACE, "a full disk"),
        (",write,sync,", NO_INPUT_OUTPUT, "a broken disk"),
        (",write,", NO_QUOTA, "a quota"),
        (",create,mkdir,truncate,rename,link,", READ_ONLY, "a file system that is read only by now"),
    ];
    for file in NAMES {
        for (calls, error, what) in cases {
            let place = Place::new();
            let whole = place.whole("signs", file);
            let total = total(&place, "signs", file, calls);
            for once in [false, true] {
                let from = 1 + dice.below(total);
                let name = format!("{what} at call {from} of {total}, once: {once}, {file}");
                let count = if once { 1 } else { usize::MAX >> 8 };
                let faults = Faults { calls, from, count, error };
                let output = faulty(place.command("signs", file), file, &faults).output().unwrap();
                let said = said(&output);
                match output.status.code() {
                    Some(0) => is_at(&place.file(file), &whole, file),
                    Some(6) => {
                        assert!(!place.file(file).exists(), "{name}");
                        assert!(said.starts_with("error: cannot write "), "{name}: {said}");
                        let is_full = [NO_SPACE, NO_QUOTA].contains(&error);
                        let is_told = said.contains("free some disk space");
                        assert!(is_full || !is_told, "{name}: {said}");
                        assert!(is_told || error != NO_SPACE, "{name}: {said}");
                    }
                    // Nothing was sent yet.
                    Some(2) => assert!(said.contains("cannot write"), "{name}: {said}"),
                    code => panic!("{name}: {code:?} {said}"),
                }
                goes_on(&place, "signs", file, &whole, &name);
            }
        }
    }
}

#[test]
fn leftovers_that_cannot_be_removed_are_removed_by_a_later_run() {
    for file in NAMES {
        let place = Place::new();
        let whole = place.whole("signs", file);
        let folder = format!("{file}.unfinished");
        let faults =
            |from| Faults { calls: ",unlink,", from, count: usize::MAX >> 8, error: NO_INPUT_OUTPUT };
        // The first one leaves its folder, whatever of it could be removed.
        for from in [1, 2, 3] {
            let output = faulty(place.command("signs", file), &folder, &faults(from)).output().unwrap();
            succeeds(output);
            assert!(fs::read(place.file(file)).unwrap() == whole, "{file}");
            let again = faulty(place.command("signs", file), &folder, &faults(1)).output().unwrap();
            assert!(said(&again).contains("exists already"), "{file}: {}", said(&again));
            let anew = place.command("signs --overwrite", file).output().unwrap();
            succeeds(anew);
            is_at(&place.file(file), &whole, file);
            fs::remove_file(place.file(file)).unwrap();
        }
    }
}

#[test]
fn a_process_that_may_open_few_files_leaves_nothing_that_is_in_the_way() {
    let place = Place::new();
    let whole = place.whole("signs", "a.parquet");
    for most in 8..28 {
        let command = place.command("signs", "a.parquet");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -n {most}; exec \"$0\" \"$@\""));
        shell.arg(command.get_program()).args(command.get_args()).env_clear();
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.current_dir(place.folder.path()).output().unwrap();
        assert!(output.status.code() != Some(0) || fs::read(place.file("a.parquet")).unwrap() == whole);
        goes_on(&place, "signs", "a.parquet", &whole, &format!("{most} files"));
    }
}

fn without_locks(place: &Place, line: &str, file: &str) -> Command {
    let faults = Faults { calls: ",lock,", from: 1, count: usize::MAX >> 8, error: NO_LOCKS };
    faulty(place.command(line, file), file, &faults)
}

#[test]
fn without_locks_two_processes_do_not_write_one_file() {
    for round in 0..4 {
        for file in ["a.csv", "a.gpkg"] {
            let place = Place::new();
            let whole = place.whole("signs", file);
            let start = || without_locks(&place, "signs", file).spawn().unwrap();
            for process in [start(), start()] {
                let output = process.wait_with_output().unwrap();
                let said = said(&output);
                // The one that comes second may notice it before it sends anything, or when the name of its file is taken.
                let is_refused = ["no locks to tell", "exists already", "File exists"]
                    .iter()
                    .any(|why| said.contains(why));
                assert!(output.status.success() || is_refused, "round {round}, {file}: {said}");
            }
            is_at(&place.file(file), &whole, file);
        }
    }
}

#[test]
fn without_locks_what_a_killed_process_claims_is_told_with_a_way_out() {
    let place = Place::new();
    let whole = place.whole("signs", "a.csv");
    let mut child = without_locks(&place, "signs --concurrency 1", "a.csv").spawn().unwrap();
    let owner = place.file("a.csv.unfinished").join("owner");
    while !owner.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = without_locks(&place, "signs", "a.csv").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        said(&refused),
        "error: cannot write a.csv: another process may be writing it, and this file system has no locks to tell\n\
         hint: wait for it; if there is none, remove a.csv.unfinished/owner and try again\n"
    );
    fs::remove_file(owner).unwrap();
    succeeds(without_locks(&place, "signs", "a.csv").output().unwrap());
    is_at(&place.file("a.csv"), &whole, "a.csv");
}

/// What a command says after something was mounted, as far as this system lets anybody mount something.
fn after_mount(place: &Place, mount: &str, command: &Command) -> Option<Output> {
    let mut shell = Command::new("unshare");
    let script = format!("{mount} && exec \"$0\" \"$@\"");
    shell.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.current_dir(place.folder.path()).output().unwrap();
    let has_run = output.status.code() == Some(2) || said(&output).starts_with("error: ");
    assert!(has_run || !output.status.success());
    has_run.then_some(output)
}

#[test]
fn a_file_that_is_mounted_cannot_be_replaced_which_is_told_before_anything_is_sent() {
    let place = Place::new();
    for name in ["a.csv", "elsewhere"] {
        fs::write(place.file(name), "precious").unwrap();
    }
    let command = place.command("signs --overwrite", "a.csv");
    let Some(output) = after_mount(&place, "mount --bind elsewhere a.csv", &command) else { return };
    assert_eq!(
        said(&output),
        "error: cannot write a.csv: it is mounted from another place, so it cannot be replaced\n\
         hint: mount the directory that it is in, or name another file\n"
    );
    assert!(place.emulator.requests().is_empty());
    assert_eq!(fs::read(place.file("elsewhere")).unwrap(), b"precious");
}

#[test]
fn unfinished_work_on_another_file_system_is_told_before_anything_is_sent() {
    let place = Place::new();
    fs::create_dir(place.file("a.csv.unfinished")).unwrap();
    let command = place.command("signs", "a.csv");
    let Some(output) = after_mount(&place, "mount -t tmpfs tmpfs a.csv.unfinished", &command) else { return };
    assert_eq!(
        said(&output),
        "error: cannot write a.csv: a.csv.unfinished is on another file system, from which a file cannot be \
         renamed\nhint: remove it, or choose another name\n"
    );
    assert!(place.emulator.requests().is_empty() && !place.file("a.csv").exists());
}

/// The files of a download, by their paths in its folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_download_that_is_killed_at_any_call_goes_on_to_the_same_files() {
    let mut dice = Dice(13);
    let place = Place::new();
    let ids = crate::lookup::ids("images", 12).join(" ");
    for layout in ["files", "webdataset"] {
        let download = |to: &str| {
            let line = format!("download {ids} --layout {layout} --size 256 --concurrency 4 --to {to}");
            let mut command = crate::support::binary_at(&place.emulator, &line);
            command.current_dir(place.folder.path());
            command
        };
        let none = Faults { calls: ALL, from: 0, count: 0, error: 0 };
        let mut undisturbed = faulty(download("whole"), "whole", &none);
        succeeds(undisturbed.env("FAULT_TOTAL", place.file("total")).output().unwrap());
        let total = fs::read_to_string(place.file("total")).unwrap().parse().unwrap();
        let whole = files(&place.file("whole"));
        for _ in 0..8 {
            let faults = Faults { calls: ALL, from: 1 + dice.below(total), count: 1, error: 0 };
            faulty(download("photos"), "photos", &faults).output().unwrap();
            let again = download("photos").output().unwrap();
            assert!(again.status.success(), "{layout}, call {}: {}", faults.from, said(&again));
            assert!(files(&place.file("photos")) == whole, "{layout}, call {}", faults.from);
            fs::remove_dir_all(place.file("photos")).unwrap();
        }
        fs::remove_dir_all(place.file("whole")).unwrap();
    }
}

#[test]
fn an_update_with_a_list_of_changes_that_is_killed_at_any_call_ends_with_the_same_two_files() {
    let mut dice = Dice(13);
    // A date that counts back is another one each time; it stands in the GeoPackage, and not in the CSV.
    for (file, since) in [("a.csv", "--last-seen-since 30y"), ("a.gpkg", "")] {
        let line = &format!("signs {since} --update old.csv --changes list.geojson");
        let place = Place::new();
        let then = World::demo_as_of(mly::query::latest_ms("2021").unwrap());
        let then = Emulator::start(then).unwrap();
        let mut store = binary_at(&then, &format!("signs {TOWN} -q -o old.csv"));
        succeeds(store.current_dir(place.folder.path()).output().unwrap());
        succeeds(place.command(line, file).output().unwrap());
        let read = || [file, "list.geojson"].map(|name| fs::read(place.file(name)).unwrap());
        let remove = || [file, "list.geojson"].map(|name| fs::remove_file(place.file(name)).unwrap());
        let whole = read();
        remove();
        let calls = || Faults { calls: ALL, from: 0, count: 0, error: 0 };
        let count = place.file("total");
        let mut counted = faulty(place.command(line, file), ".updated-", &calls());
        succeeds(counted.env("FAULT_TOTAL", &count).output().unwrap());
        remove();
        let total: usize = fs::read_to_string(&count).unwrap().parse().unwrap();
        fs::remove_file(count).unwrap();
        let last = total - 9..=total;
        let some: Vec<usize> = (0..6).map(|_| 1 + dice.below(total)).chain(last).collect();
        for from in some {
            let name = format!("{file}, call {from} of {total}");
            let faults = Faults { from, count: 1, ..calls() };
            let killed = faulty(place.command(line, file), ".updated-", &faults).output().unwrap();
            assert_eq!(killed.status.code(), None, "{name}: {}", said(&killed));
            succeeds(place.command(line, file).output().unwrap());
            assert!(read() == whole, "{name}");
            remove();
            assert_eq!(names_in(place.folder.path()), ["old.csv"], "{name}");
        }
    }
}
