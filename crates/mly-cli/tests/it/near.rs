//! What lies near to lines, points and polygons: exactly that, its feature, and the nearest rows; and the files that they
//! come in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use crate::read::{Row, csv, geojson};
use crate::support::{demo, everything, mly, own_demo, without_folder};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/areas").join(name)
}

/// A file with this text, and its folder.
fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// Rows within the geometries of a file, with these further options.
fn rows_within(layer: &str, path: &Path, options: &str) -> Vec<Row> {
    csv(&mly(&format!("{layer} {options} -f csv --within")).arg(path).at(demo()).done().out)
}

fn ids(rows: &[Row]) -> BTreeSet<Option<i64>> {
    rows.iter().map(|row| row.int("id")).collect()
}

/// Metres between two positions of the same town, on the ellipsoid: degrees scaled by its radii at their middle latitude.
fn metres([lon, lat]: [f64; 2], [other_lon, other_lat]: [f64; 2]) -> f64 {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_316;
    let (sin, cos) = lat.midpoint(other_lat).to_radians().sin_cos();
    let root = (1.0 - E2 * sin * sin).sqrt();
    let (north, east) = (A * (1.0 - E2) / root.powi(3), A / root * cos);
    f64::hypot((lon - other_lon).to_radians() * east, (lat - other_lat).to_radians() * north)
}

/// The distance to a line: each edge is cut in three again and again, around its nearest place.
fn metres_to_line(at: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let to_edge = |edge: &[[f64; 2]]| {
        let place = |t: f64| [0, 1].map(|n| edge[0][n] + t * (edge[1][n] - edge[0][n]));
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        for _ in 0..40 {
            let third = (high - low) / 3.0;
            if metres(at, place(low + third)) < metres(at, place(high - third)) {
                high -= third;
            } else {
                low += third;
            }
        }
        metres(at, place(low.midpoint(high)))
    };
    line.windows(2).map(to_edge).fold(f64::MAX, f64::min)
}

const MAIN: [[f64; 2]; 3] = [[8.985, 51.985], [9.0, 51.992], [9.02, 52.0]];
const SIDE: [[f64; 2]; 2] = [[8.985, 52.0], [9.025, 51.985]];

fn roads() -> String {
    let feature = |name: &str, line: &[[f64; 2]]| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"LineString","coordinates":{line:?}}}}}"#
        )
    };
    format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        feature("main", &MAIN),
        feature("side", &SIDE)
    )
}

#[test]
fn a_buffer_around_lines_holds_what_brute_force_finds() {
    let (_folder, path) = file("roads.geojson", &roads());
    for (layer, far) in [("images", 20.0), ("points", 75.5), ("signs", 150.0)] {
        let got = rows_within(layer, &path, &format!("--buffer {far} --area-column name"));
        let mut want = BTreeMap::new();
        for row in everything(layer) {
            let [main, side] = [metres_to_line(row.point(), &MAIN), metres_to_line(row.point(), &SIDE)];
            assert!((main - far).abs() > 0.001 && (side - far).abs() > 0.001, "choose another distance");
            if main <= far || side <= far {
                want.insert(row.int("id"), if main <= far { "main" } else { "side" });
            }
        }
        assert!(want.len() > 20, "{} {layer} are too few", want.len());
        let got: BTreeMap<_, _> = got.iter().map(|row| (row.int("id"), row.text("area"))).collect();
        assert_eq!(got, want, "{layer}");
    }
}

#[test]
fn sequences_near_a_line_come_with_the_first_feature_that_they_touch() {
    let (_folder, path) = file("roads.geojson", &roads());
    let got = rows_within("sequences", &path, "--buffer 30 --area-column index");
    let near = |row: &Row, line: &[[f64; 2]]| {
        let places = row.lines.iter().flat_map(|line| line.windows(2)).flat_map(|edge| {
            (0..=2).map(move |i| [0, 1].map(|n| edge[0][n] + f64::from(i) / 2.0 * (edge[1][n] - edge[0][n])))
        });
        let alone = row.lines.iter().flatten().copied();
        places.chain(alone).map(|at| metres_to_line(at, line)).fold(f64::MAX, f64::min)
    };
    assert!(got.len() > 5);
    for row in &got {
        let (main, side) = (near(row, &MAIN), near(row, &SIDE));
        let first = i64::from(main > 30.5);
        assert!(main.min(side) <= 31.0, "{row:?}");
        if (main - 30.0).abs() > 1.0 {
            assert_eq!(row.int("area"), Some(first), "{main} {side}");
        }
    }
}

