//! `--update --changes`: the list of what has changed, written while an earlier result is brought up to date.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use mly_emulator::{Emulator, World};
use tempfile::TempDir;

use crate::read::{csv, geojson};
use crate::support::{Mly, TOWN, demo, mly, names_in, own_demo, steady, without_folder, without_system};

/// Results of the demo town of years ago, in a folder.
struct Archive {
    folder: TempDir,
    then: Emulator,
}

impl Archive {
    fn new() -> Self {
        let then = Emulator::start(World::demo_as_of(mly::query::latest_ms("2021").unwrap())).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), then }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with what a layer was then.
    fn store(&self, layer: &str, name: &str) -> PathBuf {
        let path = self.path(name);
        mly(&format!("{layer} {TOWN} -q --overwrite")).to(&path).at(&self.then).done();
        path
    }

    fn said(&self, text: &str) -> String {
        without_system(&steady(&without_folder(text, self.folder.path()), demo()))
    }
}

/// A command that brings a file up to date.
fn update(layer: &str, old: &Path, new: &Path, changes: &Path) -> Mly {
    mly(&format!("{layer} {TOWN} --update")).arg(old).arg("--changes").arg(changes).to(new).at(demo())
}

fn format_of(path: &Path) -> &'static str {
    mly::sink::Format::of_path(path).unwrap().name()
}

#[test]
fn the_list_is_what_diff_tells_of_the_two_files_in_every_layer_and_format() {
    let archive = Archive::new();
    for (layer, old, new, changes) in [
        ("signs", "old.csv", "new.parquet", "changes.geojson"),
        ("points", "old.gpkg", "new.csv", "changes.parquet"),
        ("images", "old.parquet", "new.fgb", "changes.csv"),
        ("sequences --cut", "old.arrow", "new.geojsonl", "changes.gpkg"),
        ("signs", "old.geojson", "new.gpkg", "changes.fgb"),
        ("signs", "old.fgb", "new.arrow", "changes.arrow"),
    ] {
        let old = archive.store(layer, old);
        let (new, changes, again) = (archive.path(new), archive.path(changes), archive.path("again"));
        update(layer, &old, &new, &changes).done();
        mly("diff -q").arg("-f").arg(format_of(&changes)).arg(&old).arg(&new).to(&again).done();
        assert!(fs::read(&changes).unwrap() == fs::read(&again).unwrap(), "{layer}");
        // The updated result is what it is without a list.
        fs::remove_file(&again).unwrap();
        let plain = mly(&format!("{layer} {TOWN} -q --update")).arg(&old).to(&again).at(demo());
        plain.arg("-f").arg(format_of(&new)).done();
        assert!(fs::read(&new).unwrap() == fs::read(&again).unwrap(), "{layer}");
        for path in [old, new, changes, again] {
            fs::remove_file(path).unwrap();
        }
        assert_eq!(names_in(archive.folder.path()), Vec::<String>::new());
    }
}

