//! Ids that cannot be, and verbs they do not go with.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::support::{mly, own_demo};

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
    error: ids and - cannot be combined
    hint: give all ids as arguments, or all of them on standard input

    $ mly image - -
    error: ids and - cannot be combined
    hint: give all ids as arguments, or all of them on standard input

    $ mly image 1,,2
    error: ID: an entry of the list is empty
    hint: separate the entries by single commas

    $ mly detections
    error: no ids given
    hint: give one of --image ID..., --feature ID... or --from FILE

    $ mly detections 1
    error: unexpected argument '1' found
    hint: mly detections (--image ID... | --feature ID... | --from FILE) [--raw|--pixels] [OUTPUT]; see --help

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
    error: ids and - cannot be combined
    hint: give all ids as arguments, or all of them on standard input

    $ mly download --to photos
    error: no ids given
    hint: give ids, a file with ids, or - to read standard input

    $ mly download 1
    error: --to DIR is missing
    hint: mly download ID|FILE|-... --to DIR [--size 1024] [--layout files|webdataset]; see --help

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
        "sequence x",
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

    $ mly sequence x
    error: `x` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly sequence a.b
    error: `a.b` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly sequence -abcDEFghijklmnopqrstu
    error: unexpected argument '-a' found
    hint: write -- before ids that begin with -, such as mly sequence -- -ab...

    $ mly sequence -- -abc/DEFghijklmnopqrst
    error: `-abc/DEFghijklmnopqrst` is not an id of a sequence
    hint: ids of sequences have 22 letters, digits, - and _

    $ mly detections --image vNL-ZnfUkSC0F-xTBFq86f
    error: `vNL-ZnfUkSC0F-xTBFq86f` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly image Cargo.toml
    error: `Cargo.toml` is a file, but an id is expected
    hint: - reads ids from standard input: - < Cargo.toml

    $ mly thumbnail 1.5
    error: `1.5` is not an id of an image
    hint: ids are whole numbers, such as 1933525276802129

    $ mly download missing.csv --to photos
    error: cannot read missing.csv: ERROR OF THE SYSTEM
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
    hint: areas go with the verbs images, sequences, points and signs

    $ mly thumbnail 1 -o a.txt
    error: unexpected argument '-o' found
    hint: mly thumbnail ID...|- [--size 256|1024|2048|original]; see --help

    $ mly sequence --bbox 1,2,3,4
    error: unexpected argument '--bbox' found
    hint: areas go with the verbs images, sequences, points and signs
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
    hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage

    error: standard input: these are map features, and images are expected
    hint: `mly detections --from FILE` lists the images that show them

    error: standard input: line 1: `a b` is not the id of any sequence
    hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage

    error: standard input: line 1: the GeoJSON cannot be read: found `Polygon`, expected a GeoJSON FeatureCollection or Feature, at column 18
    hint: see --help

    error: standard input: line 1: `7038203092802113 690681606212996` is not the id of any image
    hint: expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage
    ");
}
