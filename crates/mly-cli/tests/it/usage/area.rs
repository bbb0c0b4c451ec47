//! Areas that are none.

use insta::assert_snapshot;

use super::{refusal, refused};
use crate::support::{mly, own_demo, without_folder};

#[test]
fn exactly_one_area_is_given() {
    assert_snapshot!(refused(&[
        "images",
        "images @ --tile 14/8601/5411",
        "points --near 9,52 --within town.geojson",
        "signs --radius 5",
        "signs @ --radius 5",
    ]), @r"
    $ mly images
    error: no area given
    hint: give one of --bbox W,S,E,N, --within FILE, --near LON,LAT, --place NAME or --tile Z/X/Y

    $ mly images @ --tile 14/8601/5411
    error: more than one area given
    hint: give one of --bbox W,S,E,N, --within FILE, --near LON,LAT, --place NAME or --tile Z/X/Y

    $ mly points --near 9,52 --within town.geojson
    error: more than one area given
    hint: give one of --bbox W,S,E,N, --within FILE, --near LON,LAT, --place NAME or --tile Z/X/Y

    $ mly signs --radius 5
    error: --radius needs --near
    hint: add --near LON,LAT

    $ mly signs @ --radius 5
    error: --radius needs --near
    hint: add --near LON,LAT
    ");
}

#[test]
fn numbers_with_spaces_between_them_are_told_of_commas() {
    assert_snapshot!(refused(&["images --bbox 8.98 51.98 9.03 52.01", "images --near 9, 52"]), @r"
    $ mly images --bbox 8.98 51.98 9.03 52.01
    error: unexpected argument '51.98' found
    hint: numbers that belong together have commas between them: --bbox W,S,E,N

    $ mly images --near 9, 52
    error: unexpected argument '52' found
    hint: numbers that belong together have commas between them: --bbox W,S,E,N
    ");
}

#[test]
fn coordinates_that_make_no_box_are_refused() {
    assert_snapshot!(refused(&[
        "images --bbox",
        "images --bbox 9.03,52.01,8.98",
        "images --bbox 8.98,51.98,9.03,52.01,7",
        "images --bbox 8.98,52.01,9.03,51.98",
        "images --bbox 51.98,8.98,52.01,190",
        "images --bbox -181,0,1,1",
        "images --bbox nan,0,1,1",
        "images --bbox 0,0,inf,1",
        "images --bbox west,0,1,1",
        "images --bbox 8.98;51.98;9.03;52.01",
        "images --bbox ,,,",
    ]), @r"
    $ mly images --bbox
    error: --bbox needs a value
    hint: write --bbox W,S,E,N

    $ mly images --bbox 9.03,52.01,8.98
    error: --bbox: expected 4 numbers, found 3
    hint: such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)

    $ mly images --bbox 8.98,51.98,9.03,52.01,7
    error: --bbox: expected 4 numbers, found 5
    hint: such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)

    $ mly images --bbox 8.98,52.01,9.03,51.98
    error: --bbox: south 52.01 is greater than north 51.98
    hint: give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01

    $ mly images --bbox 51.98,8.98,52.01,190
    error: --bbox: latitude 190 is not within -90..90
    hint: give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01

    $ mly images --bbox -181,0,1,1
    error: --bbox: longitude -181 is not within -180..180
    hint: give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01

    $ mly images --bbox nan,0,1,1
    error: --bbox: longitude NaN is not within -180..180
    hint: give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01

    $ mly images --bbox 0,0,inf,1
    error: --bbox: longitude inf is not within -180..180
    hint: give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01

    $ mly images --bbox west,0,1,1
    error: --bbox: `west` is not a number
    hint: such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)

    $ mly images --bbox 8.98;51.98;9.03;52.01
    error: --bbox: `8.98;51.98;9.03;52.01` is not a number
    hint: such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)

    $ mly images --bbox ,,,
    error: --bbox: `` is not a number
    hint: such as --bbox 8.98,51.98,9.03,52.01 (west,south,east,north)
    ");
}

