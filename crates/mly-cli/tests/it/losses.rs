//! One bad thing does not stop the rest: what cannot be written is told, and everything else is there.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::lookup::{ids, still};
use crate::support::{Mly, demo, head_of, mly, names_in};

/// An outline: a box of 100 by 200 units in an extent of 4096.
const OUTLINE: &str = "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ==";

/// A server that answers a path and query with JSON, or with an unknown id.
fn serve(answer: impl Fn(&str) -> Option<Json> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(head) = head_of(&mut stream) else { continue };
            let (status, body) = match head.split(' ').nth(1).and_then(&answer) {
                Some(body) => ("200 OK", body),
                None => (
                    "400 Bad",
                    json!({"error": {"code": 100, "error_subcode": 33, "type": "MLYApiException",
                    "message": "Unsupported get request. Object with ID '1001' does not exist"}}),
                ),
            };
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

fn detection(id: u32, image: u32) -> Json {
    json!({"id": id.to_string(), "value": "regulatory--stop--g1", "geometry": OUTLINE,
        "image": {"id": image.to_string(), "geometry": {"type": "Point", "coordinates": [9.1, 52.1]}}})
}

/// A service that knows these detections of the feature 77 and the images 1002 and 1003, the latter without a size.
fn service(detections: Vec<Json>) -> String {
    let image = |id: &str| match id {
        "1002" => {
            Some(json!({"id": id, "width": 4000, "height": 3000, "sequence": "seqAAAAAAAAAAAAAAAAAA1"}))
        }
        "1003" => Some(json!({"id": id})),
        _ => None,
    };
    serve(move |target| {
        if target.contains("/detections") {
            return Some(json!({"data": detections}));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match query.split('&').find_map(|pair| pair.strip_prefix("ids=")) {
            Some(ids) => ids
                .split("%2C")
                .flat_map(|ids| ids.split(','))
                .map(|id| Some((id.to_owned(), image(id)?)))
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Json::Object),
            None => image(path.trim_start_matches('/')),
        }
    })
}

fn ask(url: &str, args: &str) -> Mly {
    let mly = mly(args).variable("MAPILLARY_TOKEN", "MLY|1|00112233445566778899aabbccddeeff");
    mly.variable("MAPILLARY_GRAPH_URL", url).variable("MAPILLARY_TILES_URL", url)
}

fn read(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn numbers(list: &Json) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

#[test]
fn an_image_that_is_gone_is_listed_and_the_other_annotations_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let url = service(vec![detection(1, 1001), detection(2, 1002)]);
    let path = folder.path().join("labels.json");
    let done = ask(&url, "detections --feature 77 -f coco").to(&path).run();
    assert_eq!(done.code, 7, "{}", done.err);
    assert_eq!(numbers(&read(&path)["annotations"]), [2]);
    assert_eq!(numbers(&read(&path)["images"]), [1002]);
    assert_eq!(fs::read_to_string(folder.path().join("labels.json.failed")).unwrap(), "1001\n");
    assert!(
        done.err.contains("warning: 1 row left out: 1 (the size of its image is not known)"),
        "{}",
        done.err
    );
    assert!(done.err.contains("warning: 1 id was not found: 1001; all are listed in "), "{}", done.err);
    assert!(!done.err.contains("hint") && done.err.contains("\n1 detection from "), "{}", done.err);
    // As rows, the detection stays, and the image is listed all the same.
    let path = folder.path().join("rows.csv");
    let done = ask(&url, "detections --feature 77 --pixels").to(&path).run();
    assert_eq!((done.code, fs::read_to_string(&path).unwrap().lines().count()), (7, 3), "{}", done.err);
    assert_eq!(fs::read_to_string(folder.path().join("rows.csv.failed")).unwrap(), "1001\n");
}

#[test]
fn a_detection_that_cannot_be_an_annotation_is_told_and_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, value: Json| {
        let mut bad = detection(1, 1002);
        bad[name] = value;
        bad
    };
    for (bad, why) in [
        (with("geometry", Json::Null), "it has no outline"),
        (with("geometry", json!("!!!notbase64")), "it has no outline"),
        (with("geometry", json!("")), "its outline encloses nothing"),
        (with("value", Json::Null), "it has no value"),
        (with("image", Json::Null), "its image is not named"),
        (with("image", json!({"id": "1003", "geometry": {}})), "the size of its image is not known"),
    ] {
        let url = service(vec![bad, detection(2, 1002)]);
        let path = folder.path().join("labels.json");
        let done = ask(&url, "detections --feature 77 -f coco --overwrite").to(&path).run();
        assert_eq!(done.code, 0, "{why}: {}", done.err);
        assert_eq!(numbers(&read(&path)["annotations"]), [2], "{why}");
        assert!(done.err.contains(&format!("warning: 1 row left out: 1 ({why})\n")), "{why}: {}", done.err);
        assert_eq!(names_in(folder.path()), ["labels.json"]);
        // Other formats have the row, with what is known of it.
        let done = ask(&url, "detections --feature 77 -f csv").done();
        assert_eq!(done.text().lines().count(), 3, "{why}: {}", done.err);
        let is_unreadable =
            done.err.contains("warning: 1 value could not be read and was left empty: 1 of polygons\n");
        assert_eq!(is_unreadable, done.err.contains("warning"), "{}", done.err);
    }
}

