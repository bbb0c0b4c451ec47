//! What is read, and what is refused.

use mly::cloud::{Cloud, CloudFormat, Frame, Geodetic};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EXAMPLE, cloud, example_json, reconstruction, refusal, written, zlib};

#[test]
fn a_real_reconstruction_is_read_whole() {
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    assert_eq!((cloud.points().len(), cloud.cameras().len(), cloud.skipped()), (1430, 3, 0));
    let origin =
        Geodetic { longitude: 13.400_376_851_851_851, latitude: 52.518_962_962_962_95, height_m: 0.0 };
    assert_eq!(cloud.origin(), Some(origin));

    let json: Value = serde_json::from_slice(&example_json()).unwrap();
    let mut known: Vec<_> = json[0]["points"].as_object().unwrap().values().cloned().collect();
    let mut read: Vec<_> = cloud
        .points()
        .iter()
        .map(|point| json!({"color": point.color.map(f64::from), "coordinates": point.enu_m}))
        .collect();
    known.sort_by_key(Value::to_string);
    read.sort_by_key(Value::to_string);
    assert_eq!(read, known);
}

#[test]
fn packed_plain_bare_and_listed_are_the_same_cloud() {
    let one = reconstruction([8.5, 47.4, 400.0], &[[1.0, 2.0, 3.0], [4.0, 5.5, -6.25]]);
    let listed = json!([one]).to_string();
    let cloud = Cloud::decode(&zlib(listed.as_bytes())).unwrap();
    assert_eq!(cloud.points().len(), 2);
    assert_eq!(cloud.cameras()[0].enu_m, [0.0, 0.0, 2.0]);
    for bytes in [listed.clone().into_bytes(), one.to_string().into_bytes(), zlib(one.to_string().as_bytes())]
    {
        assert_eq!(Cloud::decode(&bytes).unwrap(), cloud);
    }
    assert_eq!(Cloud::decode(b" [ ] ").unwrap(), Cloud::default());
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let reference = r#""reference_lla":{"longitude":1,"latitude":2,"altitude":3}"#;
    let whole = format!(r#"{{"points":{{}},"shots":{{}},{reference}}}"#);
    let point = |point: &str| format!(r#"[{whole},{{"points":{{"773":{point}}},"shots":{{}},{reference}}}]"#);
    let shot = r#"{"rotation":[0,0,0],"translation":[0,0]}"#;
    for (json, part) in [
        (String::new(), "EOF while parsing a value at byte 0"),
        ("<html>".into(), "expected value at byte 0"),
        ("7".into(), "invalid type: integer `7`, expected an array of reconstructions"),
        ("[{}]".into(), "/0: missing field `points` at byte 2"),
        (format!("[{whole},7]"), "/1: invalid type: integer `7`, expected struct Reconstruction"),
        (whole.replace(r#""shots":{},"#, ""), ": missing field `shots`"),
        (
            whole.replace(r#""points":{}"#, r#""points":[]"#),
            "/points: invalid type: sequence, expected an object",
        ),
        (whole.replace("2,", "90.5,"), "/reference_lla/latitude: 9.05e1 is not between -90 and 90"),
        (whole.replace("1,", "\"x\","), "/reference_lla/longitude: invalid type: string \"x\", expected f64"),
        (whole.replace(r#","altitude":3"#, ""), "/reference_lla: missing field `altitude`"),
        (point(r#"{"coordinates":[1,2,3]}"#), "/1/points/773: missing field `color`"),
        (
            point(r#"{"coordinates":[1,null,3]}"#),
            "/1/points/773/coordinates: invalid type: null, expected f64",
        ),
        (point(r#"{"coordinates":[1,NaN,3]}"#), "/1/points/773/coordinates: expected value"),
        (point(r#"{"coordinates":[1,2,1e999]}"#), "/1/points/773/coordinates: number out of range"),
        (
            whole.replace(r#""shots":{"#, &format!(r#""shots":{{"9":{shot}"#)),
            "/shots/9/translation: invalid length 2",
        ),
        (format!("{whole} x"), "trailing characters"),
        (format!(r#"{{"x":{}"#, "[".repeat(1_000_000)), "EOF while parsing a list at byte 1000004"),
    ] {
        assert!(refusal(&json).contains(part), "{}", refusal(&json));
    }
}

#[test]
fn a_place_is_told_in_bytes_on_any_line_and_shortly() {
    let bad = r#"[{
        "points": {
            "773": {"coordinates": [1, 2, "NAME"]}}}]"#;
    let text = refusal(bad);
    let at: usize = text.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(
        text.contains("/0/points/773/coordinates: ") && bad.as_bytes()[..at].ends_with(b"\"NAME"),
        "{text}"
    );

    let long = refusal(&bad.replace("NAME", &"long ".repeat(1000)).replace("773", &"\\n".repeat(9000)));
    assert!(long.len() < 600 && !long.contains('\n'), "{long}");
}

#[test]
fn cut_files_are_errors_at_every_length() {
    let json = json!([reconstruction([8.5, 47.4, 400.0], &[[1.0, 2.0, 3.0]])]).to_string();
    let packed = zlib(json.as_bytes());
    assert!((0..json.len()).all(|n| Cloud::decode(&json.as_bytes()[..n]).is_err()));
    assert!((0..packed.len()).all(|n| Cloud::decode(&packed[..n]).is_err()));
    assert!(Cloud::decode(&EXAMPLE[..EXAMPLE.len() / 2]).is_err());
}

#[test]
fn points_out_of_this_world_are_left_out_and_counted() {
    let mut one = reconstruction([8.5, 47.4, 400.0], &[[1.0, 2.0, 3.0], [1e6, 0.0, 0.0], [0.0, -1e300, 0.0]]);
    one["shots"]["far"] = json!({"rotation": [1e200, 0, 0], "translation": [1, 2, 3]});
    let cloud = cloud(&json!([one]));
    assert_eq!((cloud.points().len(), cloud.cameras().len(), cloud.skipped()), (2, 1, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutated_files_never_panic(
        packed in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let json = json!([reconstruction([8.5, 47.4, 400.0], &[[1.0, 2.0, 3.0], [-4.0, 5e3, 6.0]])]).to_string();
        let mut bytes = if packed { zlib(json.as_bytes()) } else { json.into_bytes() };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(cloud) = Cloud::decode(&bytes) {
            for format in CloudFormat::ALL {
                for frame in Frame::ALL {
                    written(&cloud, format, frame);
                }
            }
        }
    }
}