/// Places of which some are near to each other, so that a row is near to several.
const PLACES: [[f64; 2]; 5] = [[9.0, 51.995], [9.001, 51.9955], [9.012, 51.998], [8.99, 51.987], [8.5, 51.5]];

fn places() -> String {
    PLACES.map(|[lon, lat]| format!("POINT ({lon} {lat})")).join("\n")
}

#[test]
fn the_nearest_rows_of_each_point_are_those_of_brute_force() {
    let (_folder, path) = file("places.wkt", &places());
    for (layer, most, far) in
        [("images", 1, 200.0), ("images", 7, 120.0), ("signs", 3, 400.0), ("points", 2, 2000.0)]
    {
        let got = rows_within(layer, &path, &format!("--buffer {far} --nearest {most}"));
        let all = everything(layer);
        let mut want = Vec::new();
        for (number, place) in (0..).zip(PLACES) {
            let mut near: Vec<_> =
                all.iter().map(|row| (metres(row.point(), place), row.int("id"))).collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            let some = near.into_iter().filter(|(metres, _)| *metres <= far).take(most);
            want.extend(some.map(|(metres, id)| (number, id, metres)));
        }
        let mut found: Vec<_> = got
            .iter()
            .map(|row| (row.int("area").unwrap(), row.int("id"), row.float("distance_m").unwrap()))
            .collect();
        found.sort_by(|a, b| (a.0, a.2).partial_cmp(&(b.0, b.2)).unwrap());
        assert_eq!(found.len(), want.len(), "{layer}");
        for ((area, id, distance), (want_area, want_id, want_distance)) in found.iter().zip(&want) {
            assert_eq!((area, id), (want_area, want_id), "{layer} {distance} {want_distance}");
            assert!((distance - want_distance).abs() < 0.001, "{distance} {want_distance}");
        }
    }
}

#[test]
fn a_row_that_is_the_nearest_of_two_points_comes_twice_in_every_format() {
    let (folder, path) = file("places.wkt", "POINT (9 51.995)\nPOINT (9 51.9950001)\n");
    for suffix in ["geojson", "csv", "parquet", "gpkg", "fgb", "arrow"] {
        let out = folder.path().join(format!("out.{suffix}"));
        let command = mly("images --buffer 200 --nearest 1 -q --within").arg(&path).to(&out).at(demo());
        command.done();
        let again = folder.path().join(format!("{suffix}.csv"));
        mly("convert -q").arg(&out).arg(&again).done();
        let rows = csv(&std::fs::read(again).unwrap());
        assert_eq!(rows.len(), 2, "{suffix}");
        assert_eq!(rows[0].int("id"), rows[1].int("id"));
        let mut areas: Vec<_> = rows.iter().map(|row| row.int("area")).collect();
        areas.sort_unstable();
        assert_eq!(areas, [Some(0), Some(1)], "{suffix}");
    }
}

#[test]
fn a_stored_plan_gives_what_the_query_gives() {
    let (folder, path) = file("places.wkt", &places());
    let plan = folder.path().join("plan.json");
    let options = "images --buffer 150 --nearest 2 --since 2015 --within";
    mly(&format!("plan {options}")).arg(&path).to(&plan).done();
    let stored = mly("run -f csv").arg(&plan).at(demo()).done();
    assert_eq!(stored.out, mly(options).arg(&path).arg("-f").arg("csv").at(demo()).done().out);
    let parts = mly("run -f csv --partition 1/2").arg(&plan).at(demo()).done();
    assert!(parts.err.contains("a point that lies in several parts"), "{}", parts.err);
}

const OUTER: [[f64; 2]; 5] = [[8.99, 51.99], [9.02, 51.988], [9.015, 52.002], [8.995, 52.0], [8.99, 51.99]];
const HOLE: [[f64; 2]; 5] = [[9.0, 51.993], [9.01, 51.993], [9.01, 51.997], [9.0, 51.997], [9.0, 51.993]];
const FAR: [[f64; 2]; 4] = [[9.02, 51.998], [9.028, 51.998], [9.024, 52.003], [9.02, 51.998]];

