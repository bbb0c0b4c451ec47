//! Ids that nothing answers to: the rest is written, and they are named and listed.

use std::fs;
use std::path::{Path, PathBuf};

use mly_emulator::{Emulator, Limits, World};
use serde_json::Value as Json;

use super::{NOBODY, ids, still};
use crate::graph::rows;
use crate::support::{Mly, Outcome, demo, mly, names_in};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.geojson");
    (folder, path)
}

fn incomplete(command: Mly) -> Outcome {
    let outcome = command.run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    assert!(outcome.err.starts_with("warning: ") && !outcome.err.contains("error:"), "{}", outcome.err);
    outcome
}

/// The list beside an output.
fn failed(path: &Path) -> String {
    fs::read_to_string(format!("{}.failed", path.display())).unwrap()
}

#[test]
fn the_rest_is_written_and_the_missing_are_named_and_listed() {
    let (folder, path) = folder();
    let [a, b] = [0, 1].map(|i| ids("images", 2)[i].clone());
    let line = format!("image 7 {a} {NOBODY} 12 {b} 7 13 14 15");
    let outcome = incomplete(mly(&line).to(&path).at(demo()));
    let warning = outcome.err.lines().next().unwrap().replace(&path.display().to_string(), "town.geojson");
    assert_eq!(
        warning,
        format!(
            "warning: 6 ids were not found: 7, {NOBODY}, 12, 13, 14, ...; all are listed in town.geojson.failed"
        )
    );
    assert_eq!(failed(&path), format!("7\n{NOBODY}\n12\n13\n14\n15\n"));
    let found = rows("geojson", &fs::read(&path).unwrap());
    assert_eq!(found.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), [&a, &b]);
    assert_eq!(names_in(folder.path()), ["town.geojson", "town.geojson.failed"]);
}

#[test]
fn the_list_is_an_input_and_goes_away_when_nothing_is_missing() {
    let (folder, path) = folder();
    let good = ids("images", 1).remove(0);
    incomplete(mly(&format!("image {NOBODY} {good}")).to(&path).at(demo()));
    let again = mly("image - --overwrite").to(&path).input(failed(&path)).at(demo());
    incomplete(again);
    assert_eq!(failed(&path), format!("{NOBODY}\n"));
    mly(&format!("image {good} --overwrite")).to(&path).at(demo()).done();
    assert_eq!(names_in(folder.path()), ["town.geojson"]);
}

#[test]
fn a_result_on_standard_output_has_no_list() {
    let outcome = incomplete(mly(&format!("image {NOBODY} -q")).at(demo()));
    assert_eq!(outcome.err, format!("warning: 1 id was not found: {NOBODY}\n"));
    assert!(rows("geojson", &outcome.out).is_empty());
    #[cfg(unix)]
    incomplete(mly(&format!("image {NOBODY} -q -f csv -o /dev/null")).at(demo()));
}

#[test]
fn a_list_that_cannot_be_written_is_a_failure_of_the_output() {
    let (folder, path) = folder();
    fs::create_dir(folder.path().join("town.geojson.failed")).unwrap();
    let good = ids("images", 1).remove(0);
    for line in [format!("image {NOBODY}"), format!("image {good}")] {
        let outcome = mly(&format!("{line} --overwrite")).to(&path).at(demo()).run();
        assert_eq!(outcome.code, 6, "{}", outcome.err);
        assert!(outcome.err.contains("error: cannot "), "{}", outcome.err);
        assert!(path.is_file(), "the result itself is there");
    }
}

