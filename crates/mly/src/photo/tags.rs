//! The metadata of a photo.

/// The metadata that are written into a photo, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PhotoTags {
    /// Id of the image.
    pub(crate) id: i64,
    /// Id of its sequence.
    pub(crate) sequence: Option<String>,
    /// Time of capture in milliseconds since 1970. Zero and negative values count as unknown.
    pub(crate) captured_at_ms: Option<i64>,
    /// Longitude and latitude in degrees.
    pub(crate) position: Option<[f64; 2]>,
    /// Metres above sea level.
    pub(crate) altitude_m: Option<f64>,
    /// Direction of the camera, or of the middle of a panorama, in degrees clockwise from true north.
    pub(crate) compass_angle: Option<f64>,
    /// Whether it is a panorama in equirectangular projection.
    pub(crate) is_pano: bool,
    /// Maker of the camera.
    pub(crate) make: Option<String>,
    /// Model of the camera.
    pub(crate) model: Option<String>,
    /// Name of the user who took the photo.
    pub(crate) creator: Option<String>,
}

impl PhotoTags {
    /// The direction in degrees, in `0.0..360.0`, rounded to a millionth.
    pub(super) fn heading(&self) -> Option<f64> {
        let angle = (self.compass_angle?.rem_euclid(360.0) * 1e6).round() / 1e6;
        match angle {
            0.0..360.0 => Some(angle),
            // Angles just below 360 are rounded up to it, which is north.
            360.0 => Some(0.0),
            _ => None,
        }
    }
}