fn is_in_ring(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crosses = |([ax, ay], [bx, by]): ([f64; 2], [f64; 2])| {
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    };
    ring.windows(2).filter(|pair| crosses((pair[0], pair[1]))).count() % 2 == 1
}

#[test]
fn files_that_other_programs_wrote_are_areas() {
    let mut want = BTreeMap::new();
    for row in everything("images") {
        if is_in_ring(&OUTER, row.point()) && !is_in_ring(&HOLE, row.point()) {
            want.insert(row.int("id"), "Süd");
        } else if is_in_ring(&FAR, row.point()) {
            want.insert(row.int("id"), "Nord");
        }
    }
    assert!(want.len() > 100);
    for name in [
        "town.shp",
        "town.fgb",
        "town.kml",
        "town.kmz",
        "town.csv",
        "town.parquet",
        "layers.gpkg#districts",
        "mercator3d.zip",
    ] {
        let got = rows_within("images", &fixture(name), "--area-column name");
        let got: BTreeMap<_, _> = got.iter().map(|row| (row.int("id"), row.text("area"))).collect();
        assert_eq!(got, want, "{name}");
        // Features count from 0, also the one between the two that has no geometry; the KML file leaves that out.
        let numbered = rows_within("images", &fixture(name), "--area-column index");
        let numbers: BTreeSet<_> = numbered.iter().map(|row| row.int("area")).collect();
        assert_eq!(
            numbers,
            BTreeSet::from([Some(0), Some(if name.starts_with("town.km") { 1 } else { 2 })]),
            "{name}"
        );
    }
    let multi = rows_within("images", &fixture("multi.fgb"), "--area-column name");
    assert_eq!(ids(&multi), want.keys().copied().collect());
    // A number stays one.
    let coded =
        mly("images -f geojson --area-column code --within").arg(fixture("town.shp")).at(demo()).done();
    let codes: BTreeSet<_> = geojson(&coded.out).iter().map(|row| row.int("area")).collect();
    assert_eq!(codes, BTreeSet::from([Some(7), Some(9)]));
}

#[test]
fn well_known_text_of_every_kind_is_an_area() {
    let around = |text: &str, options: &str| {
        let piped = mly(&format!("images --within - -f csv {options}")).input(text).at(demo()).done();
        ids(&csv(&piped.out))
    };
    let polygon = around("POLYGON ((8.99 51.99, 9.02 51.988, 9.015 52.002, 8.995 52, 8.99 51.99))", "");
    assert!(polygon.len() > 100);
    for same in [
        "SRID=4326;POLYGON((8.99 51.99,9.02 51.988,9.015 52.002,8.995 52,8.99 51.99))",
        "polygon z ((8.99 51.99 1, 9.02 51.988 1, 9.015 52.002 1, 8.995 52 1, 8.99 51.99 1))",
        "MULTIPOLYGON (((8.99 51.99, 9.02 51.988, 9.015 52.002, 8.995 52, 8.99 51.99)))\n\nPOINT EMPTY\n",
        "GEOMETRYCOLLECTION (POLYGON ((8.99 51.99, 9.02 51.988, 9.015 52.002, 8.995 52, 8.99 51.99)))",
        "wkt,name\n\"POLYGON ((8.99 51.99, 9.02 51.988, 9.015 52.002, 8.995 52, 8.99 51.99))\",a\n",
    ] {
        assert_eq!(around(same, ""), polygon, "{same}");
    }
    let points = around("POINT (9 51.995)\nPOINT (9.01 51.998)", "--buffer 80");
    assert!(!points.is_empty());
    for same in [
        "MULTIPOINT ((9 51.995), (9.01 51.998))",
        "MULTIPOINT Z (9 51.995 7, 9.01 51.998 8)",
        "GEOMETRYCOLLECTION (POINT (9 51.995), MULTIPOINT (9.01 51.998))",
        "id,longitude,latitude\r\n1,9,51.995\r\n2,9.01,51.998\r\n3,,\r\n",
        "name,Lon,LAT\na,9,51.995\nb,9.01,51.998\n",
        "<?xml version=\"1.0\"?>\n<!-- <kml> --><gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><metadata/>\
         <wpt lat=\"51.995\" lon=\"9\"><ele>7</ele></wpt><wpt lon='9.01' lat='51.998'/></gpx>",
        "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Folder><name>a</name><Folder><Placemark><Point>\
         <coordinates>9,51.995,120</coordinates></Point></Placemark></Folder><Placemark><Point>\
         <coordinates>9.01,51.998</coordinates></Point></Placemark></Folder></Document></kml>",
        "{\"type\":\"Feature\",\"properties\":null,\"geometry\":{\"type\":\"Point\",\"coordinates\":[9,51.995]}}\n\
         {\"type\":\"Feature\",\"properties\":null,\"geometry\":{\"type\":\"Point\",\"coordinates\":[9.01,51.998,5]}}",
    ] {
        assert_eq!(around(same, "--buffer 80"), points, "{same}");
    }
}

