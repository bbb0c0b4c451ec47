//! Point clouds: a list with one reconstruction in the JSON format of OpenSfM, compressed with zlib unless another answer is
//! played.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

use crate::{
    answer::gzip,
    answers::ClusterFile,
    dice::{Dice, mix},
    json::Json,
    world::{Camera, Image},
};

/// In one of so many clusters the list is empty.
const EMPTY_ONE_IN: u64 = 11;
const POINTS_PER_SHOT: usize = 40;
const METRES_PER_DEGREE: f64 = 111_195.0;
const CAMERA_HEIGHT_M: f64 = 2.0;

/// The id of the cluster that an image belongs to.
pub(super) fn id(image: &Image) -> u64 {
    mix(sequence_hash(image) ^ u64::from(image.cluster)) >> 14
}

/// The connected component of an image; here all clusters of a sequence are in one. Documented as an int, but answers have
/// a float.
#[expect(clippy::cast_precision_loss, reason = "the service loses digits too")]
pub(super) fn merge_cc(image: &Image) -> f64 {
    (sequence_hash(image) >> 1) as f64
}

fn sequence_hash(image: &Image) -> u64 {
    image.sequence.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)))
}

/// The rotation from east-north-up to the axes of a level camera (x right, y down, z forward) that looks at a heading, as
/// a vector: the axis of the rotation, as long as the angle in radians.
///
/// The rows of the matrix are (cos h, -sin h, 0), (0, 0, -1) and (sin h, cos h, 0).
pub(super) fn rotation(heading_deg: f64) -> [f64; 3] {
    let (sine, cosine) = heading_deg.to_radians().sin_cos();
    let axis = [cosine + 1.0, -sine, sine];
    let length = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
    let angle = ((cosine - 1.0) / 2.0).acos();
    axis.map(|part| part / length * angle)
}

/// Whether the service failed to reconstruct this cluster, so that the list in its file is empty.
fn is_empty(first: &Image) -> bool {
    mix(!id(first)).is_multiple_of(EMPTY_ONE_IN)
}

