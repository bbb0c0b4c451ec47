//! What a page holds of its rows.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{ArrayRef, Float32Array, Int32Array, LargeStringArray, RecordBatch, UInt64Array};
use arrow_schema::Schema;
use mly_map::{Basemap, MapError, Page};
use proptest::prelude::*;

use crate::support::{column, data, html, page_of, positions, sign};

#[test]
fn a_page_has_every_value_of_every_row() {
    let values = ["regulatory--stop--g1", "object--bench", "</script>", "\u{2028}", "\"'\\ 😀 <!--"];
    let rows: Vec<_> = values
        .iter()
        .zip(1..)
        .map(|(value, id)| sign(id.into(), value, [9.0, 50.0 + f64::from(id)]))
        .collect();
    let page = page_of(&[("signs", rows.join(","))]).unwrap();
    let layer = &data(&page)["layers"][0];
    let texts: Vec<_> = values.iter().map(|value| Some((*value).to_owned())).collect();
    assert_eq!(column(layer, "value"), texts);
    let ids: Vec<_> = (1..=5).map(|id| Some(id.to_string())).collect();
    assert_eq!(column(layer, "id"), ids);
    assert_eq!(column(layer, "last_seen_at"), vec![Some("1700000000000".to_owned()); 5]);
    assert_eq!(positions(layer), [9.0, 51.0, 9.0, 52.0, 9.0, 53.0, 9.0, 54.0, 9.0, 55.0]);
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "</script><script>alert(1)</script><!-- \u{2028} & \" '";
    let page = page_of(&[("</title><script>", sign(1, hostile, [9.0, 52.0]))]).unwrap();
    let html = html(&page);
    assert_eq!(html.matches("<script").count(), 3);
    assert_eq!(html.matches("</script").count(), 3);
    assert_eq!(html.matches("</title").count(), 1);
    let data = data(&page);
    assert_eq!(data["layers"][0]["name"], "</title><script>");
    assert_eq!(column(&data["layers"][0], "value"), [Some(hostile.to_owned())]);
    let mut titled = Vec::new();
    Page::new("</title><script>alert(1)</script>\"").write(&mut titled).unwrap();
    let titled = String::from_utf8(titled).unwrap();
    assert!(titled.contains("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;</title>"));
}

#[test]
fn ids_keep_every_digit() {
    let ids = [9_007_199_254_740_993, i64::MAX, i64::MIN, 9_007_199_254_740_992, 0];
    let rows = ids.map(|id| sign(id, "object--bench", [9.0, 52.0])).join(",");
    let layer = &data(&page_of(&[("signs", rows)]).unwrap())["layers"][0];
    assert_eq!(column(layer, "id"), ids.map(|id| Some(id.to_string())));
    // Of many rows with few ids there is a list, whose ids are texts.
    let rows = vec![sign(i64::MAX - 1, "object--bench", [9.0, 52.0]); 100].join(",");
    let layer = &data(&page_of(&[("signs", rows)]).unwrap())["layers"][0];
    assert_eq!(column(layer, "id"), vec![Some((i64::MAX - 1).to_string()); 100]);
}

#[test]
fn lines_points_and_nothing_stand_in_one_layer() {
    let rows = r#"{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[9,52],[9.1,52]],[[9,53],[9.1,53],[9.2,53]]]},"properties":{"id":"a"}},
        {"type":"Feature","geometry":null,"properties":{"id":"b"}},
        {"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[[8,51]]},"properties":{"id":"c"}}"#;
    let page = page_of(&[("sequences", rows.to_owned())]).unwrap();
    assert_eq!((page.rows(), page.placed_rows()), (3, 2));
    let layer = &data(&page)["layers"][0];
    assert_eq!(positions(layer), [9.0, 52.0, 9.1, 52.0, 9.0, 53.0, 9.1, 53.0, 9.2, 53.0, 8.0, 51.0]);
    assert_eq!(layer["shapes"]["kinds"], "AgAB");
}

#[test]
fn rows_without_any_geometry_and_files_without_rows_make_a_page() {
    let rows = r#"{"type":"Feature","geometry":null,"properties":{"id":1,"name":"x"}}"#;
    let page = page_of(&[("nowhere", rows.to_owned()), ("empty", String::new())]).unwrap();
    assert_eq!((page.rows(), page.placed_rows()), (1, 0));
    assert_eq!(page.layer_names().collect::<Vec<_>>(), ["nowhere", "empty"]);
    assert_eq!(column(&data(&page)["layers"][0], "name"), [Some("x".to_owned())]);
    html(&Page::new("none"));
}

#[test]
fn layers_of_one_name_get_numbers() {
    let rows = || sign(1, "object--bench", [9.0, 52.0]);
    let page = page_of(&[("a", rows()), ("a", rows()), ("a", rows())]).unwrap();
    assert_eq!(page.layer_names().collect::<Vec<_>>(), ["a", "a-2", "a-3"]);
}

#[test]
fn only_pictures_of_values_that_occur_are_in_the_page() {
    let values = ["regulatory--stop--g1", "object--bench", "regulatory--none-such--g1"];
    let rows = values.map(|value| sign(1, value, [9.0, 52.0])).join(",");
    let data = data(&page_of(&[("signs", rows)]).unwrap());
    let pictures: Vec<_> = data["pictures"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(pictures, ["object--bench", "regulatory--stop--g1"]);
    assert!(data["pictures"]["object--bench"].as_str().unwrap().starts_with("<svg "));
}

#[test]
fn photos_of_named_images_come_first() {
    let image = |id: i64| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[9,52]}},"properties":{{"id":{id},"sequence_id":"s","captured_at":1,"compass_angle":1.5,"is_pano":false}}}}"#
        )
    };
    let images = (1..=100).map(image).collect::<Vec<_>>().join(",");
    let detection = r#"{"type":"Feature","geometry":null,"properties":{"id":7,"image_id":500,"map_feature_id":null,"value":"object--bench","created_at":1}}"#;
    let page = page_of(&[("images", images), ("detections", detection.to_owned())]).unwrap();
    let ids = page.photo_ids(5);
    assert_eq!((ids.len(), ids[0].as_str()), (5, "500"));
    assert_eq!(page.photo_ids(1000).len(), 101);
    assert!(page.photo_ids(0).is_empty());
    let data = data(&page.with_photo("500", &[0xFF, 0xD8, 0xFF]));
    assert_eq!(data["photos"]["500"], "data:image/jpeg;base64,/9j/");
}

