//! What is known about a photo.

/// What is written into a photo; what is absent is not written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PhotoTags {
    /// Id of the image.
    pub(crate) id: i64,
    /// Id of its sequence.
    pub(crate) sequence: Option<String>,
    /// Milliseconds since 1970 in UTC; zero and less mean that nobody knows.
    pub(crate) captured_at_ms: Option<i64>,
    /// Longitude and latitude in degrees.
    pub(crate) position: Option<[f64; 2]>,
    /// Metres above sea level.
    pub(crate) altitude_m: Option<f64>,
    /// Where the camera looks, or the middle of a panorama, in degrees clockwise from true north.
    pub(crate) compass_angle: Option<f64>,
    /// Whether it shows all directions, in equirectangular projection.
    pub(crate) is_pano: bool,
    /// Who made the camera.
    pub(crate) make: Option<String>,
    /// Which camera it is.
    pub(crate) model: Option<String>,
    /// Name of who took the photo.
    pub(crate) creator: Option<String>,
}

impl PhotoTags {
    /// The direction in degrees, in `0.0..360.0`, rounded to a millionth.
    pub(super) fn heading(&self) -> Option<f64> {
        let angle = (self.compass_angle?.rem_euclid(360.0) * 1e6).round() / 1e6;
        match angle {
            0.0..360.0 => Some(angle),
            // Rounded up to north.
            360.0 => Some(0.0),
            _ => None,
        }
    }
}
