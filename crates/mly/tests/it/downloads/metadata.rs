//! What is written into photos, read by another reader and compared with the graph.

use exif::{Exif, In, Reader, Tag, Value as Field};
use mly::{Download, PhotoSize};
use serde_json::Value;

use super::{client, fetched, ids, known, parts, pixels, plain, served, tree};
use crate::support::demo;

const FIELDS: &str = "sequence,captured_at,computed_geometry,geometry,altitude,is_pano,make,model,creator,\
                      computed_compass_angle,compass_angle";

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Field::Ascii(texts) => Some(String::from_utf8(texts.concat()).unwrap()),
        _ => None,
    }
}

fn numbers(exif: &Exif, tag: Tag) -> Option<Vec<f64>> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Field::Rational(parts) => Some(parts.iter().map(exif::Rational::to_f64).collect()),
        _ => None,
    }
}

/// Degrees of a position, negative in the south and west.
fn degrees(exif: &Exif, [value, side]: [Tag; 2]) -> f64 {
    let parts = numbers(exif, value).unwrap();
    let all = parts[0] + parts[1] / 60.0 + parts[2] / 3600.0;
    if matches!(&*text(exif, side).unwrap(), "S" | "W") { -all } else { all }
}

fn either<'a>(image: &'a Value, names: [&str; 2]) -> &'a Value {
    if image[names[0]].is_null() { &image[names[1]] } else { &image[names[0]] }
}

fn check_exif(jpeg: &[u8], image: &Value) {
    let exif = Reader::new().read_from_container(&mut std::io::Cursor::new(jpeg)).unwrap();
    let at = &either(image, ["computed_geometry", "geometry"])["coordinates"];
    let lon = degrees(&exif, [Tag::GPSLongitude, Tag::GPSLongitudeRef]);
    let lat = degrees(&exif, [Tag::GPSLatitude, Tag::GPSLatitudeRef]);
    assert!((lon - at[0].as_f64().unwrap()).abs() < 1e-9 && (lat - at[1].as_f64().unwrap()).abs() < 1e-9);
    let direction = either(image, ["computed_compass_angle", "compass_angle"]).as_f64();
    let written = numbers(&exif, Tag::GPSImgDirection).map(|parts| parts[0]);
    assert_eq!(written.is_some(), direction.is_some());
    assert!(
        written.zip(direction).is_none_or(|(a, b)| ((a - b + 180.0).rem_euclid(360.0) - 180.0).abs() < 1e-5)
    );
    let altitude = image["altitude"].as_f64();
    let written = numbers(&exif, Tag::GPSAltitude).map(|parts| parts[0]);
    assert!(written.zip(altitude.map(f64::abs)).is_none_or(|(a, b)| (a - b).abs() <= 0.0005));
    assert_eq!(written.is_some(), altitude.is_some());
    let moment = chrono::DateTime::from_timestamp_millis(image["captured_at"].as_i64().unwrap()).unwrap();
    if moment.timestamp_millis() > 0 {
        let shown = moment.format("%Y:%m:%d %H:%M:%S").to_string();
        assert_eq!(text(&exif, Tag::DateTimeOriginal).unwrap(), shown);
        assert_eq!(text(&exif, Tag::SubSecTimeOriginal).unwrap(), moment.format("%3f").to_string());
    }
    let id = image["id"].as_str().unwrap();
    assert_eq!(text(&exif, Tag::ImageUniqueID).unwrap().trim_start_matches('0'), id);
    for (tag, value) in [
        (Tag::Make, &image["make"]),
        (Tag::Model, &image["model"]),
        (Tag::Artist, &image["creator"]["username"]),
    ] {
        assert_eq!(text(&exif, tag).as_deref(), value.as_str(), "{tag}");
    }
}

fn check_xmp(jpeg: &[u8], image: &Value) {
    let is_packet = |body: &&[u8]| body.starts_with(b"http://ns.adobe.com/xap/1.0/\0");
    let (segments, _) = parts(jpeg);
    let packets: Vec<_> = segments
        .iter()
        .filter(|(marker, _)| *marker == 0xE1)
        .map(|(_, body)| *body)
        .filter(is_packet)
        .collect();
    let is_pano = image["is_pano"] == true;
    assert_eq!(packets.len(), usize::from(is_pano));
    let Some(packet) = packets.first() else { return };
    let packet = std::str::from_utf8(packet).unwrap();
    let [width, height] = pixels(jpeg);
    for (name, value) in [
        ("ProjectionType", "equirectangular".to_owned()),
        ("FullPanoWidthPixels", width.to_string()),
        ("FullPanoHeightPixels", height.to_string()),
        ("CroppedAreaImageWidthPixels", width.to_string()),
    ] {
        assert!(packet.contains(&format!("GPano:{name}=\"{value}\"")), "{name}: {packet}");
    }
    let heading = either(image, ["computed_compass_angle", "compass_angle"]).as_f64();
    let written = packet.split("PoseHeadingDegrees=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
    let written: Option<f64> = written.map(|text| text.parse().unwrap());
    assert!(written.zip(heading).is_none_or(|(a, b)| (a - b).abs() < 1e-5 || (a - b).abs() > 359.9));
    assert_eq!(written.is_some(), heading.is_some());
}

#[tokio::test]
async fn photos_carry_place_time_and_direction_and_their_picture_is_unchanged() {
    let emulator = demo();
    let ids = ids(60).await;
    for size in [PhotoSize::W256, PhotoSize::W1024] {
        let folder = tempfile::tempdir().unwrap();
        fetched(&client(&emulator), &ids, &Download::into(folder.path()).with_size(size)).await.unwrap();
        let files = tree(folder.path());
        let mut panoramas = 0;
        for id in &ids {
            let image = known(&emulator, *id, FIELDS);
            let jpeg = &files[&format!("{}/{id}.jpg", image["sequence"].as_str().unwrap())];
            assert_eq!(plain(jpeg), parts(&served(&emulator, *id, size)), "{id}");
            check_exif(jpeg, &image);
            check_xmp(jpeg, &image);
            panoramas += usize::from(image["is_pano"] == true);
        }
        assert!((1..ids.len()).contains(&panoramas), "{panoramas}");
    }
}
