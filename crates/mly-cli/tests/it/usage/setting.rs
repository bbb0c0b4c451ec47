//! Formats, settings and variables that make no sense.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::support::{TOWN, mly, own_demo};

#[test]
fn formats_that_do_not_exist_are_refused() {
    assert_snapshot!(refused(&[
        "images @ -f shapefile",
        "images @ -f cvs",
        "images @ -f parqet",
        "images @ -o town.shp",
        "images @ -o town",
    ]), @r"
    $ mly images @ -f shapefile
    error: --format: unknown format `shapefile`
    hint: did you mean `gpkg`?

    $ mly images @ -f cvs
    error: --format: unknown format `cvs`
    hint: did you mean `csv`?

    $ mly images @ -f parqet
    error: --format: unknown format `parqet`
    hint: did you mean `parquet`?

    $ mly images @ -o town.shp
    error: cannot tell the format from the name `town.shp`
    hint: name the format with -f, or use one of .geojson .json .geojsonl .geojsonseq .ndjson .csv .arrow .feather .parquet .geoparquet .fgb .gpkg .pmtiles

    $ mly images @ -o town
    error: cannot tell the format from the name `town`
    hint: name the format with -f, or use one of .geojson .json .geojsonl .geojsonseq .ndjson .csv .arrow .feather .parquet .geoparquet .fgb .gpkg .pmtiles
    ");
    let emulator = own_demo();
    let said = refusal(&emulator, mly(&format!("images {TOWN} -f arrow")).on_terminal());
    assert_snapshot!(said, @r"
    error: arrow is binary and standard output is a terminal
    hint: name a file with -o, or pipe the output into a program
    ");
    for format in ["parquet", "fgb", "gpkg"] {
        let said = refusal(&emulator, mly(&format!("images {TOWN} -f {format}")).on_terminal());
        let error = format!("error: {format} is binary and standard output is a terminal\n");
        assert!(said.starts_with(&error), "{said}");
    }
}

#[test]
fn a_database_needs_a_file() {
    assert_snapshot!(refused(&["images @ -f gpkg", "image 1 -f gpkg", "signs @ -f gpkg -o -"]), @r"
    $ mly images @ -f gpkg
    error: cannot write gpkg to a stream: it is a database
    hint: name a file with -o, or choose another format

    $ mly image 1 -f gpkg
    error: cannot write gpkg to a stream: it is a database
    hint: name a file with -o, or choose another format

    $ mly signs @ -f gpkg -o -
    error: cannot write gpkg to a stream: it is a database
    hint: name a file with -o, or choose another format
    ");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    assert_snapshot!(refused(&[
        "images @ --concurrency 0",
        "images @ --concurrency some",
        "images @ --retries -1",
        "images @ --timeout 0",
        "images @ --timeout -1",
        "images @ --timeout soon",
        "images @ --tiles-per-minute x",
        "images @ --tiles-url localhost",
        "images @ --graph-url ftp://localhost",
        "images @ --progress alwais",
        "images @ --token",
    ]), @r"
    $ mly images @ --concurrency 0
    error: --concurrency: `0` is not a valid value
    hint: give a whole number, 1 or more

    $ mly images @ --concurrency some
    error: --concurrency: `some` is not a valid value
    hint: give a whole number, 1 or more

    $ mly images @ --retries -1
    error: --retries: `-1` is not a valid value
    hint: give a whole number, 0 or more

    $ mly images @ --timeout 0
    error: --timeout: `0` is not a time to wait
    hint: give seconds above 0, such as --timeout 30

    $ mly images @ --timeout -1
    error: --timeout: `-1` is not a time to wait
    hint: give seconds above 0, such as --timeout 30

    $ mly images @ --timeout soon
    error: --timeout: `soon` is not a number
    hint: give seconds above 0, such as --timeout 30

    $ mly images @ --tiles-per-minute x
    error: --tiles-per-minute: `x` is not a valid value
    hint: give a whole number, 0 or more

    $ mly images @ --tiles-url localhost
    error: --tiles-url: `localhost` is not a URL: relative URL without a base
    hint: give a base URL such as http://localhost:8642

    $ mly images @ --graph-url ftp://localhost
    error: --graph-url: `ftp://localhost` is not an http or https URL
    hint: give a base URL such as http://localhost:8642

    $ mly images @ --progress alwais
    error: --progress: unknown value `alwais`
    hint: did you mean `always`?

    $ mly images @ --token
    error: --token needs a value
    hint: write --token T
    ");
    let emulator = own_demo();
    let said = refusal(&emulator, mly(&format!("images {TOWN} --token")).arg("two words"));
    assert_snapshot!(said, @r"
    error: the token from --token is empty or has characters that are not allowed in a token
    hint: copy it whole, without spaces, and quote it, since | is special in shells
    ");
}

#[test]
fn a_variable_that_makes_no_sense_is_named() {
    let emulator = own_demo();
    let command =
        mly(&format!("images {TOWN}")).at(&emulator).variable("MAPILLARY_TILES_URL", "tiles.example");
    assert_snapshot!(command.fails(2).err, @r"
    error: MAPILLARY_TILES_URL: `tiles.example` is not a URL: relative URL without a base
    hint: give a base URL such as http://localhost:8642
    ");
    let command = mly(&format!("images {TOWN}")).at(&emulator).variable("MAPILLARY_TOKEN", "a b");
    assert_snapshot!(command.fails(2).err, @r"
    error: the token from MAPILLARY_TOKEN is empty or has characters that are not allowed in a token
    hint: copy it whole, without spaces, and quote it, since | is special in shells
    ");
    assert_eq!(emulator.requests(), []);
}
