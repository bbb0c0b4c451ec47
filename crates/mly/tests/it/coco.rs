//! COCO JSON, read back by a JSON reader and checked by counting pixels.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use mly::sink::{self, Destination, Format};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sinks::{batch, points, polygons, written};
use crate::support::Bytes;

/// Rings of a detection.
type Rings = Vec<Vec<[f64; 2]>>;

/// One detection: id, image, value, sequence, rings.
type Row<'a> = (i64, i64, &'a str, Option<&'a str>, Option<Rings>);

/// Detections in images of 400 by 300 pixels.
fn detections(rows: &[Row<'_>]) -> RecordBatch {
    let ints =
        |of: fn(&Row<'_>) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(of))) };
    let texts = |of: for<'a> fn(&Row<'a>) -> Option<&'a str>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    batch(vec![
        ("id", &[], ints(|r| r.0)),
        ("image_id", &[], ints(|r| r.1)),
        ("value", &[], texts(|r| Some(r.2))),
        ("polygons", &[], polygons(&rows.iter().map(|r| r.4.clone()).collect::<Vec<_>>())),
        ("image_width", &[], ints(|_| 400)),
        ("image_height", &[], ints(|_| 300)),
        ("sequence_id", &[], texts(|r| r.3)),
        ("geometry", &[("geometry_type", "Point")], points(&vec![None; rows.len()])),
    ])
}

