//! What is written, read by other readers.

use std::io::{Cursor, Write};

use las::Reader;
use mly::Error;
use mly::cloud::{Cloud, CloudFormat, Frame};
use mly::sink::Destination;
use serde_json::json;

use super::{EXAMPLE, cloud, reconstruction, written};

/// A point as it stands in a file: where it is, and its colour.
type Row = ([f64; 3], [u8; 3]);

/// A PLY file's header and points, read by the letter.
fn read_ply(bytes: &[u8]) -> (String, Vec<Row>) {
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
        assert!(
            header.contains(
                "comment origin: longitude 13.400376851851851 latitude 52.51896296296295 height 0\n"
            )
        );
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
                assert_eq!(
                    [color.red, color.green, color.blue],
                    point.color.map(|c| u16::from_be_bytes([c, c]))
                );
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
    assert_eq!((what.as_str(), hint), ("unknown format `lass`", Some("did you mean `las`?".into())));
}
