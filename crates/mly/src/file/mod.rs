//! Writes files that appear under their name only when they are complete, and keeps unfinished work for a later
//! process. Used by sinks, photos and clouds.

mod destination;
mod growing;
mod target;

pub use destination::Destination;
pub(crate) use destination::{DATA, SinkState};
pub(crate) use growing::{Extent, Files, Gate, Growing};
pub(crate) use target::{Target, WriteTarget, lock};
