//! What a feature must be like to be in the result.
//!
//! A filter is a row of `table`. The command's options, the keywords of Python, the checks, the stored form, the tests
//! of rows and the parameters of searches follow from the row.

mod pattern;
mod sector;
mod set;
mod stored;
mod table;
mod value;

pub use pattern::ValuePattern;
pub use sector::Sector;
pub use set::Filters;
pub use table::Filter;
pub(crate) use table::RowTest;
pub use value::{FilterKind, FilterValue, ImageType};