#[test]
fn a_route_in_gpx_is_its_tracks_routes_and_waypoints_and_their_names_are_a_column() {
    let gpx = "<gpx><wpt lat=\"51.995\" lon=\"9.02\"><name>Caf\u{e9} &amp; B&#228;r</name></wpt>\
               <rte><name>there</name><rtept lat=\"51.99\" lon=\"8.99\"/><rtept lat=\"51.999\" lon=\"9.01\"/></rte>\
               <trk><name><![CDATA[back]]></name><trkseg><trkpt lat=\"51.999\" lon=\"9.01\"><time>2026-01-01T00:00:00Z</time>\
               </trkpt><trkpt lat=\"52\" lon=\"9.02\"/></trkseg><trkseg><trkpt lat=\"51.985\" lon=\"9\"/></trkseg><trkseg/></trk></gpx>";
    let wkt = "wkt,name\nPOINT (9.02 51.995),Caf\u{e9} & B\u{e4}r\n\
               \"LINESTRING (8.99 51.99, 9.01 51.999)\",there\n\
               \"GEOMETRYCOLLECTION (LINESTRING (9.01 51.999, 9.02 52), POINT (9 51.985))\",back\n";
    let (_folder, gpx) = file("route.gpx", gpx);
    let (_folder, wkt) = file("route.csv", wkt);
    let of = |path: &Path| {
        let rows = rows_within("images", path, "--buffer 120 --area-column name");
        rows.iter().map(|row| (row.int("id"), row.text("area").to_owned())).collect::<BTreeMap<_, _>>()
    };
    let want = of(&wkt);
    let names: BTreeSet<_> = want.values().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["Caf\u{e9} & B\u{e4}r", "back", "there"]));
    assert_eq!(of(&gpx), want);
}

