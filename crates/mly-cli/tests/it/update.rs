//! `--update`: an earlier result brought up to date.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use mly_emulator::{Emulator, Endpoint};

use crate::read::{Row, arrow, csv};
use crate::support::{
    TOWN, demo, everything, mly, names_in, own_demo, steady, without_folder, without_system,
};

const CAMERAS: &str = "--fields captured_at,make,model";

fn ids(mut rows: Vec<Row>) -> Vec<String> {
    rows.sort_by_key(|row| format!("{:?}", row.values["id"]));
    rows.into_iter().map(|row| format!("{:?}", row.values["id"])).collect()
}

/// What is said about an update of a file, without its folder.
fn said(text: &str, folder: &Path, emulator: &Emulator) -> String {
    without_system(&steady(&without_folder(text, folder), emulator))
}

#[test]
fn an_update_has_every_id_and_its_last_line_tells_new_renewed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut lines = String::new();
    for (layer, old, format) in [
        ("images", format!("--until 2020 {CAMERAS}"), "csv"),
        ("sequences", "--until 2019".to_owned(), "parquet"),
        ("points", "--last-seen-until 2021".to_owned(), "gpkg"),
        ("signs", "--last-seen-until 2021".to_owned(), "fgb"),
    ] {
        let (earlier, next) = (path(&format!("{layer}.{format}")), path(&format!("{layer}.arrow")));
        mly(&format!("{layer} {TOWN} {old}")).to(&earlier).at(demo()).done();
        let fields = if layer == "images" { CAMERAS } else { "" };
        let update = mly(&format!("{layer} {TOWN} {fields} --update")).arg(&earlier).to(&next).at(demo());
        lines += &said(&update.done().err, folder.path(), demo());
        assert_eq!(ids(arrow(&fs::read(&next).unwrap())), ids(everything(layer)), "{layer}");
    }
    assert_snapshot!(lines, @r"
    3,697 images, 1,689 of them new, 0 updated, 252 unchanged and 1,756 kept, from 48 requests (460.21 KiB) in TIME s -> images.arrow
    115 sequences, 67 of them new, 0 updated, 45 unchanged and 3 kept, from 17 requests (259.64 KiB) in TIME s -> sequences.arrow
    900 points, 447 of them new, 0 updated, 453 unchanged and 0 kept, from 9 requests (47.02 KiB) in TIME s -> points.arrow
    600 signs, 297 of them new, 0 updated, 303 unchanged and 0 kept, from 9 requests (34.21 KiB) in TIME s -> signs.arrow
    ");
}

#[test]
fn only_what_has_changed_is_called_updated() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (layer, column) in
        [("points", "last_seen_at"), ("images", "captured_at"), ("sequences --cut", "captured_at")]
    {
        mly(&format!("{layer} {TOWN} --overwrite")).to(&path("whole.csv")).at(demo()).done();
        let mut reader = csv::Reader::from_path(path("whole.csv")).unwrap();
        let header = reader.headers().unwrap().clone();
        let at = header.iter().position(|name| name == column).unwrap();
        let mut writer = csv::Writer::from_path(path("old.csv")).unwrap();
        writer.write_record(&header).unwrap();
        let mut rows = 0;
        for (row, record) in reader.records().enumerate() {
            let mut fields: Vec<_> = record.unwrap().iter().map(str::to_owned).collect();
            if row % 50 == 7 {
                fields[at] = "1500000000000".to_owned();
            }
            writer.write_record(&fields).unwrap();
            rows = row + 1;
        }
        writer.flush().unwrap();
        let changed = (0..rows).filter(|row| row % 50 == 7).count();
        let summary = path("summary.json");
        let update = mly(&format!("{layer} {TOWN} -f csv --update")).arg(path("old.csv"));
        let done = update.arg("--summary").arg(&summary).at(demo()).done();
        let told: serde_json::Value = serde_json::from_slice(&fs::read(&summary).unwrap()).unwrap();
        let (replaced, unchanged) = (told["replaced"].as_u64().unwrap(), told["unchanged"].as_u64().unwrap());
        assert_eq!((replaced, replaced - unchanged), (rows as u64, changed as u64), "{layer}: {}", done.err);
        assert!(done.err.contains(&format!(" of them new, {changed} updated, ")), "{}", done.err);
    }
}

#[test]
fn a_file_is_replaced_in_its_place_and_never_without_being_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signs.csv");
    mly(&format!("signs {TOWN} --last-seen-until 2021")).to(&path).at(demo()).done();
    let before = fs::read(&path).unwrap();
    let update = |more: &str| mly(&format!("signs {TOWN} {more} --update")).arg(&path).to(&path).at(demo());
    let error = update("").fails(2).err;
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    update("--overwrite").done();
    assert_eq!(ids(csv(&fs::read(&path).unwrap())), ids(everything("signs")));
    assert_eq!(names_in(folder.path()), ["signs.csv"]);
    // Rows of other places stay.
    let elsewhere = mly("signs --near 9.005,51.995 --radius 100 --update").arg(&path).at(demo());
    let elsewhere = elsewhere.arg("-f").arg("csv").done();
    assert_eq!(ids(csv(&elsewhere.out)), ids(everything("signs")));
}

