//! `mly detections`: what was recognised, with outlines in three forms and as COCO.

use std::collections::BTreeSet;
use std::fs;

use fast_mvt::{MvtCoord, MvtGeometry, MvtReaderRef};
use serde_json::{Value as Json, json};

use crate::graph::{Fields, assert_same, get, list, rows};
use crate::lookup::{NOBODY, ids, still};
use crate::support::mly;

const FIELDS: &str = "created_at,geometry,image,value";

/// Detections of something as the graph has them, with the outline of each as it is sent.
fn of_graph(of: &str) -> Vec<Fields> {
    let mut rows = list(still(), &format!("/{of}/detections?fields={FIELDS}"));
    for row in &mut rows {
        let outline = row.remove("geometry").unwrap();
        row.insert("pixel_geometry".to_owned(), outline);
        if let Some(position) = row.remove("image_geometry") {
            row.insert("geometry".to_owned(), position);
        }
    }
    rows
}

/// The rings of an outline, by another decoder, from shares of the extent to the size of the image.
fn rings(outline: &Json, [width, height]: [f64; 2]) -> Json {
    let bytes = base64(outline.as_str().unwrap());
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let mut all = Vec::new();
    for layer in reader.layers() {
        let extent = f64::from(layer.extent());
        for feature in layer.features() {
            let polygons = match feature.geometry().unwrap() {
                MvtGeometry::Polygon(one) => vec![one],
                MvtGeometry::MultiPolygon(many) => many.0,
                other => panic!("{other:?}"),
            };
            for polygon in &polygons {
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    let position = |at: &MvtCoord| {
                        json!([f64::from(at.x) / extent * width, f64::from(at.y) / extent * height])
                    };
                    all.push(Json::from(ring.0.iter().map(position).collect::<Vec<_>>()));
                }
            }
        }
    }
    all.into()
}

/// Bytes of base64, by the definition (RFC 4648).
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|b| *b != b'=') {
        bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|b| *b == letter).unwrap()).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// Images of which something was recognised.
fn images() -> Vec<String> {
    let all = ids("images", 40);
    let some: Vec<_> = all.into_iter().filter(|id| !of_graph(id).is_empty()).take(6).collect();
    assert_eq!(some.len(), 6);
    some
}

fn with_rings(mut row: Fields, size: [f64; 2]) -> Fields {
    let outline = row.remove("pixel_geometry").unwrap();
    row.insert("polygons".to_owned(), rings(&outline, size));
    row
}

fn assert_rows(line: &str, want: &[Fields]) {
    for format in ["geojson", "geojsonseq", "csv", "arrow"] {
        let outcome = mly(&format!("{line} -f {format}")).at(still()).done();
        assert_same(&rows(format, &outcome.out), want, &format!("mly {line} -f {format}"));
    }
}

#[test]
fn detections_of_images_have_outlines_as_shares_of_width_and_height() {
    let images = images();
    let want: Vec<_> =
        images.iter().flat_map(|id| of_graph(id)).map(|row| with_rings(row, [1.0, 1.0])).collect();
    assert_rows(&format!("detections --image {}", images.join(" ")), &want);
    let [a, b] = [&images[0], &images[1]];
    let line = format!("detections --image {a},{b} --image {}", images[2..].join(" "));
    assert_rows(&line, &want);
}

#[test]
fn raw_outlines_are_as_they_were_sent() {
    let images = images();
    let want: Vec<_> = images.iter().flat_map(|id| of_graph(id)).collect();
    assert_rows(&format!("detections --raw --image {}", images.join(" ")), &want);
}

#[test]
fn outlines_in_pixels_come_with_the_size_of_their_image() {
    let images = images();
    let in_pixels = |id: &String| {
        let image = get(still(), &format!("/{id}?fields=width,height,sequence"));
        let size = ["width", "height"].map(|side| image[side].as_f64().unwrap());
        of_graph(id).into_iter().map(move |row| {
            let mut row = with_rings(row, size);
            row.insert("image_width".to_owned(), image["width"].clone());
            row.insert("image_height".to_owned(), image["height"].clone());
            row.insert("sequence_id".to_owned(), image["sequence"].clone());
            row
        })
    };
    let want: Vec<_> = images.iter().flat_map(in_pixels).collect();
    assert_rows(&format!("detections --pixels --image {}", images.join(" ")), &want);
}