#[test]
fn damaged_gpx_is_refused_and_says_where() {
    let gpx = |text: &str| {
        let (_folder, path) = file("route.gpx", text);
        refusal("images --buffer 5", &path)
    };
    let said = [
        gpx("<gpx><trk><trkseg><trkpt lat=\"51\" lon=\"9\"/>"),
        gpx("<gpx><wpt lat=\"51\" lon=\"east\"/></gpx>"),
        gpx("<gpx><wpt lat=\"95\" lon=\"9\"/></gpx>"),
        gpx("<gpx></gpx>"),
        gpx("<gpx><wpt</gpx>"),
    ];
    assert_snapshot!(said.join("\n"), @r"
    $ images --buffer 5
    error: route.gpx: the GPX ends too early
    hint: write the file again

    $ images --buffer 5
    error: route.gpx: feature 1: a point has no `lon` and `lat` that are numbers
    hint: write the file again

    $ images --buffer 5
    error: route.gpx: latitude 95 is not within -90..90
    hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN

    $ images --buffer 5
    error: route.gpx: it contains no geometry
    hint: an area has a polygon, line or point

    $ images --buffer 5
    error: route.gpx: the GPX ends too early
    hint: write the file again
    ");
}

/// What a command says, which sends nothing.
fn refusal(args: &str, path: &Path) -> String {
    let emulator = own_demo();
    let outcome = mly(args).arg("--within").arg(path).at(&emulator).fails(2);
    assert!(emulator.requests().is_empty());
    format!("$ {args}\n{}", without_folder(&outcome.err, path.parent().unwrap()))
}

#[test]
fn buffers_columns_and_nearest_rows_that_make_no_sense_are_refused() {
    let (_roads, roads) = file("roads.geojson", &roads());
    let (_places, places) = file("places.wkt", &places());
    let said: Vec<String> = [
        refusal("images", &roads),
        refusal("images", &places),
        refusal("images --buffer 0", &roads),
        refusal("images --buffer -5", &roads),
        refusal("images --buffer NaN", &roads),
        refusal("images --buffer 1000001", &roads),
        refusal("images --buffer 20 --area-column nmae", &roads),
        refusal("images --buffer 20 --nearest 1", &roads),
        refusal("images --nearest 1", &places),
        refusal("sequences --buffer 20 --nearest 1", &places),
    ]
    .into();
    assert_snapshot!(said.join("\n"), @r"
    $ images
    error: roads.geojson: there are only lines, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    $ images
    error: places.wkt: there are only points, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    $ images --buffer 0
    error: roads.geojson: buffer 0 is not within 0..1000000 metres
    hint: the buffer is in metres, above 0 and at most 1000000

    $ images --buffer -5
    error: roads.geojson: buffer -5 is not within 0..1000000 metres
    hint: the buffer is in metres, above 0 and at most 1000000

    $ images --buffer NaN
    error: roads.geojson: buffer NaN is not within 0..1000000 metres
    hint: the buffer is in metres, above 0 and at most 1000000

    $ images --buffer 1000001
    error: roads.geojson: buffer 1000001 is not within 0..1000000 metres
    hint: the buffer is in metres, above 0 and at most 1000000

    $ images --buffer 20 --area-column nmae
    error: roads.geojson: unknown property `nmae`
    hint: did you mean `name`?

    $ images --buffer 20 --nearest 1
    error: nearest rows are those of points
    hint: the area has to consist of points, with a buffer and a column

    $ images --nearest 1
    error: places.wkt: there are only points, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    $ sequences --buffer 20 --nearest 1
    error: nearest does not fit sequences
    hint: ask for images
    ");
    let alone = ["--buffer 20", "--area-column name", "--nearest 3"].map(|option| {
        let emulator = own_demo();
        mly(&format!("images --bbox 8.98,51.98,9.03,52.01 {option}")).at(&emulator).fails(2).err
    });
    assert_snapshot!(alone.join("\n"), @r"
    error: --buffer needs --within or --place
    hint: add --within FILE

    error: --area-column needs --within or --place
    hint: add --within FILE

    error: --nearest needs --within
    hint: add --within FILE
    ");
}

#[test]
fn files_that_are_no_areas_say_what_to_do() {
    let (_folder, metres) =
        file("utm.wkt", "POLYGON ((500000 5700000, 500100 5700000, 500100 5700100, 500000 5700000))");
    let (_folder, other) = file("other.wkt", "SRID=25832;POINT (9 52)");
    let (_folder, mixed) = file("mixed.wkt", "POINT (9 52)\nPOLYGON ((9 52, 9.1 52, 9.1 52.1, 9 52))");
    let (_folder, no_wkt) = file("table.csv", "id,name\n1,a\n");
    let (_folder, broken) = file("broken.wkt", "POLYGON ((9 52, 9.1 52\n");
    let (_folder, empty) = file("empty.geojson", "");
    let (_folder, nothing) = file("nothing.wkt", "POINT EMPTY\n");
    let (_folder, kml) = file("broken.kml", "<kml><Document><Placemark>");
    let (_folder, empty_kml) = file("empty.kml", "<kml><Document><name>a</name></Document></kml>");
    let said: Vec<String> = [
        refusal("images", &metres),
        refusal("images --buffer 5", &other),
        refusal("images", &mixed),
        refusal("images", &no_wkt),
        refusal("images", &broken),
        refusal("images", &empty),
        refusal("images --buffer 5", &nothing),
        refusal("images", &kml),
        refusal("images", &empty_kml),
        refusal("images", &fixture("layers.gpkg")),
        refusal("images", &fixture("layers.gpkg#roads")),
        refusal("images --buffer 5", &fixture("layers.gpkg#nothing")),
        refusal("images", &fixture("layers.gpkg#road")),
        refusal("images", &fixture("town.shp#roads")),
        refusal("images", &fixture("town.shx")),
        refusal("images", &fixture("town.dbf")),
    ]
    .into();
    assert_snapshot!(said.join("\n"), @r"
    $ images
    error: utm.wkt: longitude 500000 is not within -180..180
    hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN

    $ images --buffer 5
    error: other.wkt: line 1: the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 other-4326.wkt other.wkt

    $ images
    error: mixed.wkt: there are points beside the polygons, which need a buffer
    hint: add --buffer M to take everything within M metres of them

    $ images
    error: table.csv: this is no area: neither GeoJSON, KML, GPX nor well-known text, and no table with a column `wkt`
    hint: the header of a table names wkt, or longitude and latitude (or lon and lat), with commas between

    $ images
    error: broken.wkt: line 1: this is no well-known text: Missing closing parenthesis for type, in `POLYGON ((9 52, 9.1 52`
    hint: a geometry is such as POINT(9 52) or POLYGON((9 52, 9.1 52, 9.1 52.1, 9 52))

    $ images
    error: empty.geojson: it is empty
    hint: give GeoJSON, KML, GPX, well-known text or CSV

    $ images --buffer 5
    error: nothing.wkt: it contains no geometry
    hint: an area has a polygon, line or point

    $ images
    error: broken.kml: the KML ends too early
    hint: write the file again

    $ images
    error: empty.kml: it contains no geometry
    hint: an area has a polygon, line or point

    $ images
    error: layers.gpkg: the GeoPackage has 3 layers: districts, nothing, roads
    hint: choose one of them: FILE#districts

    $ images
    error: layers.gpkg#roads: there are only lines, and an area needs polygons or a buffer
    hint: add --buffer M to take everything within M metres of them

    $ images --buffer 5
    error: layers.gpkg#nothing: the layer nothing is empty
    hint: an area has a polygon, line or point

    $ images
    error: layers.gpkg: unknown layer `road`
    hint: did you mean `roads`?

    $ images
    error: town.shp: there is no layer roads: this format has only one
    hint: name the file alone

    $ images
    error: town.shx: this is the index of a shapefile
    hint: name the .shp

    $ images
    error: town.dbf: this is no area: neither GeoJSON, KML, GPX nor well-known text, and no table with a column `wkt`
    hint: the header of a table names wkt, or longitude and latitude (or lon and lat), with commas between
    ");
}

#[test]
fn a_shapefile_needs_no_table_and_without_prj_its_numbers_have_to_be_degrees() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("alone.shp");
    std::fs::copy(fixture("town.shp"), &copy).unwrap();
    let want = ids(&rows_within("images", &fixture("town.shp"), ""));
    assert_eq!(ids(&rows_within("images", &copy, "")), want);
    std::fs::write(copy.with_extension("prj"), "PROJCS[\"ETRS89 / UTM zone 32N\",GEOGCS[\"ETRS89\"]]")
        .unwrap();
    let utm = refusal("images", &copy);
    std::fs::write(copy.with_extension("prj"), "").unwrap();
    // The first number of the first ring: a million metres.
    let mut bytes = std::fs::read(&copy).unwrap();
    let at = bytes.windows(8).rposition(|eight| eight == 8.99_f64.to_le_bytes()).unwrap();
    bytes[at..at + 8].copy_from_slice(&1_000_000_f64.to_le_bytes());
    std::fs::write(&copy, bytes).unwrap();
    let metres = refusal("images", &copy);
    assert_snapshot!(format!("{utm}\n{metres}"), @r"
    $ images
    error: alone.shp: the coordinates are in ETRS89 / UTM zone 32N, and not in longitude and latitude on WGS 84
    hint: reproject it: ogr2ogr -t_srs EPSG:4326 alone-4326.shp alone.shp

    $ images
    error: alone.shp: there is no .prj beside it, and its numbers cannot be degrees: feature 1: longitude 1000000 is not within -180..180
    hint: if you know what they are: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    ");
}

#[test]
fn other_formats_are_not_read_from_standard_input() {
    let said = ["layers.gpkg", "town.parquet", "mercator3d.zip", "town.shp"].map(|name| {
        let (emulator, bytes) = (own_demo(), std::fs::read(fixture(name)).unwrap());
        let said = mly("images --within -").input(bytes).at(&emulator).fails(2).err;
        assert!(emulator.requests().is_empty());
        said
    });
    assert!(said.iter().all(|text| *text == said[0]));
    assert_snapshot!(said[0], @r"
    error: standard input: this is no text, and other formats cannot be read from a stream
    hint: give a file
    ");
}
