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
    ]), @r"
    $ mly image
    error: no ids given
    hint: give ids, or - to read them from standard input

    $ mly thumbnail
    error: no ids given
    hint: give ids, or - to read them from standard input

    $ mly image 1 -
    error: ids and - do not mix
    hint: give all ids as arguments, or all of them on standard input

    $ mly image - -
    error: ids and - do not mix
    hint: give all ids as arguments, or all of them on standard input

    $ mly image 1,,2
    error: ID...: an entry of the list is empty
    hint: separate the entries by single commas

    $ mly detections
    error: no ids given
    hint: give one of --image ID..., --feature ID... or --from FILE

    $ mly detections 1
    error: unexpected argument '1' found
    hint: numbers that belong together have commas between them: --bbox W,S,E,N

    $ mly detections --image
    error: --image needs a value
    hint: write --image ID...

    $ mly detections --image 1 --feature 2
    error: more than one kind of ids given
    hint: give one of --image ID..., --feature ID... or --from FILE

    $ mly detections --image 1 --from a.csv
    error: more than one kind of ids given
    hint: give one of --image ID..., --feature ID... or --from FILE

    $ mly detections --image 1 -
    error: ids and - do not mix
    hint: give all ids as arguments, or all of them on standard input

    $ mly download --to photos
    error: no ids given
    hint: give ids, a file with ids, or - to read standard input

    $ mly download 1
    error: --to DIR is missing
    hint: mly download ID|FILE|-... --to DIR [--size 1024] [--layout files|webdataset]; --help tells more

    $ mly download - - --to photos
    error: - is given twice
    hint: standard input can be read once

    $ mly cloud --to clouds
    error: no ids given
    hint: give ids, a file with ids, or - to read standard input
    ");
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
        "image Cargo.toml",
        "thumbnail 1.5",
        "download missing.csv --to photos",
    ]), @r"
    $ mly image abc
    error: `abc` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly image 12 3x
    error: `3x` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly feature -5
    error: `-5` is not an id of a map feature
    hint: ids are whole numbers, such as 1933525276802129

    $ mly image 0
    error: `0` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly image 99999999999999999999
    error: `99999999999999999999` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly organization stadt-neubruck
    error: `stadt-neubruck` is not an id of an organization
    hint: ids are whole numbers, such as 1933525276802129

    $ mly sequence a.b
    error: `a.b` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly sequence -abcDEFghijklmnopqrstu
    error: unexpected argument '-a' found
    hint: ids that begin with - stand behind --, such as mly sequence -- -ab...; --help tells more

    $ mly sequence -- -abc/DEFghijklmnopqrst
    error: `-abc/DEFghijklmnopqrst` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly detections --image vNL-ZnfUkSC0F-xTBFq86f
    error: `vNL-ZnfUkSC0F-xTBFq86f` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly thumbnail 1.5
    error: `1.5` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly download missing.csv --to photos
    error: cannot read missing.csv: No such file or directory (os error 2)
    hint: give a file with ids, or - to read standard input
    ");
}

