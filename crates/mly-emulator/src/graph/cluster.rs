//! Point clouds: a reconstruction in the format of OpenSfM, as JSON, compressed with zlib.

use std::{borrow::Cow, io::Write};

use flate2::{Compression, write::ZlibEncoder};

use crate::{
    dice::{Dice, mix},
    json::Json,
    world::{Camera, Image},
};

const POINTS_PER_SHOT: usize = 40;
const METRES_PER_DEGREE: f64 = 111_195.0;
const CAMERA_HEIGHT_M: f64 = 2.0;

/// The id of the cluster that an image belongs to.
pub(super) fn id(image: &Image) -> u64 {
    mix(sequence_hash(image) ^ u64::from(image.cluster)) >> 14
}

/// One connected component spans the clusters of a sequence. A float in the answers, although documented as int.
#[expect(clippy::cast_precision_loss, reason = "the service loses the digits as well")]
pub(super) fn merge_cc(image: &Image) -> f64 {
    (sequence_hash(image) >> 1) as f64
}

fn sequence_hash(image: &Image) -> u64 {
    image.sequence.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)))
}

/// Rotation from east-north-up to the camera (x right, y down, z forward) of a level camera that looks at a heading:
/// axis times angle, in radians.
///
/// The rows of the matrix are (cos h, -sin h, 0), (0, 0, -1) and (sin h, cos h, 0).
pub(super) fn rotation(heading_deg: f64) -> [f64; 3] {
    let (sine, cosine) = heading_deg.to_radians().sin_cos();
    let axis = [cosine + 1.0, -sine, sine];
    let length = axis.iter().map(|part| part * part).sum::<f64>().sqrt();
    let angle = ((cosine - 1.0) / 2.0).acos();
    axis.map(|part| part / length * angle)
}

/// The file of one cluster; the service sends a list with one reconstruction.
pub(crate) fn file(images: &[Image]) -> Vec<u8> {
    let text = Json::List(reconstruction(images).into_iter().collect()).to_string();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn reconstruction(images: &[Image]) -> Option<Json> {
    let located: Vec<(&Image, [f64; 2], f64)> = images
        .iter()
        .filter_map(|image| Some((image, image.computed?, image.computed_compass_angle?)))
        .collect();
    let (first, origin, _) = *located.first()?;
    let camera = first.camera?;
    let name = format!(
        "v2 {} {} {}",
        camera.make.unwrap_or("unknown"),
        camera.model.unwrap_or("unknown"),
        camera.projection
    );
    let mut dice = Dice::new(id(first));
    let mut shots = Vec::new();
    let mut points = Vec::new();
    for (image, position, heading) in located {
        let centre = metres(origin, position);
        shots.push((image.id.to_string().into(), shot(image, centre, heading, &name)));
        for _ in 0..POINTS_PER_SHOT {
            points.push((points.len().to_string().into(), point(&mut dice, centre, heading)));
        }
    }
    Some(object([
        ("cameras", Json::Object(vec![(name.into(), camera_json(camera))])),
        ("shots", Json::Object(shots)),
        ("points", Json::Object(points)),
        (
            "reference_lla",
            object([
                ("latitude", Json::Float(origin[1])),
                ("longitude", Json::Float(origin[0])),
                ("altitude", Json::Float(first.altitude_m.unwrap_or(0.0))),
            ]),
        ),
    ]))
}

fn camera_json(camera: &Camera) -> Json {
    let mut members = vec![
        ("projection_type", Json::text(camera.projection)),
        ("width", Json::Int(camera.width.into())),
        ("height", Json::Int(camera.height.into())),
    ];
    for (name, &value) in ["focal", "k1", "k2"].into_iter().zip(camera.parameters) {
        members.push((name, Json::Float(value)));
    }
    object(members)
}

/// `translation = -R centre`, for the matrix of [`rotation`].
fn shot(image: &Image, centre: [f64; 3], heading: f64, camera: &str) -> Json {
    let (sine, cosine) = heading.to_radians().sin_cos();
    let [east, north, up] = centre;
    let translation = [-(cosine * east - sine * north), up, -(sine * east + cosine * north)];
    object([
        ("rotation", Json::floats(&rotation(heading))),
        ("translation", Json::floats(&translation)),
        ("camera", Json::text(camera)),
        ("orientation", Json::Int(1)),
        ("capture_time", Json::Float(seconds(image.captured_at_ms))),
        ("gps_dop", Json::Float(5.0)),
        ("gps_position", Json::floats(&centre)),
        (
            "compass",
            object([
                ("angle", Json::Float(image.compass_angle.unwrap_or(0.0))),
                ("accuracy", Json::Float(15.0)),
            ]),
        ),
        ("vertices", Json::List(Vec::new())),
        ("faces", Json::List(Vec::new())),
        ("scale", Json::Float(1.0)),
        ("covariance", Json::List(Vec::new())),
        ("merge_cc", Json::Float(merge_cc(image))),
    ])
}

/// A coloured point: on the street, or on a wall beside it.
fn point(dice: &mut Dice, [east, north, _]: [f64; 3], heading: f64) -> Json {
    let (sine, cosine) = heading.to_radians().sin_cos();
    let ahead = dice.between(2.0, 25.0);
    let (right, up, grey) = if dice.chance(0.4) {
        (dice.between(-4.0, 4.0), 0.0, 90.0)
    } else {
        (if dice.chance(0.5) { 9.0 } else { -9.0 }, dice.between(0.0, 8.0), 170.0)
    };
    let place = [east + ahead * sine + right * cosine, north + ahead * cosine - right * sine, up];
    let color = [0.0, 8.0, 16.0].map(|tint| (grey + tint + dice.between(-20.0, 20.0)).round());
    object([("coordinates", Json::floats(&place)), ("color", Json::floats(&color))])
}

/// East, north and up of a camera.
fn metres(origin: [f64; 2], [lon, lat]: [f64; 2]) -> [f64; 3] {
    let east = (lon - origin[0]) * METRES_PER_DEGREE * origin[1].to_radians().cos();
    [east, (lat - origin[1]) * METRES_PER_DEGREE, CAMERA_HEIGHT_M]
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
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