/// A batch of columns, some of types that only tables of other programs have.
fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn page_of_table(rows: RecordBatch) -> Result<Page, MapError> {
    Page::new("t").with_layer("rows", &rows.schema(), [Ok(rows)])
}

/// A geometry column of these bytes.
fn shapes(all: &[Option<&[u8]>]) -> ArrayRef {
    let mut builder = BinaryBuilder::new();
    for wkb in all {
        builder.append_option(*wkb);
    }
    Arc::new(builder.finish())
}

fn point_wkb(lon: f64, lat: f64) -> Vec<u8> {
    [&[1, 1, 0, 0, 0][..], &lon.to_le_bytes(), &lat.to_le_bytes()].concat()
}

#[test]
fn tables_of_other_programs_are_shown_too() {
    let wkb = point_wkb(9.0, 52.0);
    let page = page_of_table(table(vec![
        ("small", Arc::new(Int32Array::from(vec![-7, 8]))),
        ("unsigned", Arc::new(UInt64Array::from(vec![Some(7), None]))),
        ("single", Arc::new(Float32Array::from(vec![0.5, f32::NAN]))),
        ("text", Arc::new(LargeStringArray::from(vec!["a", "b"]))),
        ("geometry", shapes(&[Some(&wkb), None])),
    ]))
    .unwrap();
    let layer = &data(&page)["layers"][0];
    assert_eq!(column(layer, "small"), [Some("-7".to_owned()), Some("8".to_owned())]);
    assert_eq!(column(layer, "unsigned"), [Some("7".to_owned()), None]);
    assert_eq!(column(layer, "single"), [Some("0.5".to_owned()), Some("NaN".to_owned())]);
    assert_eq!(column(layer, "text"), [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn coordinates_that_are_not_degrees_are_refused_with_their_row() {
    let (good, metres) = (point_wkb(9.0, 52.0), point_wkb(500_000.0, 5_760_000.0));
    let error = page_of_table(table(vec![("geometry", shapes(&[Some(&good), Some(&metres)]))])).unwrap_err();
    assert_eq!(error.to_string(), "rows: row 2: its geometry is not in degrees of longitude and latitude");
    let error = page_of_table(table(vec![("geometry", shapes(&[Some(b"x")]))])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows: row 1: its geometry is neither points nor lines nor polygons in well-known binary"
    );
    // What has no position has no place either.
    let nothing = point_wkb(f64::NAN, f64::NAN);
    assert_eq!(page_of_table(table(vec![("geometry", shapes(&[Some(&nothing)]))])).unwrap().placed_rows(), 0);
}

#[test]
fn rows_of_other_columns_are_refused() {
    let rows = table(vec![("a", Arc::new(Int32Array::from(vec![1])))]);
    let error = Page::new("t").with_layer("rows", &Arc::new(Schema::empty()), [Ok(rows)]).unwrap_err();
    assert!(matches!(error, MapError::Layer { .. }), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_are_taken_for_a_geometry_that_they_are_not(bytes: Vec<u8>, count: u32) {
        // A count of billions of positions is refused before room is made for them.
        let large = [&[1, 2, 0, 0, 0][..], &count.to_le_bytes(), &bytes].concat();
        for wkb in [bytes.as_slice(), &large] {
            let rows = table(vec![("geometry", shapes(&[Some(wkb)]))]);
            if let Ok(page) = page_of_table(rows) {
                prop_assert!(page.placed_rows() <= 1);
            }
        }
    }
}

#[test]
fn a_base_map_opens_the_policy_for_its_host_alone() {
    let policy = |html: &str| {
        let (_, after) = html.split_once("Content-Security-Policy\" content=\"").unwrap();
        after.split_once('"').unwrap().0.to_owned()
    };
    let closed = policy(&html(&Page::new("a")));
    assert!(closed.starts_with("default-src 'none'; script-src 'sha256-"), "{closed}");
    assert!(closed.contains("connect-src 'none'") && !closed.contains("http"), "{closed}");
    let basemap: Basemap = "https://tiles.example.org:8443/a/{z}/{x}/{y}.png?key=1".parse().unwrap();
    let open = policy(&html(&Page::new("a").with_basemap(basemap)));
    assert!(open.contains("connect-src https://tiles.example.org:8443;"), "{open}");
    assert!("osm".parse::<Basemap>().unwrap().origin() == "https://tile.openstreetmap.org");
    for wrong in ["", "osmm", "file:///etc/passwd", "https://a:b@example.org/", "https://"] {
        let error = wrong.parse::<Basemap>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{wrong}` is no address of a base map: ")), "{error}");
    }
}
