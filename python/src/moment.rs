//! Dates as the library reads them, for the package `mapillary`.

use mly::query::{earliest_ms, latest_ms};
use pyo3::prelude::*;

use crate::arguments::date;
use crate::errors::to_py;

/// The first and the last millisecond since 1970 that a date stands for.
#[pyfunction]
#[pyo3(signature = (given: "str | date") -> "tuple[int, int]")]
pub(crate) fn _moments(given: &Bound<'_, PyAny>) -> PyResult<(i64, i64)> {
    let text = date(given)?;
    Ok((earliest_ms(&text).map_err(to_py)?, latest_ms(&text).map_err(to_py)?))
}
