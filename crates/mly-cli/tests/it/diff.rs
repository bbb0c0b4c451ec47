//! `mly diff`: what has changed between two results.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use crate::read::{csv, geojson};
use crate::support::{TOWN, demo, mly, names_in, own_demo, steady, without_folder, without_system};

/// A file with some rows of the demo town.
fn town(what: &str, name: &str, folder: &Path) -> PathBuf {
    let path = folder.join(name);
    mly(&format!("{what} {TOWN} -q")).to(&path).at(demo()).done();
    path
}

/// The lines of a CSV file in which some fields of some lines are changed.
fn edited(path: &Path, name: &str, edit: impl Fn(usize, &str) -> Option<String>) -> PathBuf {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().filter_map(|(number, line)| edit(number, line));
    let other = path.with_file_name(name);
    fs::write(&other, lines.map(|line| line + "\n").collect::<String>()).unwrap();
    other
}

fn said(text: &str, folder: &Path) -> String {
    without_system(&steady(&without_folder(text, folder), demo()))
}

#[test]
fn changes_are_written_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let new = town("signs", "new.csv", folder.path());
    // One row is not there yet, two rows have another id, and one has an earlier date.
    let old = edited(&new, "old.csv", |number, line| match number {
        5 => None,
        9 | 10 => Some(line.split_once(',').map(|(_, rest)| format!("{number},{rest}")).unwrap()),
        20 => {
            let mut fields: Vec<&str> = line.split(',').collect();
            fields[3] = "1400000000000";
            Some(fields.join(","))
        }
        _ => Some(line.to_owned()),
    });
    let done = mly("diff -f csv").arg(&old).arg(&new).done();
    let rows = csv(&done.out);
    let changes: Vec<_> = rows.iter().map(|row| row.text("change").to_owned()).collect();
    for (change, count) in [("new", 1), ("remade", 2), ("seen_again", 1)] {
        assert_eq!(changes.iter().filter(|found| *found == change).count(), count, "{change}");
    }
    let header = done.text().lines().next().unwrap();
    assert_eq!(
        header,
        "change,id,old_id,moved_m,match,looks,look_sequences,last_look,value,first_seen_at,last_seen_at,longitude,latitude"
    );
    assert_snapshot!(said(&done.err, folder.path()), @r"
    warning: the areas of OLD and NEW are not known, so that both are taken to cover everything
    1 new, 2 remade, 1 seen_again, 596 same
    4 rows in TIME s
    ");
    // The same in every format, some of which sort rows by place, and into the old file itself.
    let lines = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    for name in ["a.parquet", "a.gpkg", "a.fgb", "a.arrow"] {
        let path = folder.path().join(name);
        mly("diff -q").arg(&old).arg(&new).to(&path).done();
        let again = mly("convert -q -f csv").arg(&path).arg("-").done();
        assert_eq!(lines(again.text()), lines(done.text()), "{name}");
    }
    // GeoJSON has no columns without values.
    let told = mly("diff -q -f geojson").arg(&old).arg(&new).done();
    assert_eq!(geojson(&told.out), rows);
    mly("diff -q --overwrite").arg(&old).arg(&new).to(&old).done();
    assert_eq!(fs::read(&old).unwrap(), done.out);
}

#[test]
fn images_tell_who_has_looked() {
    let folder = tempfile::tempdir().unwrap();
    let (new, images) = (town("signs", "new.csv", folder.path()), town("images", "i.parquet", folder.path()));
    // A sign on the spot of the first one, which nobody has seen since.
    let old = edited(&new, "old.csv", |number, line| {
        let mut fields: Vec<&str> = line.split(',').collect();
        if number != 1 {
            return Some(line.to_owned());
        }
        (fields[0], fields[1], fields[3]) = ("1", "warning--wombats--g1", "1300000000000");
        Some(format!("{line}\n{}", fields.join(",")))
    });
    let diff = || mly("diff -f csv --lag 1d").arg(&old).arg(&new);
    let rows = csv(&diff().done().out);
    assert_eq!((rows.len(), rows[0].text("change"), rows[0].values.get("looks")), (1, "unseen", None));
    let done = diff().arg("--seen-by").arg(&images).done();
    let rows = csv(&done.out);
    let row = rows.iter().find(|row| row.int("id") == Some(1)).unwrap();
    assert_eq!(row.text("change"), "maybe_gone");
    assert!(row.int("looks").unwrap() > 0 && row.int("look_sequences").unwrap() > 0, "{row:?}");
    assert!(
        done.err.contains("a sequence that passes what is there leads to a detection in"),
        "{}",
        done.err
    );
}

