//! The coordinates a cloud can be written in.

use std::fmt;
use std::str::FromStr;

use super::geodesy::{Geodetic, Tangent};
use crate::error::{Error, Result, unknown};

/// The coordinates of a written cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame {
    /// Longitude and latitude in degrees, ellipsoidal height in metres (EPSG:4979).
    Wgs84,
    /// Metres east, north and up of the cloud's origin.
    Enu,
}

impl Frame {
    /// Every frame.
    pub const ALL: [Self; 2] = [Self::Wgs84, Self::Enu];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Enu => "enu",
        }
    }

    /// The frame in words, as it is written into the header of a file.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Wgs84 => {
                "longitude and latitude in degrees, ellipsoidal height in metres, WGS 84 (EPSG:4979)"
            }
            Self::Enu => "metres east, north and up of the origin",
        }
    }

    /// A function from metres east, north and up of `origin` to coordinates of this frame. Without an origin there are
    /// no points to convert.
    pub(super) fn positions(self, origin: Option<Geodetic>) -> impl Fn([f64; 3]) -> [f64; 3] {
        let tangent = origin.filter(|_| self == Self::Wgs84).map(Tangent::at);
        move |enu_m| match &tangent {
            Some(tangent) => {
                let at = tangent.geodetic(enu_m);
                [at.longitude, at.latitude, at.height_m]
            }
            None => enu_m,
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Frame {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or_else(|| unknown("frame", text, &known))
    }
}
