//! Parses the parts of OpenSfM's reconstructions that a cloud needs, and ignores all other members.
//!
//! Any number may come with or without a fraction, colours too, so all are read as floats.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::geodesy::Geodetic;
use super::members::{members, within};

/// A coloured point of a [`Cloud`](super::Cloud).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloudPoint {
    /// Metres east, north and up of the cloud's origin.
    pub enu_m: [f64; 3],
    /// Red, green and blue.
    pub color: [u8; 3],
}

/// The position that the reconstruction computed for the camera of one image of a [`Cloud`](super::Cloud).
#[derive(Clone, Debug, PartialEq)]
pub struct CameraCenter {
    /// Id of the image.
    pub image_id: String,
    /// Metres east, north and up of the cloud's origin.
    pub enu_m: [f64; 3],
}

/// One reconstruction. Its positions are metres east, north and up of its reference.
#[derive(Deserialize)]
pub(super) struct Reconstruction {
    #[serde(deserialize_with = "points")]
    pub(super) points: Vec<CloudPoint>,
    #[serde(rename = "shots", deserialize_with = "cameras")]
    pub(super) cameras: Vec<CameraCenter>,
    #[serde(rename = "reference_lla", deserialize_with = "reference")]
    pub(super) reference: Geodetic,
}

#[derive(Deserialize)]
struct RawPoint {
    #[serde(deserialize_with = "coordinates")]
    coordinates: [f64; 3],
    #[serde(deserialize_with = "color")]
    color: [f64; 3],
}

#[derive(Deserialize)]
struct CameraPose {
    #[serde(deserialize_with = "rotation")]
    rotation: [f64; 3],
    #[serde(deserialize_with = "translation")]
    translation: [f64; 3],
}

#[derive(Deserialize)]
struct Reference {
    #[serde(deserialize_with = "longitude")]
    longitude: f64,
    #[serde(deserialize_with = "latitude")]
    latitude: f64,
    #[serde(deserialize_with = "altitude")]
    altitude: f64,
}

fn points<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CloudPoint>, D::Error> {
    let keep = |_, point: RawPoint| CloudPoint { enu_m: point.coordinates, color: point.color.map(channel) };
    within("points", members(deserializer, keep))
}

fn cameras<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CameraCenter>, D::Error> {
    let keep = |image_id, shot: CameraPose| CameraCenter {
        image_id,
        enu_m: center(shot.rotation, shot.translation),
    };
    within("shots", members(deserializer, keep))
}

fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Geodetic, D::Error> {
    let Reference { longitude, latitude, altitude } =
        within("reference_lla", Reference::deserialize(deserializer))?;
    Ok(Geodetic { longitude, latitude, height_m: altitude })
}

fn coordinates<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 3], D::Error> {
    within("coordinates", Deserialize::deserialize(deserializer))
}

fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 3], D::Error> {
    within("color", Deserialize::deserialize(deserializer))
}

fn rotation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 3], D::Error> {
    within("rotation", Deserialize::deserialize(deserializer))
}

fn translation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 3], D::Error> {
    within("translation", Deserialize::deserialize(deserializer))
}

fn longitude<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within("longitude", number_in(deserializer, -180.0..=180.0))
}

fn latitude<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within("latitude", number_in(deserializer, -90.0..=90.0))
}

fn altitude<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    within("altitude", number_in(deserializer, -1e5..=1e5))
}

fn number_in<'de, D>(deserializer: D, range: RangeInclusive<f64>) -> Result<f64, D::Error>
where
    D: Deserializer<'de>,
{
    let number = f64::deserialize(deserializer)?;
    if range.contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format_args!("{number:e} is not between {} and {}", range.start(), range.end())))
}

/// A channel of a colour, clamped to 0..=255.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn channel(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// The position of a camera: `-Rᵀ t`, since a point `p` of the reconstruction is at `R p + t` in the frame of the
/// camera.
///
/// `rotation` is an axis times an angle in radians, and is applied with Rodrigues' formula.
fn center(rotation: [f64; 3], translation: [f64; 3]) -> [f64; 3] {
    let [a, b, c] = rotation;
    let angle = (a * a + b * b + c * c).sqrt();
    let back = translation.map(|t| -t);
    if angle == 0.0 {
        return back;
    }
    // The inverse rotation is the same angle about the opposite axis.
    let [x, y, z] = rotation.map(|r| -r / angle);
    let [u, v, w] = back;
    let (sin, cos) = angle.sin_cos();
    let along = (x * u + y * v + z * w) * (1.0 - cos);
    [
        u * cos + (y * w - z * v) * sin + x * along,
        v * cos + (z * u - x * w) * sin + y * along,
        w * cos + (x * v - y * u) * sin + z * along,
    ]
}
