//! Point clouds, with PROJ's numbers, other readers and other arithmetic as independent truth.

use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use las::Reader;
use mly::sink::Destination;
use mly::{Cloud, CloudFormat, Error, Frame, Geodetic};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A reconstruction of OpenSfM with three images, packed.
const EXAMPLE: &[u8] = include_bytes!("../../../../fixtures/sfm/reconstruction_example.json.zlib");

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn example_json() -> Vec<u8> {
    let mut json = Vec::new();
    flate2::read::ZlibDecoder::new(EXAMPLE).read_to_end(&mut json).unwrap();
    json
}

/// A reconstruction with points around longitude, latitude and height, and a camera in their middle.
fn reconstruction([longitude, latitude, altitude]: [f64; 3], points: &[[f64; 3]]) -> Value {
    let points: serde_json::Map<_, _> = points
        .iter()
        .enumerate()
        .map(|(i, at)| (i.to_string(), json!({"coordinates": at, "color": [i % 256, 128.0, 255]})))
        .collect();
    json!({
        "cameras": {"v2": {"projection_type": "fisheye", "focal": 0.5}},
        "shots": {"1234567890123456": {"rotation": [0, 0, 0], "translation": [0.0, 0, -2], "merge_cc": 7}},
        "points": points,
        "reference_lla": {"longitude": longitude, "latitude": latitude, "altitude": altitude},
    })
}

fn cloud(reconstructions: &Value) -> Cloud {
    Cloud::decode(&zlib(reconstructions.to_string().as_bytes())).unwrap()
}

fn refusal(json: &str) -> String {
    let Error::InvalidQuery { what, .. } = Cloud::decode(json.as_bytes()).unwrap_err() else { panic!() };
    what
}

/// A stream that can be looked at when it has been written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn written(cloud: &Cloud, format: CloudFormat, frame: Frame) -> Vec<u8> {
    let stream = Shared::default();
    cloud.write(format, frame, Destination::stream(stream.clone())).unwrap();
    let bytes = stream.0.lock().unwrap();
    bytes.clone()
}

fn farthest_apart(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|i| (a[i] - b[i]).abs()).fold(0.0, f64::max)
}