/// The file of one cluster.
pub(crate) fn file(images: &[Image], format: ClusterFile) -> Vec<u8> {
    let located: Vec<Shot<'_>> = images
        .iter()
        .filter_map(|image| {
            Some(Shot { image, place: image.computed?, heading: image.computed_compass_angle? })
        })
        .collect();
    let first = located.first().and_then(|shot| Some((shot, shot.image.camera?)));
    let first = first.filter(|(shot, _)| !is_empty(shot.image));
    let mut json = Json::default();
    match first {
        // Without a list there is no place for "none" but an empty list.
        Some((first, camera)) if format == ClusterFile::ZlibObject => {
            reconstruction(&mut json, &located, first, camera);
        }
        _ => json.list(|json| {
            if let Some((first, camera)) = first {
                reconstruction(json, &located, first, camera);
            }
        }),
    }
    let text = json.into_text().into_bytes();
    match format {
        ClusterFile::ZlibArray | ClusterFile::ZlibObject => zlib(&text),
        ClusterFile::JsonArray => text,
        ClusterFile::GzipArray => gzip(&text).to_vec(),
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// An image with its computed longitude and latitude and its heading.
#[derive(Clone, Copy, Debug)]
struct Shot<'a> {
    image: &'a Image,
    place: [f64; 2],
    heading: f64,
}

fn reconstruction(json: &mut Json, shots: &[Shot<'_>], first: &Shot<'_>, camera: &Camera) {
    let origin = first.place;
    let name = format!(
        "v2 {} {} {}",
        camera.make.unwrap_or("unknown"),
        camera.model.unwrap_or("unknown"),
        camera.projection
    );
    let mut dice = Dice::new(id(first.image));
    json.object(|json| {
        json.key("cameras").object(|json| write_camera(json.key(&name), camera));
        json.key("shots").object(|json| {
            for shot in shots {
                write_shot(json.key(&shot.image.id.to_string()), shot, metres(origin, shot.place), &name);
            }
        });
        json.key("points").object(|json| {
            let seen = shots.iter().flat_map(|shot| std::iter::repeat_n(shot, POINTS_PER_SHOT));
            for (number, shot) in seen.enumerate() {
                let centre = metres(origin, shot.place);
                write_point(json.key(&number.to_string()), &mut dice, centre, shot.heading);
            }
        });
        json.key("reference_lla").object(|json| {
            json.key("latitude").float(origin[1]);
            json.key("longitude").float(origin[0]);
            json.key("altitude").float(first.image.altitude_m.unwrap_or(0.0));
        });
    });
}

fn write_camera(json: &mut Json, camera: &Camera) {
    json.object(|json| {
        json.key("projection_type").text(camera.projection);
        json.key("width").int(camera.width.into());
        json.key("height").int(camera.height.into());
        for (name, &value) in ["focal", "k1", "k2"].into_iter().zip(camera.parameters) {
            json.key(name).float(value);
        }
    });
}

/// `translation = -R centre`, for the matrix of [`rotation`].
fn write_shot(json: &mut Json, shot: &Shot<'_>, centre: [f64; 3], camera: &str) {
    let image = shot.image;
    let (sine, cosine) = shot.heading.to_radians().sin_cos();
    let [east, north, up] = centre;
    let translation = [-(cosine * east - sine * north), up, -(sine * east + cosine * north)];
    json.object(|json| {
        json.key("rotation").floats(&rotation(shot.heading));
        json.key("translation").floats(&translation);
        json.key("camera").text(camera);
        json.key("orientation").int(1);
        json.key("capture_time").float(seconds(image.captured_at_ms));
        json.key("gps_dop").float(5.0);
        json.key("gps_position").floats(&centre);
        json.key("compass").object(|json| {
            json.key("angle").float(image.compass_angle.unwrap_or(0.0));
            json.key("accuracy").float(15.0);
        });
        json.key("vertices").list(|_| {});
        json.key("faces").list(|_| {});
        json.key("scale").float(1.0);
        json.key("covariance").list(|_| {});
        json.key("merge_cc").float(merge_cc(image));
    });
}

/// A coloured point: on the street, or on a wall beside it.
fn write_point(json: &mut Json, dice: &mut Dice, [east, north, _]: [f64; 3], heading: f64) {
    let (sine, cosine) = heading.to_radians().sin_cos();
    let ahead = dice.between(2.0, 25.0);
    let (right, up, grey) = if dice.chance(0.4) {
        (dice.between(-4.0, 4.0), 0.0, 90.0)
    } else {
        (if dice.chance(0.5) { 9.0 } else { -9.0 }, dice.between(0.0, 8.0), 170.0)
    };
    let place = [east + ahead * sine + right * cosine, north + ahead * cosine - right * sine, up];
    let color = [0.0, 8.0, 16.0].map(|tint| (grey + tint + dice.between(-20.0, 20.0)).round());
    json.object(|json| {
        json.key("coordinates").floats(&place);
        json.key("color").floats(&color);
    });
}

/// Where a camera is, in metres east, north and up of the origin.
fn metres(origin: [f64; 2], [lon, lat]: [f64; 2]) -> [f64; 3] {
    let east = (lon - origin[0]) * METRES_PER_DEGREE * origin[1].to_radians().cos();
    [east, (lat - origin[1]) * METRES_PER_DEGREE, CAMERA_HEIGHT_M]
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rodrigues' formula, from <https://en.wikipedia.org/wiki/Rodrigues%27_rotation_formula>.
    fn rotate(vector: [f64; 3], by: [f64; 3]) -> [f64; 3] {
        let angle = by.iter().map(|part| part * part).sum::<f64>().sqrt();
        let k = by.map(|part| part / angle);
        let dot: f64 = k.iter().zip(vector).map(|(a, b)| a * b).sum();
        let cross = [
            k[1] * vector[2] - k[2] * vector[1],
            k[2] * vector[0] - k[0] * vector[2],
            k[0] * vector[1] - k[1] * vector[0],
        ];
        std::array::from_fn(|i| {
            vector[i] * angle.cos() + cross[i] * angle.sin() + k[i] * dot * (1.0 - angle.cos())
        })
    }

    #[test]
    fn the_inverse_rotation_turns_the_optical_axis_to_the_heading() {
        for heading in [0.0, 30.0, 90.0, 179.9, 180.0, 271.5, 359.0] {
            let inverse = rotation(heading).map(|part| -part);
            let [east, north, up] = rotate([0.0, 0.0, 1.0], inverse);
            let bearing = east.atan2(north).to_degrees().rem_euclid(360.0);
            assert!((bearing - heading).abs() < 1e-6 && up.abs() < 1e-9, "{heading}: {bearing} {up}");
            let [_, _, down] = rotate([0.0, 1.0, 0.0], inverse);
            assert!((down + 1.0).abs() < 1e-9, "{heading}: the y axis looks down");
        }
    }
}
