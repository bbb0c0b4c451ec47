//! Where the avenue is.

use crate::world::demo::network::{Place, step};

/// Where it begins, in metres from the middle of the town.
const BEGIN: Place = [-200.0, -300.0];
/// Where it leads, in degrees clockwise from north.
pub(super) const COURSE_DEG: f64 = 20.0;
pub(super) const LENGTH_M: f64 = 620.0;
/// Who has photographed it.
pub(super) const CREATOR: u64 = 102_316_268_680_032;

/// The place so many metres along the avenue and to the right of its middle line.
pub(super) fn point(along_m: f64, right_m: f64) -> Place {
    step(BEGIN, COURSE_DEG, along_m, right_m)
}