/// A rectangle, closed, clockwise on the screen as the service sends exterior rings.
fn rectangle(left: f64, top: f64, right: f64, bottom: f64) -> Vec<[f64; 2]> {
    vec![[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
}

fn reversed(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    ring.reverse();
    ring
}

fn coco(batches: &[RecordBatch]) -> Value {
    serde_json::from_slice(&written(Format::Coco, batches).unwrap()).unwrap()
}

#[test]
fn detections_are_annotations_of_images_and_categories() {
    let stop = "regulatory--stop--g1";
    let with_hole = vec![rectangle(10.0, 20.0, 50.0, 40.0), reversed(rectangle(20.0, 25.0, 30.0, 35.0))];
    let two = vec![rectangle(0.5, 0.0, 2.5, 3.0), vec![[10.0, 10.0], [14.0, 10.0], [14.0, 12.0]]];
    let big = 9_007_199_254_740_993;
    let batches = [
        detections(&[(big, 70, stop, Some("seq\"1"), Some(with_hole)), (2, 7, "void", None, Some(two))]),
        detections(&[(3, 70, stop, Some("seq\"1"), Some(vec![rectangle(1.0, 1.0, 2.0, 2.0)]))]),
    ];
    let got = coco(&batches);
    assert_eq!(
        got,
        json!({
            "info": {
                "description": "detections in images", "url": "https://www.mapillary.com", "version": "1.0",
                "contributor": "Mapillary",
            },
            "licenses": [
                {"id": 1, "name": "CC BY-SA 4.0", "url": "https://creativecommons.org/licenses/by-sa/4.0/"},
            ],
            "annotations": [
                {"id": big, "image_id": 70, "category_id": 1, "bbox": [10, 20, 40, 20],
                 // The hole is cut out from the corner that is nearest to it.
                 "segmentation": [[10, 20, 20, 25, 20, 35, 30, 35, 30, 25, 20, 25, 10, 20, 50, 20, 50, 40, 10, 40]],
                 "area": 700, "iscrowd": 0},
                {"id": 2, "image_id": 7, "category_id": 2, "bbox": [0.5, 0, 13.5, 12],
                 "segmentation": [[0.5, 0, 2.5, 0, 2.5, 3, 0.5, 3], [10, 10, 14, 10, 14, 12]],
                 "area": 10, "iscrowd": 0},
                {"id": 3, "image_id": 70, "category_id": 1, "bbox": [1, 1, 1, 1],
                 "segmentation": [[1, 1, 2, 1, 2, 2, 1, 2]], "area": 1, "iscrowd": 0},
            ],
            "images": [
                {"id": 7, "width": 400, "height": 300, "file_name": "7.jpg", "license": 1},
                {"id": 70, "width": 400, "height": 300, "file_name": "seq%221/70.jpg", "license": 1},
            ],
            "categories": [
                {"id": 1, "name": stop, "supercategory": "regulatory"},
                {"id": 2, "name": "void", "supercategory": "void"},
            ],
        })
    );
}

#[test]
fn what_encloses_nothing_is_no_ring_and_no_annotation() {
    let line = vec![[1.0, 1.0], [9.0, 9.0], [1.0, 1.0]];
    let flat = vec![[0.0, 0.0], [5.0, 5.0], [9.0, 9.0], [0.0, 0.0]];
    let rings = vec![flat.clone(), vec![], line.clone(), rectangle(0.0, 0.0, 2.0, 2.0)];
    let got = coco(&[detections(&[
        (1, 7, "a", None, Some(vec![line, flat])),
        (2, 8, "b", None, Some(vec![])),
        (3, 9, "c", None, Some(rings)),
    ])]);
    let ids: Vec<_> = got["annotations"].as_array().unwrap().iter().map(|a| &a["id"]).collect();
    assert_eq!(ids, [3]);
    assert_eq!(got["annotations"][0]["segmentation"], json!([[0, 0, 2, 0, 2, 2, 0, 2]]));
    assert_eq!(got["images"].as_array().unwrap().len(), 3, "images without annotations are images too");
    assert_eq!(got["categories"], json!([{"id": 1, "name": "c", "supercategory": "c"}]));
}

#[test]
fn no_detections_are_a_whole_document() {
    let got = coco(&[detections(&[])]);
    for list in ["annotations", "images", "categories"] {
        assert_eq!(got[list], json!([]), "{list}");
    }
    assert!(got["info"].is_object() && got["licenses"].is_array());
}

#[test]
fn rows_without_detections_in_pixels_are_refused_before_a_byte_is_written() {
    let rows = detections(&[]);
    for (name, what) in [
        ("polygons", "there is no column polygons"),
        ("image_width", "there is no column image_width"),
        ("value", "there is no column value"),
    ] {
        let kept: Vec<_> =
            (0..rows.num_columns()).filter(|i| rows.schema().field(*i).name() != name).collect();
        let bytes = Bytes::default();
        let schema = rows.project(&kept).unwrap().schema();
        let Err(mly::Error::InvalidQuery { what: said, hint }) =
            sink::open(Format::Coco, Destination::stream(bytes.clone()), &schema)
        else {
            panic!("opened without {name}")
        };
        assert_eq!(said, format!("these rows cannot be written as coco: {what}"));
        assert_eq!(
            hint.unwrap().to_string(),
            "coco is for detections in pixels; other formats take any rows"
        );
        assert!(bytes.take().is_empty());
    }
}

/// A column of detections without the value of its first row.
fn without(rows: &RecordBatch, name: &str) -> RecordBatch {
    let at = rows.schema().index_of(name).unwrap();
    let first: arrow_array::BooleanArray = (0..rows.num_rows()).map(|row| Some(row == 0)).collect();
    let mut columns = rows.columns().to_vec();
    columns[at] = arrow_select::nullif::nullif(&columns[at], &first).unwrap();
    let fields: Vec<_> =
        rows.schema().fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
    RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(fields)), columns).unwrap()
}

