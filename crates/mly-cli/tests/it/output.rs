//! Files: whole or absent, never mixed, never replaced without being asked.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use mly_emulator::Fault;

use crate::read::geojson;
use crate::support::{Mly, TOWN, demo, everything, mly, names_in, own_demo};

fn images() -> Mly {
    mly(&format!("images {TOWN}"))
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.geojson");
    (folder, path)
}

/// Insists that a file holds the images of the town.
fn assert_whole(path: &Path) {
    assert_eq!(geojson(&fs::read(path).unwrap()), everything("images"));
}

#[test]
fn a_finished_file_is_alone_in_its_folder() {
    let (folder, path) = folder();
    let outcome = images().to(&path).at(demo()).done();
    assert!(outcome.out.is_empty());
    assert_eq!(names_in(folder.path()), ["town.geojson"]);
    assert_whole(&path);
}

#[test]
fn after_a_failure_in_the_middle_the_same_command_goes_on() {
    for format in ["geojson", "geojsonseq", "csv", "arrow"] {
        let (folder, path) = folder();
        let emulator = own_demo();
        emulator.fail(Fault::status(503).tile(14, 8602, 5411));
        let outcome = images().arg("--retries=0").arg("-f").arg(format).to(&path).at(&emulator).fails(5);
        let first = emulator.requests().len();
        assert!(first > 1 && !path.exists(), "{}", outcome.err);
        emulator.clear_faults();
        images().arg("-f").arg(format).to(&path).at(&emulator).done();
        assert_eq!(names_in(folder.path()), ["town.geojson"]);
        let undisturbed = folder.path().join("other");
        images().arg("-f").arg(format).to(&undisturbed).at(&emulator).done();
        assert_eq!(fs::read(&path).unwrap(), fs::read(&undisturbed).unwrap(), "{format}");
    }
}

#[test]
fn what_is_gone_on_with_before_anything_is_settled_is_the_same_file() {
    for format in ["geojson", "geojsonseq", "csv", "arrow", "parquet", "fgb", "gpkg", "pmtiles"] {
        let (folder, path) = folder();
        let whole = folder.path().join("other");
        images().arg("-f").arg(format).to(&whole).at(demo()).done();
        for tiles in [1, 4, 8] {
            let begun = images().arg("-f").arg(format).arg("--concurrency=1");
            begun.arg(format!("--tiles-per-day={tiles}")).to(&path).at(demo()).fails(4);
            images().arg("-f").arg(format).to(&path).at(demo()).done();
            assert!(fs::read(&path).unwrap() == fs::read(&whole).unwrap(), "{format}, {tiles} tiles");
            fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn an_existing_file_is_refused_and_stays_as_it_is() {
    let (folder, path) = folder();
    fs::write(&path, "precious").unwrap();
    let emulator = own_demo();
    let outcome = images().to(&path).at(&emulator).fails(2);
    assert_snapshot!(outcome.err.replace(&path.display().to_string(), "town.geojson"), @r"
    error: town.geojson exists already
    hint: choose another name, or add --overwrite
    ");
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), emulator.requests().len()), ("precious", 0));
    assert_eq!(names_in(folder.path()), ["town.geojson"]);
}

#[test]
fn an_existing_file_is_replaced_when_asked_for_and_only_by_a_whole_one() {
    let (folder, path) = folder();
    fs::write(&path, "precious").unwrap();
    let emulator = own_demo();
    emulator.fail(Fault::status(400));
    images().arg("--overwrite").to(&path).at(&emulator).fails(5);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    images().arg("--overwrite").to(&path).at(demo()).done();
    assert_whole(&path);
    assert_eq!(names_in(folder.path()), ["town.geojson"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_refused_before_anything_is_sent() {
    let (folder, _) = folder();
    let emulator = own_demo();
    let places = [
        folder.path().join("no/town.csv"),
        folder.path().join("town.csv/x.csv"),
        PathBuf::from("/proc/town.csv"),
    ];
    fs::write(folder.path().join("town.csv"), "").unwrap();
    for place in &places {
        let err = images().to(place).at(&emulator).fails(2).err;
        assert!(err.starts_with(&format!("error: cannot write {}: ", place.display())), "{err}");
    }
    let err = images().arg("-fcsv").to(folder.path()).at(&emulator).fails(2).err;
    assert!(err.contains(": it is a directory\n"), "{err}");
    for option in ["--summary", "-o"] {
        for place in [&places[0], &places[1]] {
            mly(&format!("plan images {TOWN} {option}")).arg(place).at(&emulator).fails(2);
        }
        mly(&format!("plan images {TOWN} {option}")).arg(folder.path()).fails(2);
    }
    images().arg("--summary").arg(&places[0]).at(&emulator).fails(2);
    assert_eq!(emulator.requests(), []);
}

/// A stream that takes some bytes and then fails.
struct Failing {
    room: usize,
    kind: io::ErrorKind,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(self.kind.into());
        }
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.room == 0 { Err(self.kind.into()) } else { Ok(()) }
    }
}

/// Commands that print data, and how many bytes of it are printed before the stream fails.
fn printing() -> Vec<(String, usize)> {
    let formats =
        ["geojson", "geojsonseq", "csv", "arrow"].map(|format| format!("images {TOWN} -f {format}"));
    let others = [
        "--help",
        "--version",
        "images --help",
        "completions bash",
        "plan images --tile 14/1/1",
        "doctor",
        "image 7038203092802113",
        "detections --image 7038203092802113 -f coco",
        "thumbnail 7038203092802113",
    ];
    let lines = formats.into_iter().chain(others.map(str::to_owned));
    lines.flat_map(|line| [0, 7].map(|room| (line.clone(), room))).collect()
}

#[test]
fn a_full_disk_is_a_failure_of_the_output() {
    for (line, room) in printing() {
        let failing = Failing { room, kind: io::ErrorKind::StorageFull };
        let outcome = mly(&line).at(demo()).out(failing).fails(6);
        assert!(
            outcome.err.contains("no storage space") && outcome.err.contains("free some disk space"),
            "{}",
            outcome.err
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_a_success_and_nothing_is_said() {
    for (line, room) in printing() {
        let failing = Failing { room, kind: io::ErrorKind::BrokenPipe };
        let outcome = mly(&line).at(demo()).out(failing).done();
        assert_eq!(outcome.err, "", "{line}");
    }
    mly("emulate --port 0").out(Failing { room: 0, kind: io::ErrorKind::BrokenPipe }).done();
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_pipes_are_written_to_directly() {
    images().arg("-fcsv").to(Path::new("/dev/null")).at(demo()).done();
    mly(&format!("plan images {TOWN} --summary /dev/null -o /dev/null")).done();
    let (folder, path) = folder();
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let read = std::thread::spawn({
        let path = path.clone();
        move || fs::read(path).unwrap()
    });
    images().to(&path).at(demo()).done();
    assert_eq!(geojson(&read.join().unwrap()), everything("images"));
    assert_eq!(names_in(folder.path()), ["town.geojson"], "the pipe was replaced by a file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_a_failure_of_the_output() {
    let full = Path::new("/dev/full");
    for format in ["geojson", "geojsonseq", "csv", "arrow"] {
        images().arg("-f").arg(format).to(full).at(demo()).fails(6);
    }
    mly(&format!("plan images {TOWN}")).to(full).fails(6);
    let outcome = images().arg("-q").arg("--summary").arg(full).at(demo()).fails(6);
    assert_eq!(geojson(&outcome.out), everything("images"));
}