#[test]
fn detections_of_map_features_name_both() {
    let signs = ids("signs", 8);
    let of_sign = |id: &String| {
        let name = Json::from(id.as_str());
        of_graph(id).into_iter().map(move |row| {
            let mut row = with_rings(row, [1.0, 1.0]);
            row.insert("map_feature_id".to_owned(), name.clone());
            row
        })
    };
    let want: Vec<_> = signs.iter().flat_map(of_sign).collect();
    assert!(want.len() > signs.len());
    assert_rows(&format!("detections --feature {}", signs.join(" ")), &want);
}

#[test]
fn results_and_lists_tell_what_detections_are_of() {
    let folder = tempfile::tempdir().unwrap();
    let area = "--near 9.005,51.998 --radius 120";
    for (layer, option) in [("images", "--image"), ("signs", "--feature")] {
        for format in ["geojson", "csv", "arrow"] {
            let result = mly(&format!("{layer} {area} -f {format}")).at(still()).done().out;
            let path = folder.path().join(layer).with_extension(format);
            fs::write(&path, &result).unwrap();
            let ids = mly(&format!("{layer} {area} -f csv --fields id")).at(still()).done();
            let ids: Vec<_> =
                rows("csv", &ids.out).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            let want = mly(&format!("detections {option} {}", ids.join(" "))).at(still()).done().out;
            assert!(want.len() > 1000);
            assert!(mly("detections --from").arg(&path).at(still()).done().out == want, "{layer} {format}");
            assert!(mly("detections --from -").input(result).at(still()).done().out == want);
        }
    }
    let images = images().join("\n");
    let want = mly(&format!("detections --image {}", images.replace('\n', " "))).at(still()).done().out;
    assert!(mly("detections --from -").input(images.clone()).at(still()).done().out == want);
    assert!(mly("detections --image -").input(images).at(still()).done().out == want);
    let signs = ids("signs", 4).join("\n");
    let want = mly(&format!("detections --feature {}", signs.replace('\n', " "))).at(still()).done().out;
    assert!(mly("detections --feature -").input(signs).at(still()).done().out == want);
}

#[test]
fn a_file_that_names_an_image_twice_does_not_repeat_its_detections() {
    let first = mly(&format!("detections --image {} -f csv", images().join(" "))).at(still()).done();
    let again = mly("detections --from - -f csv").input(first.out.clone()).at(still()).done();
    assert!(again.out == first.out);
}

#[test]
fn coco_has_the_same_detections_in_pixels() {
    let images = images();
    let line = format!("detections --image {}", images.join(" "));
    let coco = mly(&format!("{line} -f coco")).at(still()).done().out;
    assert_eq!(mly(&format!("{line} --pixels -f coco")).at(still()).done().out, coco);
    let coco: Json = serde_json::from_slice(&coco).unwrap();
    let pixels = rows("geojson", &mly(&format!("{line} --pixels")).at(still()).done().out);
    let annotations = coco["annotations"].as_array().unwrap();
    assert_eq!(annotations.len(), pixels.len());
    for (annotation, row) in annotations.iter().zip(&pixels) {
        assert_eq!(annotation["id"].to_string(), row["id"].as_str().unwrap());
        assert_eq!(annotation["image_id"].to_string(), row["image_id"].as_str().unwrap());
        let category =
            coco["categories"].as_array().unwrap().iter().find(|c| c["id"] == annotation["category_id"]);
        assert_eq!(category.unwrap()["name"], row["value"]);
    }
    let described: BTreeSet<_> =
        coco["images"].as_array().unwrap().iter().map(|image| image["id"].to_string()).collect();
    assert_eq!(described, images.into_iter().collect());
}

#[test]
fn an_image_that_is_not_there_is_named_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.csv");
    let outcome = mly(&format!("detections --image {NOBODY} {}", images()[0])).to(&path).at(still()).run();
    assert_eq!(outcome.code, 7);
    assert!(outcome.err.starts_with(&format!("warning: 1 id was not found: {NOBODY}; ")), "{}", outcome.err);
    assert_eq!(fs::read_to_string(folder.path().join("d.csv.failed")).unwrap(), format!("{NOBODY}\n"));
    assert!(!rows("csv", &fs::read(&path).unwrap()).is_empty());
}