#[test]
fn rows_that_are_gone_are_marked_in_the_file_and_missing_in_the_list() {
    let archive = Archive::new();
    let old = archive.store("signs", "old.csv");
    let (new, changes) = (archive.path("new.csv"), archive.path("changes.geojson"));
    let done = update("signs", &old, &new, &changes).done();
    let ids = |rows: &[crate::read::Row], name: &str| {
        let mut ids: Vec<String> = rows
            .iter()
            .filter(|row| row.text("change") == name)
            .map(|row| format!("{:?}", row.values["id"]))
            .collect();
        ids.sort();
        ids
    };
    let list = geojson(&fs::read(&changes).unwrap());
    let missing = ids(&list, "unseen");
    let mut marked: Vec<String> = csv(&fs::read(&new).unwrap())
        .iter()
        .filter(|row| row.int("last_crawled_at").is_some())
        .map(|row| format!("{:?}", row.values["id"]))
        .collect();
    marked.sort();
    let remade = list.iter().filter(|row| row.text("change") == "remade").count();
    assert!(!missing.is_empty() && marked.len() == missing.len() + remade, "{marked:?} {missing:?}");
    assert!(missing.iter().all(|id| marked.contains(id)));
    assert_snapshot!(archive.said(&done.err), @r"
    warning: the areas of OLD and NEW are not known, so that both are taken to cover everything
    104 new, 31 remade, 33 changed, 167 seen_again, 43 unseen, 265 same
    378 changes -> changes.geojson
    674 signs, 135 of them new, 200 updated, 265 unchanged and 74 kept, from 9 requests (34.21 KiB) in TIME s -> new.csv
    ");
    // A month later nothing has changed, and what comes back is told.
    let (later, none) = (archive.path("later.csv"), archive.path("none.geojson"));
    update("signs", &new, &later, &none).done();
    assert!(geojson(&fs::read(&none).unwrap()).is_empty());
    assert_eq!(fs::read(&later).unwrap(), fs::read(&new).unwrap());
    let back =
        mly(&format!("signs {TOWN} -q --update")).arg(&later).arg("--changes").arg(archive.path("back.csv"));
    back.to(&archive.path("then.csv")).at(&archive.then).done();
    let back = csv(&fs::read(archive.path("back.csv")).unwrap());
    assert_eq!(back.iter().filter(|row| row.text("change") == "back").count(), marked.len());
}

#[test]
fn a_file_is_replaced_in_its_place_and_rows_may_go_to_standard_output() {
    let archive = Archive::new();
    let old = archive.store("signs", "old.csv");
    let (new, changes) = (archive.path("new.csv"), archive.path("changes.csv"));
    update("signs", &old, &new, &changes).done();
    let (list, rows) = (fs::read(&changes).unwrap(), fs::read(&new).unwrap());
    let stream = mly(&format!("signs {TOWN} -q -f csv --overwrite --update")).arg(&old).arg("--changes");
    let stream = stream.arg(&changes).at(demo()).done();
    assert!(stream.out == rows && fs::read(&changes).unwrap() == list);
    update("signs", &old, &old, &changes).arg("--overwrite").done();
    assert!(fs::read(&old).unwrap() == rows && fs::read(&changes).unwrap() == list);
    assert_eq!(names_in(archive.folder.path()), ["changes.csv", "new.csv", "old.csv"]);
}

#[test]
fn a_list_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    let (archive, emulator) = (Archive::new(), own_demo());
    let old = archive.store("signs", "old.csv");
    fs::write(archive.path("there.csv"), "x").unwrap();
    let refused = |args: &str| {
        let command =
            mly(&format!("signs {TOWN} {args}").replace("DIR/", archive.path("").to_str().unwrap()));
        archive.said(&command.at(&emulator).fails(2).err)
    };
    let all = [
        refused("--changes DIR/c.csv"),
        refused("--update DIR/old.csv --changes DIR/c.xyz -o DIR/new.csv"),
        refused("--update DIR/old.csv --changes - -o DIR/new.csv"),
        refused("--update DIR/old.csv --changes DIR/there.csv -o DIR/new.csv"),
        refused("--update DIR/old.csv --changes DIR/c.csv -o DIR/there.csv"),
        refused("--update DIR/old.csv --changes DIR/old.csv -o DIR/new.csv"),
        refused("--update DIR/old.csv --changes DIR/new.csv -o DIR/new.csv"),
        refused("--update DIR/old.csv --changes DIR/c.csv -o DIR/new.csv --summary DIR/c.csv"),
        refused("--update DIR/none.csv --changes DIR/c.csv -o DIR/new.csv"),
    ];
    assert_snapshot!(all.concat(), @r"
    error: --update FILE is missing
    hint: mly signs AREA [FILTERS] [OUTPUT]; see --help
    error: --changes: cannot tell the format from the name `c.xyz`
    hint: give the name the ending of a format, such as .csv or .parquet
    error: --changes: standard output is for the updated rows
    hint: name a file for the changes
    error: there.csv exists already
    hint: choose another name, or add --overwrite
    error: there.csv exists already
    hint: choose another name, or add --overwrite
    error: old.csv is one of the results
    hint: choose another name for the list of changes
    error: new.csv is one of the results
    hint: choose another name for the list of changes
    error: --summary: c.csv is where the data is written to
    hint: choose another name for the summary
    error: none.csv cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read
    ");
    assert_eq!(emulator.requests(), []);
    assert_eq!(fs::read(&old).unwrap(), fs::read(archive.store("signs", "same.csv")).unwrap());
}
