//! Questions that several results answer together: which streets have imagery, what has changed, which signs there are.
//!
//! Each question is a job: inputs and options in, a [`Table`] out. Jobs work on Arrow columns alone. They send nothing;
//! what they need from the service, the caller asks for with `mly` before.
//!
//! The same inputs give the same table, whatever the order of their rows. Distances are in metres on the ellipsoid of
//! WGS 84, angles in degrees clockwise from north, shares from 0 to 1.

pub mod assets;
mod change_list;
mod columns;
mod diff;
mod input;
mod linkage;
mod metric;
mod near;
mod near_lines;
mod openstreetmap;
pub mod osm;
mod roads;
mod spool;
mod streets;
mod sun;
mod table;

pub use change_list::ChangeList;
pub use diff::{Change, Counts, Diff};
pub use input::Input;
pub use roads::Ways;
pub use streets::{Age, ClassLengths, StreetAnswer, StreetCounts, Streets, Tier};
pub use table::{Table, TakeRows};
