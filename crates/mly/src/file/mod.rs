//! Writes files that appear under their name only when they are complete, and keeps unfinished work for a later
//! process. Used by sinks, photos and clouds.

mod claim;
mod database;
mod destination;
mod growing;
mod mount;
mod own;
mod target;
mod unfit;

pub(crate) use claim::Claim;
pub(crate) use database::database_path;
pub use destination::Destination;
pub(crate) use destination::{DATA, SinkState};
pub(crate) use growing::{Checksum, Extent, Files, Gate, Growing};
pub(crate) use own::{LockedFile, OwnFile, create_own, lock, open_or_create_own, open_own};
pub(crate) use target::{PART, Target, WriteTarget};
pub(crate) use unfit::check_name;
