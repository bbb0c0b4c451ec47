//! Results of several windows of 100,000 rows, which formats settle one by one.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::Path;

use mly::sink::Format;
use mly::{Area, Error, Plan, Query};
use mly_emulator::{Emulator, World};

use super::damage::Wreck;
use super::log::{Record, records};
use super::{Desk, unfinished};

/// So many images, 20,000 in a tile.
pub(super) fn world(images: u64) -> (Desk, Plan) {
    let world = World::random(1, images);
    let [west, south, east, north] = world.bbox().unwrap();
    let plan = Query::images(Area::bbox(west, south, east, north).unwrap()).plan().unwrap();
    (Desk::new(Emulator::start(world).unwrap()), plan)
}

/// What the last mark says of a value.
fn last(folder: &Path, name: &str) -> serde_json::Value {
    records(folder).last().unwrap().head["checkpoint"][name].clone()
}

/// Takes away what the system may have kept in memory only: what came after the last record that is durable.
fn lose_power(folder: &Path) {
    let records = records(folder);
    let lengths = |record: &Record| -> BTreeMap<String, BTreeMap<String, u64>> {
        serde_json::from_value(record.head["checkpoint"]["files"].clone()).unwrap_or_default()
    };
    let durable = records.iter().rfind(|record| record.head["checkpoint"]["is_durable"] == true);
    let durable = durable.map(lengths).unwrap_or_default();
    for name in lengths(records.last().unwrap()).keys() {
        let file = OpenOptions::new().write(true).open(folder.join(name)).unwrap();
        file.set_len(durable.get(name).map_or(0, |extent| extent["length"])).unwrap();
    }
}

/// Every way in which work on one format may be left, and the work itself.
fn is_gone_on_with(format: Format, images: u64) -> Wreck {
    let (desk, plan) = world(images);
    let mut wreck = Wreck::when(|summary| summary.rows + 40_000 >= images, desk, &plan, format).unwrap();
    let path = wreck.copy();
    let folder = unfinished(&path);
    let settled = last(&folder, "settled")["rows"].as_u64().unwrap();
    // Rows of tiles wait in the order in which they come, and not in windows.
    let is_window = settled.is_multiple_of(100_000) || format == Format::PmTiles;
    assert!(settled >= 100_000 && is_window, "{settled}");
    let before = wreck.desk.emulator.requests().len();
    wreck.is_finished(&path, "a killed process");
    let asked = wreck.desk.emulator.requests().len() - before;
    assert!(asked + 5 < wreck.whole.requests, "{asked} of {} requests", wreck.whole.requests);

    let path = wreck.copy();
    lose_power(&unfinished(&path));
    wreck.is_finished(&path, "a loss of power");

    // The journal is as old as may be, and everything else is of today.
    let path = wreck.copy();
    let folder = unfinished(&path);
    let records = records(&folder);
    let durable = records.iter().rfind(|record| record.head["checkpoint"]["is_durable"] == true);
    // Where no record is durable yet, files that it names may be gone, and the work begins anew.
    let old = durable.unwrap_or(&records[records.len() / 2]);
    let journal = OpenOptions::new().write(true).open(folder.join("journal")).unwrap();
    journal.set_len(old.end as u64).unwrap();
    drop(journal);
    wreck.is_finished(&path, "an old journal");
    wreck
}

#[test]
fn row_groups_that_are_written_are_not_made_again() {
    is_gone_on_with(Format::Parquet, 260_000);
}

#[test]
fn features_that_are_written_are_not_made_again() {
    is_gone_on_with(Format::FlatGeobuf, 160_000);
}

#[test]
fn rows_that_wait_for_their_tiles_are_not_asked_for_again() {
    is_gone_on_with(Format::PmTiles, 160_000);
}

#[test]
fn windows_of_a_package_are_not_written_again_and_must_be_there() {
    let mut wreck = is_gone_on_with(Format::GeoPackage, 160_000);
    // As long as it was a window ago, empty, and no database at all.
    for (length, bytes) in [(40_960, None), (0, None), (5000, Some([b'x'; 5000]))] {
        let path = wreck.copy();
        let data = unfinished(&path).join("data");
        match bytes {
            Some(bytes) => fs::write(&data, bytes).unwrap(),
            None => OpenOptions::new().write(true).open(&data).unwrap().set_len(length).unwrap(),
        }
        let client = wreck.desk.client(4);
        let error = wreck.desk.run(&client, &wreck.plan, (Format::GeoPackage, &path)).unwrap_err();
        assert!(matches!(error, Error::Journal { .. }), "{length}: {error} {error:?}");
        assert!(!path.exists());
        if length == 0 {
            let mut anew = client.run(&wreck.plan);
            wreck.desk.wait(anew.write_file(&path, Format::GeoPackage, true)).unwrap();
            wreck.whole.is_at(&path, "anew");
        }
    }
}
