//! What invented worlds really have, for tests of programs that find it out.

use crate::openstreetmap::MapEntry;

/// A sign as it really stands beside a street.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueSign {
    /// What it is, such as `regulatory--stop--g1`.
    pub value: &'static str,
    /// The map features that stand for it, the oldest first: two where the service has made it again.
    pub features: Vec<u64>,
    /// Longitude and latitude; map features are up to half a metre away, and those that were made again farther.
    pub position: [f64; 2],
    /// The direction from the sign to those who read it, in degrees clockwise from north.
    pub faces_deg: f64,
    /// The number of the post that it hangs on.
    pub post: usize,
    /// Whether it stands on the right of the street, as those see it who read it.
    pub is_right: bool,
    /// The way of the map that it stands beside.
    pub street: i64,
    /// What the map has for it.
    pub entry: MapEntry,
}