#[test]
fn a_time_beyond_the_calendar_of_a_format_is_null_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let rows = "id,captured_at,is_pano,longitude,latitude\n1,253402300800000,true,9,52\n2,1600000000000,false,9,52\n";
    fs::write(path("a.csv"), rows).unwrap();
    for (name, is_told) in
        [("a.gpkg", true), ("a.fgb", true), ("a.parquet", false), ("a.arrow", false), ("a.geojson", false)]
    {
        let summary = path("summary.json");
        let done = mly("convert --summary").arg(&summary).arg(path("a.csv")).arg(path(name)).done();
        let told = "warning: 1 value written as null: 1 (captured_at is outside of the years 0 to 9999)\n";
        assert_eq!(done.err.contains(told), is_told, "{name}: {}", done.err);
        let losses = &read(&summary)["losses"];
        assert_eq!(losses["values"], i32::from(is_told), "{name}");
        assert_eq!(losses["first"].as_array().unwrap().len(), usize::from(is_told), "{name}");
        mly("convert -q --overwrite").arg(path(name)).arg(path("b.csv")).done();
        let back = fs::read_to_string(path("b.csv")).unwrap();
        assert_eq!(
            back.lines().filter(|line| line.contains("253402300800000")).count(),
            usize::from(!is_told)
        );
        assert_eq!(back.lines().count(), 3);
    }
}

#[test]
fn images_without_detections_are_in_the_result_on_wish() {
    let folder = tempfile::tempdir().unwrap();
    let all = ids("images", 40);
    let asked = all.join(" ");
    let path = folder.path().join("labels.json");
    mly(&format!("detections --image {asked} -f coco")).to(&path).at(still()).done();
    let (without, images) =
        (read(&path), |json: &Json| numbers(&json["images"]).into_iter().collect::<BTreeSet<_>>());
    mly(&format!("detections --image {asked} -f coco --with-empty --overwrite")).to(&path).at(still()).done();
    let with = read(&path);
    assert_eq!(with["annotations"], without["annotations"]);
    assert!(images(&without).len() < all.len());
    assert_eq!(images(&with), all.iter().map(|id| id.parse().unwrap()).collect());
    assert!(with["images"].as_array().unwrap().iter().all(|image| image["width"].as_i64().unwrap() > 0));
    // As rows they have the id of the image and none of a detection.
    let rows = mly(&format!("detections --image {asked} --with-empty -f csv")).at(still()).done();
    let empty: BTreeSet<i64> = rows
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix(',')?.split(',').next()?.parse().ok())
        .collect();
    assert_eq!(empty, images(&with).difference(&images(&without)).copied().collect());
    let refused = mly("detections --feature 1 --with-empty").at(still()).fails(2).err;
    assert!(refused.contains("--with-empty is for detections of images"), "{refused}");
}

#[test]
fn a_layer_can_be_named_where_there_are_layers() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let near = "--near 9.005,51.998 --radius 100";
    let layer = |name: &str| -> String {
        let database = rusqlite::Connection::open(path(name)).unwrap();
        database
            .query_row("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'", [], |row| {
                row.get(0)
            })
            .unwrap()
    };
    mly(&format!("signs {near}")).to(&path("a.gpkg")).at(demo()).done();
    assert_eq!(layer("a.gpkg"), "signs");
    mly(&format!("images {near} --layer")).arg("my photos").to(&path("b.gpkg")).at(demo()).done();
    assert_eq!(layer("b.gpkg"), "my photos");
    // A conversion keeps the name; where there is none, it is that of the file.
    mly("convert").arg(path("b.gpkg")).arg(path("c.fgb")).done();
    mly("convert").arg(path("c.fgb")).arg(path("d.gpkg")).done();
    assert_eq!(layer("d.gpkg"), "my photos");
    mly(&format!("points {near}")).to(&path("benches.csv")).at(demo()).done();
    mly("convert").arg(path("benches.csv")).arg(path("e.gpkg")).done();
    assert_eq!(layer("e.gpkg"), "benches");
    mly("convert --layer x").arg(path("benches.csv")).arg(path("f.gpkg")).done();
    assert_eq!(layer("f.gpkg"), "x");
    for (line, said) in [
        ("signs --tile 14/8602/5411 -f csv --layer x", "error: csv has no layers that could have a name"),
        (
            "signs --tile 14/8602/5411 -o x.gpkg --layer gpkg_x",
            "error: --layer: `gpkg_x` cannot be the name of a layer",
        ),
        ("convert a.csv x.geojson --layer x", "error: geojson has no layers that could have a name"),
    ] {
        let refused = mly(line).at(demo()).fails(2).err;
        assert!(refused.starts_with(said), "{refused}");
    }
}