#[test]
fn verbs_that_differ_by_one_letter_are_told_apart() {
    assert_snapshot!(refused(&[
        "images 7038203092802113",
        "image --bbox 1,2,3,4",
        "detections --near 9,52",
        "thumbnail 1 -o a.txt",
        "sequence --bbox 1,2,3,4",
    ]), @r"
    $ mly images 7038203092802113
    error: unexpected argument '7038203092802113' found
    hint: ids go with verbs in the singular, such as mly image 7038203092802113

    $ mly image --bbox 1,2,3,4
    error: unexpected argument '--bbox' found
    hint: areas go with the verbs images, sequences, points and signs

    $ mly detections --near 9,52
    error: unexpected argument '--near' found
    hint: did you mean `--feature`?

    $ mly thumbnail 1 -o a.txt
    error: unexpected argument '-o' found
    hint: mly thumbnail ID...|- [--size 256|1024|2048|original]; --help tells more

    $ mly sequence --bbox 1,2,3,4
    error: unexpected argument '--bbox' found
    hint: areas go with the verbs images, sequences, points and signs
    ");
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
    ]), @r"
    $ mly thumbnail 1 --size 1000
    error: --size: unknown size `1000`
    hint: did you mean `1024`?

    $ mly thumbnail 1 --size huge
    error: --size: unknown size `huge`
    hint: known: 256, 1024, 2048, original

    $ mly download 1 --to photos --size 512
    error: --size: unknown size `512`
    hint: known: 256, 1024, 2048, original

    $ mly download 1 --to photos --layout tar
    error: --layout: unknown layout `tar`
    hint: known: files, webdataset

    $ mly cloud 1 --to clouds -f pyl
    error: --format: unknown format `pyl`
    hint: did you mean `ply`?

    $ mly cloud 1 --to clouds --frame utm
    error: --frame: unknown frame `utm`
    hint: known: wgs84, enu

    $ mly detections --image 1 --raw --pixels
    error: the argument '--raw' cannot be used with '--pixels'
    hint: give each option once, and one of those that exclude each other

    $ mly detections --image 1 --raw -f coco
    error: coco does not go with --raw
    hint: coco has outlines in pixels; leave --raw out

    $ mly detections --image 1 --fields value
    error: unexpected argument '--fields' found
    hint: did you mean `--pixels`?

    $ mly image 1 -f coco
    error: these rows cannot be written as coco: there is no column image_id
    hint: coco is for detections in pixels; other formats take any rows

    $ mly images @ -f coco
    error: these rows cannot be written as coco: there is no column image_id
    hint: coco is for detections in pixels; other formats take any rows

    $ mly image 1 --fields make,,model
    error: --fields: an entry of the list is empty
    hint: separate the entries by single commas

    $ mly image 1 --fields ma/ke
    error: `ma/ke` is not the name of a field
    hint: names have letters, digits, _ and dots

    $ mly image 1 -o town.shp
    error: the name `town.shp` does not tell a format
    hint: name the format with -f, or use one of .geojson .json .geojsonl .geojsonseq .ndjson .csv .arrow
    ");
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
    assert_snapshot!(cases.join("\n"), @r"
    error: standard input: line 3: `abc` is not the id of any image
    hint: expected are ids one a line, CSV with a column id, GeoJSON, or Arrow

    error: standard input: these are map features, and images are expected
    hint: `mly detections --from FILE` tells the images that show them

    error: standard input: line 1: `a b` is not the id of any sequence
    hint: expected are ids one a line, CSV with a column id, GeoJSON, or Arrow

    error: standard input: the GeoJSON cannot be read: found `Polygon`, expected a GeoJSON FeatureCollection or Feature at line 1 column 18
    hint: --help tells more

    error: standard input: line 1: `7038203092802113 690681606212996` is not the id of any image
    hint: expected are ids one a line, CSV with a column id, GeoJSON, or Arrow
    ");
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
    assert_snapshot!(cases.join("\n"), @r"
    error: unknown field of images `captured_att`
    hint: did you mean `captured_at`?

    error: unknown field of images `object_value`
    hint: known: id, altitude, atomic_scale, camera_parameters, camera_type, captured_at, compass_angle, computed_altitude, computed_compass_angle, computed_geometry, computed_rotation, creator_id, creator_username, detections, exif_orientation, height, is_pano, make, merge_cc, mesh_id, mesh_url, model, organization_id, quality_score, sequence, sfm_cluster_id, sfm_cluster_url, thumb_256_url, thumb_1024_url, thumb_2048_url, thumb_original_url, width, geometry

    error: unknown field of map features `value`
    hint: known: id, aligned_direction, first_seen_at, images, last_seen_at, object_type, object_value, geometry
    ");
    assert_snapshot!(refused(&["images @ --fields makes", "signs @ --fields make"]), @r"
    $ mly images @ --fields makes
    error: unknown field of images `makes`
    hint: did you mean `make`?

    $ mly signs @ --fields make
    error: unknown field of signs `make`
    hint: known: id, value, first_seen_at, last_seen_at, geometry, id, aligned_direction, first_seen_at, images, last_seen_at, object_type, object_value, geometry
    ");
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
