//! `mly assets`: an inventory of the demo town.

use std::collections::BTreeSet;
use std::path::Path;

use mly_emulator::{Endpoint, Fault};
use serde_json::Value;

use crate::support::{TOWN, demo, everything, mly, names_in, own_demo};

/// Writes the signs of the town into a file.
fn signs(folder: &Path) -> String {
    let path = folder.join("signs.parquet");
    mly(&format!("signs {TOWN}")).to(&path).at(demo()).done();
    path.display().to_string()
}

/// The properties of the features of a collection.
fn rows_of(collection: &str) -> Vec<Value> {
    let collection: Value = serde_json::from_str(collection).unwrap();
    let features = collection["features"].as_array().unwrap();
    features.iter().map(|feature| feature["properties"].clone()).collect()
}

#[test]
fn signs_alone_make_an_inventory_of_which_much_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows_of(mly(&format!("assets {}", signs(folder.path()))).done().text());
    let ids: BTreeSet<i64> = rows.iter().map(|row| row["asset_id"].as_i64().unwrap()).collect();
    let all: BTreeSet<i64> = everything("signs").iter().map(|row| row.int("id").unwrap()).collect();
    let members: BTreeSet<i64> = rows
        .iter()
        .flat_map(|row| row["members"].as_array().unwrap())
        .map(|id| id.as_i64().unwrap())
        .collect();
    assert!(ids.len() == rows.len() && members == all);
    for unknown in ["images", "sequences", "facing", "side", "road_id", "box", "crop", "viewer_url"] {
        assert!(rows.iter().all(|row| row.as_object().unwrap()[unknown].is_null()), "{unknown}");
    }
}

#[test]
fn look_ups_are_told_before_and_fill_what_photos_know() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("assets.gpkg");
    let told = mly(&format!("assets {} --detections", signs(folder.path()))).to(&path).at(demo()).done().err;
    assert!(
        told.starts_with("look-ups: 12 for 600 map features, 600 requests for their detections"),
        "{told}"
    );
    let rows = rows_of(mly(&format!("convert {} -", path.display())).done().text());
    assert!(rows.iter().all(|row| row["images"].as_i64() > Some(0) && row["best_image_id"].is_i64()));
    assert!(rows.iter().filter(|row| row["facing"].is_f64()).count() > rows.len() / 2);
    assert_eq!(names_in(folder.path()), ["assets.gpkg", "signs.parquet"]);
}

#[test]
fn an_interrupted_inventory_goes_on_with_what_it_has_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let (signs, path) = (signs(folder.path()), folder.path().join("assets.csv"));
    let town = own_demo();
    let run = || mly(&format!("assets {signs} --detections --retries 0")).to(&path).at(&town);
    // The features and some detections come, then the service is gone.
    town.fail("throttle,every=300".parse::<Fault>().unwrap());
    assert_eq!(run().run().code, 4);
    assert!(folder.path().join("assets.csv.lookups").is_dir() && !path.exists());
    town.clear_faults();
    let before = town.requests().len();
    run().done();
    assert!(town.requests().len() - before < 600, "what was looked up is not asked again");
    let whole = folder.path().join("whole.csv");
    mly(&format!("assets {signs} --detections")).to(&whole).at(demo()).done();
    assert_eq!(std::fs::read(path).unwrap(), std::fs::read(whole).unwrap());
    assert!(!folder.path().join("assets.csv.lookups").exists());
}

#[test]
fn a_sign_that_is_gone_is_listed_and_keeps_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signs.csv");
    let text = "id,value,first_seen_at,last_seen_at,longitude,latitude\r\n\
                11722505910527701,warning--roadworks--g1,1589021782139,1589021787004,9.008,52.001\r\n\
                123456789012345,regulatory--stop--g1,1589021782139,1589021787004,9.009,52.001\r\n";
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("assets.csv");
    let outcome = mly(&format!("assets {} --detections", path.display())).to(&out).at(demo()).run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    let failed = std::fs::read_to_string(folder.path().join("assets.csv.failed")).unwrap();
    assert_eq!(failed, "123456789012345\n");
    let rows = std::fs::read_to_string(out).unwrap();
    assert!(rows.contains("\n123456789012345,regulatory--stop--g1,[123456789012345],,,,"), "{rows}");
}