#[test]
fn what_is_no_list_of_ids_is_not_replaced_by_one_nor_removed() {
    let good = ids("images", 1).remove(0);
    let lines = [
        "image ID -o out.csv",
        "images --near 9.005,51.998 -o out.csv",
        "download ID --size 256 --to out.csv",
    ];
    for line in lines {
        let (folder, _) = folder();
        let (out, list) = (folder.path().join("out.csv"), folder.path().join("out.csv.failed"));
        let ask = || {
            let line = line.replace("ID", &good).replace("out.csv", out.to_str().unwrap());
            mly(&line).at(demo())
        };
        fs::write(&list, "things to do\n").unwrap();
        let outcome = ask().fails(2);
        assert!(
            outcome.err.contains("out.csv.failed exists already, and is not a list of ids"),
            "{}",
            outcome.err
        );
        assert_eq!(fs::read_to_string(&list).unwrap(), "things to do\n");
        #[cfg(unix)]
        {
            fs::rename(&list, folder.path().join("precious")).unwrap();
            std::os::unix::fs::symlink("precious", &list).unwrap();
            let outcome = ask().fails(2);
            assert!(outcome.err.contains("out.csv.failed is a link"), "{}", outcome.err);
            assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "things to do\n");
            fs::remove_file(&list).unwrap();
        }
        fs::write(&list, "9999\nKoXo3fR9b7L_LPpitTPOHk\n").unwrap();
        ask().done();
    }
}

#[test]
fn ids_of_another_kind_are_not_found() {
    let (image, sign) = (ids("images", 1).remove(0), ids("signs", 1).remove(0));
    let lines = [
        format!("image {sign}"),
        format!("feature {image}"),
        format!("organization {image}"),
        format!("organization {sign}"),
        format!("detections --image {sign}"),
        format!("detections --feature {image}"),
        format!("thumbnail {sign}"),
    ];
    for line in lines {
        let outcome = incomplete(mly(&format!("{line} -q")).at(demo()));
        let id = line.rsplit(' ').next().unwrap();
        assert_eq!(outcome.err, format!("warning: 1 id was not found: {id}\n"), "{line}");
    }
    let mixed = incomplete(mly(&format!("image {sign} {image} -f csv")).at(demo()));
    assert_eq!(rows("csv", &mixed.out)[0]["id"], image.as_str());
}

#[test]
fn a_summary_lists_what_was_not_found() {
    let (folder, path) = folder();
    let summary = folder.path().join("summary.json");
    incomplete(mly(&format!("image {NOBODY} 7")).to(&path).arg("--summary").arg(&summary).at(demo()));
    let summary: Json = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!(summary["not_found"], serde_json::json!([NOBODY, "7"]));
    assert_eq!((&summary["rows"], &summary["requests"]["tiles"]), (&Json::from(0), &Json::from(0)));
    assert!(summary["requests"]["entities"].as_u64().unwrap() > 0);
}

/// A world whose tiles show images that were deleted.
fn forgetful() -> Emulator {
    Emulator::builder(World::demo()).with_limits(Limits::default().with_stale_one_in(10)).start().unwrap()
}

#[test]
fn images_deleted_from_an_area_are_told_and_are_no_failure() {
    let emulator = forgetful();
    let line = "images --near 9.005,51.998 --radius 150 -f csv -q --fields";
    let plain = mly(&format!("{line} captured_at")).at(&emulator).done();
    let outcome = mly(&format!("{line} captured_at,make")).at(&emulator).done();
    let (plain, all) = (rows("csv", &plain.out), rows("csv", &outcome.out));
    assert_eq!(all.len(), plain.len());
    let gone = all.iter().filter(|row| !row.contains_key("make")).count();
    assert!(gone > 5 && gone < all.len() / 2, "{gone} of {}", all.len());
    let head = format!("warning: {gone} ids listed by tiles or searches were not found: ");
    assert!(outcome.err.starts_with(&head) && outcome.err.ends_with(", ...\n"), "{}", outcome.err);
    assert_eq!(outcome.err.lines().count(), 1);
}

#[test]
fn a_sequence_without_images_is_not_found() {
    let (_folder, path) = folder();
    let sequence = crate::support::everything("images")[0].text("sequence_id").to_owned();
    let nobody = "nobody0000000000000000";
    let outcome = incomplete(mly(&format!("sequence {nobody} {sequence}")).to(&path).at(still()));
    let warning = format!("warning: 1 id was not found: {nobody}; ");
    assert!(outcome.err.starts_with(&warning), "{}", outcome.err);
    assert_eq!(failed(&path), format!("{nobody}\n"));
    assert!(rows("geojson", &fs::read(&path).unwrap()).len() > 1);
}