#[test]
fn an_update_looks_up_less_and_tells_when_it_cannot() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("cameras.csv");
    let lookups = || emulator.requests().iter().filter(|seen| seen.kind == Endpoint::Entity).count();
    mly(&format!("images {TOWN} {CAMERAS}")).to(&path).at(&emulator).done();
    let full = lookups();
    let update = |fields: &str| {
        let before = lookups();
        let update = mly(&format!("images {TOWN} {fields} -f csv --update")).arg(&path).at(&emulator);
        let err = said(&update.done().err, folder.path(), &emulator);
        (lookups() - before, err)
    };
    let (some, err) = update(CAMERAS);
    assert!(0 < some && some * 10 < full, "{some} of {full}");
    assert!(!err.contains("warning"), "{err}");
    let (all, err) = update("--fields captured_at,make,model,altitude");
    assert_eq!(all, full);
    let warning = "warning: cameras.csv does not have altitude, so all rows are looked up again\n";
    assert!(err.starts_with(warning), "{err}");
}

#[test]
fn tiles_from_before_the_earlier_result_are_not_used() {
    let (folder, kept, emulator) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("points.csv");
    let run = |more: &str| {
        let before = emulator.requests().len();
        let command = mly(&format!("points {TOWN} {more}"));
        let command = command.variable("MLY_CACHE_DIR", kept.path().to_str().unwrap()).at(&emulator);
        (command, before)
    };
    let (first, _) = run("");
    first.to(&path).done();
    // Tiles that were asked for after the file was written may be used, and others may not.
    for (written, sent) in [(Duration::ZERO, 9), (Duration::from_secs(3600), 0)] {
        let at = SystemTime::now() - written;
        fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        let (update, before) = run("-f csv --update");
        update.arg(&path).done();
        assert_eq!(emulator.requests().len() - before, sent);
    }
    let (update, before) = run("-f csv --max-age 0s --update");
    update.arg(&path).done();
    assert_eq!(emulator.requests().len() - before, 9);
}

#[test]
fn what_cannot_be_brought_up_to_date_is_refused_before_anything_is_sent() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("signs.csv");
    mly(&format!("signs {TOWN}")).to(&path).at(demo()).done();
    let refused = |args: &str, file: &Path| {
        let command = mly(&format!("{args} --update")).arg(file).at(&emulator);
        said(&command.fails(2).err, folder.path(), &emulator)
    };
    let all = [
        refused(&format!("points {TOWN}"), &path),
        refused(&format!("signs {TOWN} --fields value"), &path),
        refused(&format!("signs {TOWN} --limit 5"), &path),
        refused(&format!("signs {TOWN}"), Path::new("-")),
        refused(&format!("signs {TOWN}"), &folder.path().join("nothing.csv")),
        refused("image 7", &path),
        refused("run plan.json", &path),
    ];
    assert_snapshot!(all.concat(), @r"
    error: signs.csv: it holds signs, and not points
    hint: name an earlier result of points
    error: signs.csv: it has a column first_seen_at, which this result would not have
    hint: add it with --fields value,first_seen_at,last_seen_at
    error: the argument '--limit <N>' cannot be used with '--update <FILE>'
    hint: give each option once, and only one of those that exclude each other
    error: --update: standard input cannot be updated, since it is read more than once
    hint: name a file
    error: nothing.csv: it cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read
    error: unexpected argument '--update' found
    hint: mly image ID...|- [--fields A,B,..] [OUTPUT]; see --help
    error: unexpected argument '--update' found
    hint: mly run PLAN|- [--partition I/N] [OUTPUT]; see --help
    ");
    assert_eq!(emulator.requests(), []);
}

#[test]
fn the_summary_counts_rows_that_were_kept_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (path, summary) = (folder.path().join("points.csv"), folder.path().join("summary.json"));
    let rows = "id,value,longitude,latitude\n7,object--bench,1.5,2.5\n";
    fs::write(&path, rows).unwrap();
    let update = mly(&format!("points {TOWN} --summary")).arg(&summary).arg("--update").arg(&path).at(demo());
    let out = update.arg("-f").arg("csv").done();
    assert_eq!(out.text().lines().last().unwrap(), "7,object--bench,,,1.5,2.5");
    let told: serde_json::Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!((&told["rows"], &told["kept"], &told["replaced"]), (&901.into(), &1.into(), &0.into()));
}