#[test]
fn a_detection_that_cannot_be_an_annotation_is_left_out_and_told() {
    let square = || Some(vec![rectangle(1.0, 1.0, 2.0, 2.0)]);
    let far = vec![[0.0, 0.0], [f64::INFINITY, 0.0], [1.0, 1.0]];
    let both = |rings| detections(&[(5, 7, "a", None, rings), (6, 8, "b", None, square())]);
    for (rows, why, images) in [
        (both(None), "it has no outline", &[7, 8][..]),
        (both(Some(vec![far])), "its outline has a position that is no position", &[7, 8]),
        (both(Some(vec![])), "its outline encloses nothing", &[7, 8]),
        (without(&both(square()), "value"), "it has no value", &[7, 8]),
        (without(&both(square()), "image_id"), "its image is not named", &[8]),
        (without(&both(square()), "image_width"), "the size of its image is not known", &[8]),
    ] {
        let bytes = Bytes::default();
        let mut sink = sink::open(Format::Coco, Destination::stream(bytes.clone()), &rows.schema()).unwrap();
        sink.write(&rows).unwrap();
        let losses = sink.take_losses();
        sink.finish().unwrap();
        let got: Value = serde_json::from_slice(&bytes.take()).unwrap();
        let ids = |list: &str| {
            got[list].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!((ids("annotations"), ids("images")), (vec![6], images.to_vec()), "{why}");
        assert_eq!((losses.values, losses.rows, losses.first.len()), (0, 1, 1));
        let loss = &losses.first[0];
        assert_eq!((loss.id.as_str(), loss.why.as_str(), loss.is_row), ("5", why, true));
    }
}

#[test]
fn a_row_without_a_detection_is_an_image_without_annotations() {
    let square = || Some(vec![rectangle(1.0, 1.0, 2.0, 2.0)]);
    let rows = without(&detections(&[(5, 7, "a", None, None), (6, 8, "b", None, square())]), "id");
    let got = coco(&[rows]);
    assert_eq!(got["annotations"].as_array().unwrap().len(), 1);
    assert_eq!(got["images"].as_array().unwrap().len(), 2);
    assert_eq!(got["categories"], json!([{"id": 1, "name": "b", "supercategory": "b"}]));
}

/// Whether a point is inside a polygon an odd number of times, which is how readers of COCO fill it.
fn is_filled(polygon: &Value, [x, y]: [f64; 2]) -> bool {
    let numbers: Vec<f64> = polygon.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    let (corners, _) = numbers.as_chunks::<2>();
    let ends = corners.iter().zip(corners.iter().cycle().skip(1));
    let crossings = ends
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]);
    crossings.count() % 2 == 1
}

proptest! {
    #[test]
    fn the_area_is_the_number_of_pixels_inside(
        left in 0..20_i32, top in 0..20_i32, width in 3..20_i32, height in 3..20_i32,
        inset in 1..3_i32, clockwise in any::<bool>(), start in 0..4_usize,
    ) {
        let corners = |by: i32| {
            let [l, t, r, b] = [left + by, top + by, left + width - by, top + height - by].map(f64::from);
            let mut ring = vec![[l, t], [r, t], [r, b], [l, b]];
            ring.rotate_left(start);
            ring
        };
        let turn = |ring, turn: bool| if turn { reversed(ring) } else { ring };
        let rings = vec![turn(corners(0), clockwise), turn(corners(inset), !clockwise)];
        // A hole that is too large for its ring is turned inside out and would be no hole.
        prop_assume!(width > 2 * inset && height > 2 * inset);
        let got = coco(&[detections(&[(1, 1, "a", None, Some(rings))])]);
        let is_inside = |x: i32, y: i32, by: i32| {
            (left + by..left + width - by).contains(&x) && (top + by..top + height - by).contains(&y)
        };
        let pixels = (0..60).flat_map(|x| (0..60).map(move |y| (x, y)));
        let count = pixels.filter(|(x, y)| is_inside(*x, *y, 0) && !is_inside(*x, *y, inset)).count();
        prop_assert_eq!(&got["annotations"][0]["area"], &json!(count));
        let polygon = &got["annotations"][0]["segmentation"][0];
        for (x, y) in (0..60).flat_map(|x| (0..60).map(move |y| (x, y))) {
            let wanted = is_inside(x, y, 0) && !is_inside(x, y, inset);
            prop_assert_eq!(is_filled(polygon, [f64::from(x) + 0.5, f64::from(y) + 0.5]), wanted);
        }
        prop_assert_eq!(&got["annotations"][0]["bbox"], &json!([left, top, width, height]));
    }
}
