//! The filters of a query.
//!
//! Each filter is a row of `table`. Everything else is derived from that row: the option of the command, the keyword in
//! Python, the checks, the stored form, the test of a feature and the parameter of a search.

mod pattern;
mod positions;
mod sector;
mod set;
mod stored;
mod table;
mod value;

pub use pattern::ValuePattern;
pub use positions::Positions;
pub use sector::Sector;
pub use set::Filters;
pub use table::Filter;
pub(crate) use table::RowTest;
pub use value::{FilterKind, FilterValue, ImageType, names_in};