#[test]
fn circles_and_tiles_that_do_not_exist_are_refused() {
    assert_snapshot!(refused(&[
        "images --near 9",
        "images --near 9,95",
        "images --near 9,52 --radius far",
        "images --near 9,52 --radius -3",
        "images --near 9,52 --radius 0",
        "images --near 9,52 --radius nan",
        "images --tile 14/8601",
        "images --tile 14/99999/1",
        "images --tile 14/-1/1",
        "images --tile 99/0/0",
    ]), @r"
    $ mly images --near 9
    error: --near: expected 2 numbers, found 1
    hint: such as 9.0,52.0 (longitude,latitude)

    $ mly images --near 9,95
    error: --near: latitude 95 is not within -90..90
    hint: longitude comes first: 95,9

    $ mly images --near 9,52 --radius far
    error: --radius: `far` is not a number
    hint: give metres, such as 200

    $ mly images --near 9,52 --radius -3
    error: radius -3 is not within 0..20015114 metres
    hint: the radius is in metres

    $ mly images --near 9,52 --radius 0
    error: radius 0 is not within 0..20015114 metres
    hint: the radius is in metres

    $ mly images --near 9,52 --radius nan
    error: radius NaN is not within 0..20015114 metres
    hint: the radius is in metres

    $ mly images --tile 14/8601
    error: --tile: `14/8601` is not a tile Z/X/Y
    hint: give zoom/column/row, such as --tile 14/8601/5411

    $ mly images --tile 14/99999/1
    error: --tile: there is no tile `14/99999/1`
    hint: give zoom/column/row, such as --tile 14/8601/5411

    $ mly images --tile 14/-1/1
    error: --tile: `14/-1/1` is not a tile Z/X/Y
    hint: give zoom/column/row, such as --tile 14/8601/5411

    $ mly images --tile 99/0/0
    error: --tile: there is no tile `99/0/0`
    hint: give zoom/column/row, such as --tile 14/8601/5411
    ");
}

#[test]
fn geojson_that_is_no_area_is_refused() {
    let emulator = own_demo();
    let said = [
        "",
        "{",
        "[]",
        r#"{"type":"Circle"}"#,
        r#"{"type":"FeatureCollection","features":[]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[190,1],[5,5],[0,0]]]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0],[1,1],[0,0]]]}"#,
        r#"{"type":"Point","coordinates":[1,2]}"#,
        r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4],[5,6],[1,2]]}"#,
        r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#,
        r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]]}]}"#,
        r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::31467"}}}"#,
    ];
    let said = said.map(|text| refusal(&emulator, mly("images --within -").input(text)));
    assert_snapshot!(said.join("\n"), @r"
    error: standard input: it is empty
    hint: give GeoJSON, KML, GPX, well-known text or CSV

    error: standard input: line 1: the GeoJSON cannot be read: EOF while parsing an object, at column 1
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: line 1: the GeoJSON cannot be read: invalid type: sequence, expected a GeoJSON FeatureCollection or Feature, at column 1
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: this is not usable GeoJSON: Error while deserializing GeoJSON: unknown variant `Circle`, expected one of `Feature`, `FeatureCollection`, `Point`, `LineString`, `Polygon`, `MultiPoint`, `MultiLineString`, `MultiPolygon`, `GeometryCollection` at line 1 column 16
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: this is not usable GeoJSON: it contains no geometry
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: longitude 190 is not within -180..180
    hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN

    error: standard input: this is not usable GeoJSON: a ring has fewer than three different positions
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: this is not usable GeoJSON: a ring has fewer than three different positions
    hint: give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)

    error: standard input: there are only points, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    error: standard input: there are only points, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    error: standard input: there are only lines, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    error: standard input: there are points beside the polygons, which need a buffer
    hint: add --buffer M to take everything within M metres of them

    error: standard input: the coordinates are in urn:ogc:def:crs:EPSG::31467, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    ");
    let no_text = refusal(&emulator, mly("images --within -").input([0xff, 0xfe]));
    assert_eq!(
        no_text.lines().next(),
        Some("error: standard input: this is no text, and other formats cannot be read from a stream")
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    assert_snapshot!(refused(&["images --within nowhere.geojson", "images --within /"]), @r"
    $ mly images --within nowhere.geojson
    error: nowhere.geojson: it cannot be read: ERROR OF THE SYSTEM
    hint: name a file that exists and may be read

    $ mly images --within /
    error: /: this is a folder
    hint: name a file in it
    ");
}

#[test]
fn a_file_in_another_reference_system_is_refused_with_the_command_that_converts_it() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), own_demo());
    let path = folder.path().join("my town.geojson");
    let text = r#"{"type":"Feature","properties":null,"geometry":{"type":"Polygon","coordinates":[[[10,20],[30,20],[30,40],[10,20]]]},"crs":{"type":"name","properties":{"name":"EPSG:31467"}}}"#;
    std::fs::write(&path, text).unwrap();
    // The shell of Windows knows no single quotes.
    let quotes = if cfg!(windows) { '"' } else { '\'' };
    let said = |command| without_folder(&refusal(&emulator, command), folder.path()).replace(quotes, "'");
    assert_snapshot!(said(mly("plan images --within").arg(&path)), @r"
    error: my town.geojson: the coordinates are in EPSG:31467, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 'my town-4326.geojson' 'my town.geojson'
    ");
    assert_snapshot!(said(mly("convert").arg(&path).arg("out.csv")), @r"
    error: my town.geojson: the coordinates are in EPSG:31467, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 'my town-4326.geojson' 'my town.geojson'
    ");
}
