//! Options, fields and outputs of look-ups that cannot be.

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
    hint: give each option once, and only one of those that exclude each other

    $ mly detections --image 1 --raw -f coco
    error: coco cannot be combined with --raw
    hint: coco has outlines in pixels; leave --raw out

    $ mly detections --image 1 --fields value
    error: unexpected argument '--fields' found
    hint: mly detections (--image ID... | --feature ID... | --from FILE) [--raw|--pixels] [OUTPUT]; see --help

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
    error: cannot tell the format from the name `town.shp`
    hint: name the format with -f, or use one of .geojson .json .geojsonl .geojsonseq .ndjson .csv .arrow .feather .parquet .geoparquet .fgb .gpkg .pmtiles
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
        said(format!("feature {sign} --fields valu")),
    ];
    assert_snapshot!(cases.join("\n"), @r"
    error: unknown field of images `captured_att`
    hint: did you mean `captured_at`?

    error: unknown field of images `object_value`
    hint: known: id, altitude, atomic_scale, camera_parameters, camera_type, captured_at, compass_angle, computed_altitude, computed_compass_angle, computed_geometry, computed_rotation, creator_id, creator_username, detections, exif_orientation, height, is_pano, make, merge_cc, mesh_id, mesh_url, model, organization_id, quality_score, sequence, sfm_cluster_id, sfm_cluster_url, thumb_256_url, thumb_1024_url, thumb_2048_url, thumb_original_url, width, geometry

    error: unknown field of map features `valu`
    hint: known: id, aligned_direction, first_seen_at, images, last_seen_at, object_type, object_value, geometry
    ");
    assert_snapshot!(refused(&["images @ --fields makes", "signs @ --fields make"]), @r"
    $ mly images @ --fields makes
    error: unknown field of images `makes`
    hint: did you mean `make`?

    $ mly signs @ --fields make
    error: unknown field of signs `make`
    hint: known: id, value, first_seen_at, last_seen_at, geometry, aligned_direction, images, object_type, object_value
    ");
}

#[test]
fn an_existing_output_and_a_missing_token_are_refused_before_any_request() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "precious").unwrap();
    let sequence = "sequence abcdefghijklmnopqrstuv";
    for line in ["image 1", "feature 1", sequence, "organization 1", "detections --image 1"] {
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