#[test]
fn a_real_reconstruction_is_read_whole() {
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    assert_eq!((cloud.points().len(), cloud.cameras().len(), cloud.skipped()), (1430, 3, 0));
    let origin = Geodetic { longitude: 13.400_376_851_851_851, latitude: 52.518_962_962_962_95, height_m: 0.0 };
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
fn cameras_stand_where_linear_algebra_puts_them() {
    // numpy: the exponential series of the rotation, and `solve(R, -t)`.
    let known = [
        ("03.jpg", [2.850_636_675_638_881, 4.312_460_909_696_091, 31.768_522_201_643_492]),
        ("01.jpg", [-2.939_847_184_583_331_6, -4.577_623_135_713_31, 31.040_237_715_292_633]),
        ("02.jpg", [-0.696_125_989_250_554, -0.901_766_347_275_965_5, 31.166_532_355_370_602]),
    ];
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    for (camera, (image_id, enu_m)) in cloud.cameras().iter().zip(known) {
        assert_eq!(camera.image_id, image_id);
        assert!(farthest_apart(camera.enu_m, enu_m) < 1e-12, "{camera:?}");
    }
}

#[test]
fn packed_plain_bare_and_listed_are_the_same_cloud() {
    let one = reconstruction([8.5, 47.4, 400.0], &[[1.0, 2.0, 3.0], [4.0, 5.5, -6.25]]);
    let listed = json!([one]).to_string();
    let cloud = Cloud::decode(&zlib(listed.as_bytes())).unwrap();
    assert_eq!(cloud.points().len(), 2);
    assert_eq!(cloud.cameras()[0].enu_m, [0.0, 0.0, 2.0]);
    for bytes in [listed.clone().into_bytes(), one.to_string().into_bytes(), zlib(one.to_string().as_bytes())] {
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
        (whole.replace(r#""points":{}"#, r#""points":[]"#), "/points: invalid type: sequence, expected an object"),
        (whole.replace("2,", "90.5,"), "/reference_lla/latitude: 9.05e1 is not between -90 and 90"),
        (whole.replace("1,", "\"x\","), "/reference_lla/longitude: invalid type: string \"x\", expected f64"),
        (whole.replace(r#","altitude":3"#, ""), "/reference_lla: missing field `altitude`"),
        (point(r#"{"coordinates":[1,2,3]}"#), "/1/points/773: missing field `color`"),
        (point(r#"{"coordinates":[1,null,3]}"#), "/1/points/773/coordinates: invalid type: null, expected f64"),
        (point(r#"{"coordinates":[1,NaN,3]}"#), "/1/points/773/coordinates: expected value"),
        (point(r#"{"coordinates":[1,2,1e999]}"#), "/1/points/773/coordinates: number out of range"),
        (whole.replace(r#""shots":{"#, &format!(r#""shots":{{"9":{shot}"#)), "/shots/9/translation: invalid length 2"),
        (format!("{whole} x"), "trailing characters"),
        (format!(r#"{{"x":{}"#, "[".repeat(200)), "recursion limit exceeded"),
    ] {
        assert!(refusal(&json).contains(part), "{json}\n{}", refusal(&json));
    }
    let long = point(&format!(r#"{{"coordinates":"{}"}}"#, "long ".repeat(1000)));
    assert!(refusal(&long.replace("773", &"\\n".repeat(9000))).len() < 600);

    let offset = point("{}").find("{}}").unwrap();
    assert!(refusal(&point("{}").replace(',', ",\n")).contains(" at byte "), "{offset}");
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

#[test]
fn places_on_the_earth_are_those_of_proj() {
    // PROJ 9: inverse `topocentric`, inverse `cart`; pymap3d 3 `enu2geodetic` gives the same.
    let enu_m = [[100.0, 200.0, 30.0], [-5000.25, 1234.5, -99.75], [100_000.0, -300_000.0, 2500.0]];
    for (origin, places) in [
        (
            [13.4, 52.5, 34.0],
            [
                [13.401_472_577_425_26, 52.501_797_291_825_646, 64.003_919_147_886_34],
                [13.326_350_457_288_612, 52.511_071_141_198_05, -63.674_582_343_548_536],
                [14.786_861_992_009_085, 49.798_157_862_001_126, 10_367.611_549_310_386],
            ],
        ),
        (
            [0.0, 0.0, 0.0],
            [
                [0.000_898_311_058_778_918_9, 0.001_808_730_388_447_846_5, 30.003_940_753_638_744],
                [-0.044_918_703_291_538_89, 0.011_164_613_381_583_942, -97.669_676_855_049_88],
                [0.897_889_805_035_341_1, -2.709_660_771_840_614_5, 10_378.796_993_779_95],
            ],
        ),
        (
            [-179.9999, -16.5, 120.5],
            [
                [-179.998_963_386_839_53, -16.498_192_766_571_055, 150.503_937_908_448_28],
                [179.953_268_307_776_03, -16.488_839_390_324_53, 22.829_657_887_108_624],
                [-179.050_507_798_919, -19.204_948_975_088_072, 10_492.527_171_401_307],
            ],
        ),
        (
            [10.0, 89.9995, 5.0],
            [
                [155.250_614_376_775_87, 89.998_429_267_666_45, 35.003_906_474_448_74],
                [-93.263_583_627_600_3, 89.954_005_017_253_24, -92.677_455_999_888_48],
                [28.431_748_310_693_646, 87.171_710_577_295_6, 10_310.213_156_167_418],
            ],
        ),
    ] {
        let cloud = cloud(&json!([reconstruction(origin, &enu_m)]));
        for (found, known) in cloud.positions(Frame::Wgs84).zip(places) {
            assert!(farthest_apart([found[0], found[1], 0.0], [known[0], known[1], 0.0]) < 1e-12, "{found:?}");
            assert!((found[2] - known[2]).abs() < 1e-8, "{found:?} {known:?}");
        }
        assert!(cloud.positions(Frame::Enu).eq(enu_m));
    }
}

#[test]
fn clouds_with_different_origins_meet_in_the_same_places() {
    // Two places seen from two origins, by PROJ 9 `topocentric`.
    let here = [13.4, 52.5, 34.0];
    let there = [13.4213, 52.4907, 51.5];
    let from_here = [
        [679.183_619_047_646, -556.340_396_232_241_7, 5.939_641_761_217_672],
        [-88.282_650_466_797_32, 122.407_477_301_721_3, 78.248_215_283_674_11],
    ];
    let from_there = [
        [-767.477_488_444_807_1, 478.552_836_511_762_05, -11.564_037_150_378_994],
        [-1534.759_883_832_310_6, 1157.538_733_874_569, 60.460_662_675_331_04],
    ];
    let (first, second) = (reconstruction(here, &from_here), reconstruction(there, &from_there));
    let one_file = cloud(&json!([first, second]));
    let mut merged = cloud(&json!([first]));
    merged.merge(cloud(&json!([second])));
    assert_eq!(one_file, merged);
    assert_eq!((merged.points().len(), merged.cameras().len()), (4, 2));
    for i in 0..2 {
        let (a, b) = (merged.points()[i].enu_m, merged.points()[i + 2].enu_m);
        assert!(farthest_apart(a, b) < 1e-6, "{a:?} {b:?}");
    }

    let mut empty = Cloud::default();
    empty.merge(merged.clone());
    empty.merge(Cloud::default());
    assert_eq!(empty, merged);
}

/// A PLY file's comments and points, read by the letter.
fn read_ply(bytes: &[u8]) -> (String, Vec<([f64; 3], [u8; 3])>) {
    let end = b"end_header\n";
    let body = bytes.windows(end.len()).position(|window| window == end).unwrap() + end.len();
    let header = String::from_utf8(bytes[..body].to_vec()).unwrap();
    let points = bytes[body..].chunks(27).map(|row| {
        let number = |i: usize| f64::from_le_bytes(row[8 * i..8 * i + 8].try_into().unwrap());
        ([number(0), number(1), number(2)], row[24..].try_into().unwrap())
    });
    (header, points.collect())
}

#[test]
fn ply_holds_every_bit_of_the_points() {
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    for frame in Frame::ALL {
        let (header, rows) = read_ply(&written(&cloud, CloudFormat::Ply, frame));
        assert!(header.starts_with("ply\nformat binary_little_endian 1.0\n"), "{header}");
        assert!(header.contains("element vertex 1430\nproperty double x\n"), "{header}");
        assert!(header.contains("comment origin: longitude 13.400376851851851 latitude 52.51896296296295 height 0\n"));
        assert!(rows.iter().map(|row| row.0).eq(cloud.positions(frame)));
        assert!(rows.iter().map(|row| row.1).eq(cloud.points().iter().map(|point| point.color)));
    }
}

#[test]
fn las_and_laz_hold_the_points_within_half_a_step() {
    let example = Cloud::decode(EXAMPLE).unwrap();
    // Across the antimeridian and from one end of the world to the other, coordinates need wider steps.
    let mut world = cloud(&json!([reconstruction([179.99, -16.5, 0.0], &[[0.0; 3], [9e5, 9e5, -9e5]])]));
    world.merge(cloud(&json!([reconstruction([-70.0, 89.0, 0.0], &[[1e5, -1e5, 0.0]])])));
    for cloud in [&example, &world, &Cloud::default()] {
        for (frame, format) in [
            (Frame::Wgs84, CloudFormat::Las),
            (Frame::Wgs84, CloudFormat::Laz),
            (Frame::Enu, CloudFormat::Las),
            (Frame::Enu, CloudFormat::Laz),
        ] {
            let bytes = written(cloud, format, frame);
            let mut reader = Reader::new(Cursor::new(bytes)).unwrap();
            let header = reader.header().clone();
            assert_eq!(header.point_format().is_compressed, format == CloudFormat::Laz);
            assert_eq!((header.date(), header.generating_software()), (None, "mly"));
            assert_eq!(header.get_wkt_crs_bytes().is_some(), frame == Frame::Wgs84);
            let steps = *header.transforms();
            let half = [steps.x.scale, steps.y.scale, steps.z.scale].map(|step| step * 0.500_01);
            if std::ptr::eq(cloud, &raw const example) {
                let finest = if frame == Frame::Wgs84 { 1e-9 } else { 1e-3 };
                assert_eq!([steps.x.scale, steps.y.scale, steps.z.scale], [finest, finest, 1e-3]);
            }
            let points: Vec<las::Point> = reader.read_all().unwrap().points().map(Result::unwrap).collect();
            assert_eq!(points.len(), cloud.points().len());
            for ((found, position), point) in points.iter().zip(cloud.positions(frame)).zip(cloud.points()) {
                let apart = [found.x - position[0], found.y - position[1], found.z - position[2]];
                assert!((0..3).all(|i| apart[i].abs() <= half[i]), "{apart:?} {steps:?}");
                let color = found.color.unwrap();
                assert_eq!([color.red, color.green, color.blue], point.color.map(|c| u16::from_be_bytes([c, c])));
            }
        }
    }
}

#[test]
fn the_same_cloud_gives_the_same_bytes() {
    for format in CloudFormat::ALL {
        let bytes = || written(&Cloud::decode(EXAMPLE).unwrap(), format, Frame::Wgs84);
        assert_eq!(bytes(), bytes(), "{format}");
    }
}

#[test]
fn a_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    for format in CloudFormat::ALL {
        let path = folder.path().join(format!("cloud.{format}"));
        cloud.write(format, Frame::Enu, Destination::file(&path, false).unwrap()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), written(&cloud, format, Frame::Enu));

        let taken = folder.path().join(format!("taken.{format}"));
        let destination = Destination::file(&taken, false).unwrap();
        std::fs::write(&taken, "somebody else's").unwrap();
        let error = cloud.write(format, Frame::Enu, destination).unwrap_err();
        assert!(matches!(&error, Error::Output { path: Some(path), .. } if *path == taken), "{error:?}");
        assert_eq!(std::fs::read(&taken).unwrap(), b"somebody else's");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);
}

#[test]
fn a_full_disk_is_an_error_of_output() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let cloud = Cloud::decode(EXAMPLE).unwrap();
    for format in CloudFormat::ALL {
        let error = cloud.write(format, Frame::Wgs84, Destination::stream(Full)).unwrap_err();
        assert!(matches!(error, Error::Output { path: None, format: name, .. } if name == format.name()));
    }
}

#[test]
fn formats_and_frames_are_read_as_they_are_shown() {
    assert!(CloudFormat::ALL.into_iter().all(|f| f.to_string().parse::<CloudFormat>().unwrap() == f));
    assert!(Frame::ALL.into_iter().all(|f| f.to_string().parse::<Frame>().unwrap() == f));
    let Error::InvalidQuery { what, hint } = "lass".parse::<CloudFormat>().unwrap_err() else { panic!() };
    assert_eq!((what.as_str(), hint.as_deref()), ("unknown format `lass`", Some("did you mean `las`?")));
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
