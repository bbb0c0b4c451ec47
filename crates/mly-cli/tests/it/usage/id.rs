//! Ids, fields and sizes that cannot be.

use insta::assert_snapshot;
use mly_emulator::Emulator;

use super::{refusal, refused};
use crate::lookup::ids;
use crate::support::{Mly, mly, own_demo};

/// What a command says that has to ask the service to know.
fn asked(emulator: &Emulator, command: Mly) -> String {
    let outcome = command.at(emulator).fails(2);
    assert!(!emulator.requests().is_empty());
    outcome.err
}

#[test]
fn no_ids_or_too_many_kinds_of_them_are_refused() {
    assert_snapshot!(refused(&[
        "image",
        "thumbnail",
        "image 1 -",
        "image - -",
        "image 1,,2",
        "detections",
        "detections 1",
        "detections --image",
        "detections --image 1 --feature 2",
        "detections --image 1 --from a.csv",
        "detections --image 1 -",
        "download --to photos",
        "download 1",
        "download - - --to photos",
        "cloud --to clouds",
    ]), @"");
}

#[test]
fn ids_that_cannot_be_are_refused() {
    assert_snapshot!(refused(&[
        "image abc",
        "image 12 3x",
        "feature -5",
        "image 0",
        "image 99999999999999999999",
        "organization stadt-neubruck",
        "sequence a.b",
        "sequence -abcDEFghijklmnopqrstu",
        "sequence -- -abc/DEFghijklmnopqrst",
        "detections --image vNL-ZnfUkSC0F-xTBFq86f",
        "thumbnail 1.5",
        "download missing.csv --to photos",
    ]), @"");
}

#[test]
fn verbs_that_differ_by_one_letter_are_told_apart() {
    assert_snapshot!(refused(&[
        "images 7038203092802113",
        "image --bbox 1,2,3,4",
        "detections --near 9,52",
        "thumbnail 1 -o a.txt",
        "sequence --bbox 1,2,3,4",
    ]), @"");
}

#[test]
fn options_of_lookups_that_make_no_sense_are_refused() {
    assert_snapshot!(refused(&[
        "thumbnail 1 --size 1000",
        "thumbnail 1 --size huge",
        "download 1 --to photos --size 512",
        "download 1 --to photos --layout tar",
        "cloud 1 --to clouds -f pyl",
        "cloud 1 --to clouds --frame utm",
        "detections --image 1 --raw --pixels",
        "detections --image 1 --raw -f coco",
        "detections --image 1 --fields value",
        "image 1 -f coco",
        "images @ -f coco",
        "image 1 --fields make,,model",
        "image 1 --fields ma/ke",
        "image 1 -o town.shp",
    ]), @"");
}

#[test]
fn input_that_holds_no_ids_is_refused_with_its_line() {
    let emulator = own_demo();
    let said = |line: &str, input: &str| refusal(&emulator, mly(line).input(input));
    let cases = [
        said("image -", "7038203092802113\r\n\r\nabc\r\n"),
        said("image -", "id,value,first_seen_at\n11722505910527701,a,1\n"),
        said("sequence -", "a b\n"),
        said("detections --from -", "{\"type\":\"Polygon\"}"),
        said("download - --to photos", "7038203092802113 690681606212996\n"),
    ];
    assert_snapshot!(cases.join("\n"), @"");
}

#[test]
fn a_field_that_the_service_does_not_know_names_the_nearest() {
    let image = ids("images", 1).remove(0);
    let sign = ids("signs", 1).remove(0);
    let said = |line: String| asked(&own_demo(), mly(&line));
    let cases = [
        said(format!("image {image} --fields captured_att")),
        said(format!("image {image} --fields make,object_value")),
        said(format!("feature {sign} --fields value")),
    ];
    assert_snapshot!(cases.join("\n"), @"");
    assert_snapshot!(refused(&["images @ --fields makes", "signs @ --fields make"]), @"");
}

#[test]
fn an_existing_output_and_a_missing_token_are_refused_before_anything_is_sent() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "precious").unwrap();
    for line in ["image 1", "feature 1", "sequence a", "organization 1", "detections --image 1"] {
        let said = refusal(&emulator, mly(line).to(&path));
        assert!(said.contains("a.csv exists already"), "{said}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }
    let other = folder.path().join("b.csv");
    for line in ["image 1", "detections --image 1"] {
        mly(line).to(&other).at(&emulator).variable("MAPILLARY_TOKEN", "").fails(3);
    }
    mly("thumbnail 1").at(&emulator).variable("MAPILLARY_TOKEN", "").fails(3);
    let photos = folder.path().join("photos");
    mly("download 1 --to").arg(&photos).at(&emulator).variable("MAPILLARY_TOKEN", "").fails(3);
    assert!(!other.exists() && !photos.exists());
    assert_eq!(emulator.requests(), []);
}