#[test]
fn signs_that_the_service_shows_no_more_are_left_out_and_not_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = "id,value,first_seen_at,last_seen_at,last_crawled_at,longitude,latitude\r\n\
                11722505910527701,warning--roadworks--g1,1589021782139,1589021787004,,9.008,52.001\r\n\
                123456789012345,regulatory--stop--g1,1589021782139,1589021787004,1600000000000,9.009,52.001\r\n";
    std::fs::write(path("signs.csv"), text).unwrap();
    let signs = path("signs.csv").display().to_string();
    let left_out = "that the service shows no more (last_crawled_at)\n";
    let outcome = mly(&format!("assets {signs} --detections")).to(&path("assets.csv")).at(demo()).done();
    assert!(outcome.err.contains(&format!("left out 1 map feature {left_out}")), "{}", outcome.err);
    assert!(outcome.err.starts_with("look-ups: 1 for 1 map feature"), "{}", outcome.err);
    let rows = std::fs::read_to_string(path("assets.csv")).unwrap();
    assert!(rows.lines().count() == 2 && rows.contains("\n11722505910527701,"), "{rows}");
    std::fs::write(path("street.json"), r#"{"elements": []}"#).unwrap();
    let outcome = mly(&format!("osm {signs} {} -f csv", path("street.json").display())).done();
    assert!(outcome.err.contains(&format!("left out 1 sign {left_out}")), "{}", outcome.err);
    assert_eq!(outcome.text().lines().count(), 2);
}

#[test]
fn crops_are_pictures_named_by_the_asset() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signs.csv");
    mly(&format!("signs {TOWN} --limit 6")).to(&path).at(demo()).done();
    let (out, crops) = (folder.path().join("assets.csv"), folder.path().join("crops"));
    let args = format!("assets {} -q --detections --crops {}", path.display(), crops.display());
    mly(&args).to(&out).at(demo()).done();
    let text = std::fs::read_to_string(out).unwrap();
    let id = |line: &str| format!("{}.jpg", line.split(',').next().unwrap());
    let mut want: Vec<String> = text.lines().skip(1).map(id).collect();
    want.sort();
    assert_eq!(names_in(&crops), want);
    for name in names_in(&crops) {
        let bytes = std::fs::read(crops.join(name)).unwrap();
        assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
    }
}

#[test]
fn an_inventory_whose_pictures_were_interrupted_asks_for_no_photo_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signs.csv");
    mly(&format!("signs {TOWN} --limit 6")).to(&path).at(demo()).done();
    let (out, crops) = (folder.path().join("assets.csv"), folder.path().join("crops"));
    let town = own_demo();
    let run = || mly(&format!("assets {} --detections --crops {}", path.display(), crops.display())).to(&out);
    run().at(&town).done();
    let (table, pictures) = (std::fs::read(&out).unwrap(), names_in(&crops));
    std::fs::remove_file(&out).unwrap();
    // A folder is where the last picture belongs.
    std::fs::remove_file(crops.join(&pictures[5])).unwrap();
    std::fs::create_dir(crops.join(&pictures[5])).unwrap();
    assert_eq!(run().at(&town).run().code, 2);
    assert!(!out.exists(), "the table is there only when all is done");
    std::fs::remove_dir(crops.join(&pictures[5])).unwrap();
    let before = town.requests().len();
    run().at(&town).done();
    assert_eq!(town.requests().len(), before);
    assert_eq!((std::fs::read(&out).unwrap(), names_in(&crops)), (table, pictures));
}

#[test]
fn images_are_no_signs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.csv");
    mly(&format!("images {TOWN} --limit 3")).to(&path).at(demo()).done();
    let told = mly(&format!("assets {}", path.display())).fails(2).err;
    assert!(told.contains("images.csv does not hold signs or objects"), "{told}");
    mly(&format!("assets {} --detections", path.display())).at(demo()).fails(2);
    mly("assets nowhere.csv").fails(2);
    mly(&format!("assets {} --crops pictures", path.display())).fails(2);
}

#[test]
fn pictures_of_photos_that_are_gone_are_listed_and_the_rows_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signs.csv");
    mly(&format!("signs {TOWN} --limit 6")).to(&path).at(demo()).done();
    let (out, crops) = (folder.path().join("assets.csv"), folder.path().join("crops"));
    let town = own_demo();
    town.fail(Fault::status(404).on(Endpoint::Thumbnail));
    let args = format!("assets {} --detections --retries 0 --crops {}", path.display(), crops.display());
    let outcome = mly(&args).to(&out).at(&town).run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 7);
    let failed = std::fs::read_to_string(folder.path().join("crops.failed")).unwrap();
    assert!(failed.lines().count() >= 1 && failed.lines().all(|id| id.parse::<u64>().is_ok()), "{failed}");
    assert!(!crops.exists() || names_in(&crops).is_empty(), "{:?}", names_in(&crops));
}