#[test]
fn files_tell_what_they_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let all = town("images", "all.parquet", folder.path());
    let old = town("images --until 2019", "old.gpkg", folder.path());
    let done = mly("diff -f csv").arg(&old).arg(&all).done();
    assert!(csv(&done.out).iter().all(|row| row.text("change") == "unmeasured"));
    assert!(!done.err.contains("warning"), "{}", done.err);
    // Where the area is not known, it can be given.
    let (new, part) = (town("signs", "new.csv", folder.path()), folder.path().join("part.csv"));
    mly("signs --bbox 8.98,51.98,9.03,51.99 -q").to(&part).at(demo()).done();
    let square = folder.path().join("part.wkt");
    fs::write(&square, "POLYGON ((8.98 51.98, 9.03 51.98, 9.03 51.99, 8.98 51.99, 8.98 51.98))").unwrap();
    let done = mly("diff -f csv --new-within").arg(&square).arg(&new).arg(&part).done();
    let rows = csv(&done.out);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.text("change") == "unmeasured"));
    let done = mly("diff -f csv").arg(&new).arg(&part).done();
    assert!(csv(&done.out).iter().all(|row| row.text("change") == "unseen"));
}

#[test]
fn nothing_is_asked_and_no_token_is_needed() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("a.csv");
    fs::write(&path, "id,longitude,latitude\n1,2,3\n").unwrap();
    let summary = folder.path().join("summary.json");
    let command = mly("diff --all -f csv").arg(&path).arg(&path).arg("--summary").arg(&summary).at(&emulator);
    assert_eq!(command.done().text().lines().count(), 2);
    let told: serde_json::Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!(told["rows"], 1);
    assert_eq!(emulator.requests(), []);
}

#[test]
fn what_cannot_be_compared_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (signs, images) =
        (town("signs", "signs.csv", folder.path()), town("images", "images.csv", folder.path()));
    let points = town("points", "points.parquet", folder.path());
    town("signs", "signs.parquet", folder.path());
    fs::write(path("nameless.csv"), "value,longitude,latitude\nx,9,52\n").unwrap();
    let before = names_in(folder.path());
    let said = |options: &str, old: &Path, new: &Path| {
        let command = mly(&format!("diff {options}")).arg(old).arg(new).to(&path("out.csv"));
        said(&command.fails(2).err, folder.path())
    };
    let all = [
        said("", &images, &signs),
        said("", &points, &path("signs.parquet")),
        said("", &signs, &path("nameless.csv")),
        said("", &path("nowhere.csv"), &signs),
        said("", Path::new("-"), &signs),
        said(&format!("--seen-by {}", images.display()), &images, &images),
        said(&format!("--seen-by {}", signs.display()), &signs, &signs),
        said("--within-m -3", &signs, &signs),
        said("--lag 60", &signs, &signs),
        said("--as-of someday", &signs, &signs),
        mly("diff a.csv").fails(2).err,
    ];
    assert_snapshot!(all.concat(), @r"
    error: OLD has images, and NEW has map features
    hint: compare two results of one layer
    error: OLD has points, and NEW has signs
    hint: compare two results of one layer
    error: nameless.csv: there is no column id
    hint: rows are compared by their ids
    error: nowhere.csv: it cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read
    error: OLD: standard input cannot be compared, since it is read more than once
    hint: name a file
    error: looks are counted for map features, and these are images
    hint: leave the images out
    error: signs.csv: these are no images with dates and positions
    hint: ask for them with mly images, with the columns captured_at, compass_angle and sequence_id
    error: --within-m: `-3` is not a distance
    hint: give metres from 0 to 1000, such as --within-m 15
    error: --lag: `60` is not a length of time
    hint: give a number with h, d or w for its unit, such as --lag 60d
    error: --as-of: `someday` is not a date
    hint: write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)
    error: NEW is missing
    hint: mly diff OLD NEW [--seen-by IMAGES] [OUTPUT]; see --help
    ");
    assert_eq!(names_in(folder.path()), before);
}
