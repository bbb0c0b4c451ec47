//! `mly.diff`: what has changed between two results.

use std::time::Duration;

use mly::Area;
use mly_jobs::Diff;
use pyo3::prelude::*;

use super::found::FoundBuilder;
use super::input::{input, optional_input};
use crate::area::AreaKeywords;
use crate::arguments::{date, expected};
use crate::errors::{invalid, to_py};
use crate::table::Table;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Compares two results of one layer, as `mly diff` does.
///
/// Args:
///     old: The earlier result: a file, a mly.Table, Batches, or a table or frame of another package.
///     new: The later result of the same layer.
///     seen_by: Images by which it is judged whether what is missing is gone; without them, nothing is.
///     within_m: Within how many metres a map feature of the same name with a new id is the same.
///     lag: How old images have to be to count as looks: days, a timedelta, or a text such as "60d" or "8w".
///     all: Whether also what has not changed has a row.
///     as_of: When the new result was made; unless given, the newest date in it and in the images.
///     old_within: The area that the old result was asked for, if it does not tell: as within= of a Query.
///     new_within: The same for the new result.
///
/// Returns:
///     One row for each difference. Its attribute found has "counts", the number of rows by class, "rate", how often a
///     sequence that passes leads to a detection, and "notes".
///
/// Raises:
///     InvalidQueryError: The two are of different layers, or an option makes no sense.
///     InputError: An input cannot be read.
#[pyfunction]
#[pyo3(
    signature = (
        old: "Rows", new: "Rows", *, seen_by: "Rows | None" = None, within_m: "float" = 15.0,
        lag: "int | str | timedelta" = None, all: "bool" = false, as_of: "str | date | None" = None,
        old_within: "object | None" = None, new_within: "object | None" = None
    ) -> "Table",
    text_signature = "(old, new, *, seen_by=None, within_m=15.0, lag='60d', all=False, as_of=None, old_within=None, new_within=None)"
)]
#[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
pub(crate) fn diff(
    py: Python<'_>,
    old: &Bound<'_, PyAny>,
    new: &Bound<'_, PyAny>,
    seen_by: Option<&Bound<'_, PyAny>>,
    within_m: f64,
    lag: Option<&Bound<'_, PyAny>>,
    all: bool,
    as_of: Option<&Bound<'_, PyAny>>,
    old_within: Option<&Bound<'_, PyAny>>,
    new_within: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let mut job = Diff::new(input("old", old)?, input("new", new)?).with_within_m(within_m).with_all(all);
    if let Some(images) = optional_input("seen_by", seen_by)? {
        job = job.with_seen_by(images);
    }
    if let Some(lag) = lag {
        job = job.with_lag(duration(lag)?);
    }
    if let Some(moment) = as_of {
        job = job.with_as_of(mly::query::latest_ms(&date(moment)?).map_err(to_py)?);
    }
    if let Some(area) = area(py, old_within)? {
        job = job.with_old_within(area);
    }
    if let Some(area) = area(py, new_within)? {
        job = job.with_new_within(area);
    }
    let (table, counts) = py.detach(|| job.run()).map_err(to_py)?;
    let rows: std::collections::BTreeMap<_, _> =
        counts.all().map(|(change, rows)| (change.name(), rows)).collect();
    let found = FoundBuilder::new(py)
        .with("counts", rows)?
        .with("rate", counts.rate())?
        .with("notes", counts.notes().to_vec())?;
    Ok(Table::of_job(&table, Some(found.build())))
}

fn area(py: Python<'_>, within: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Area>> {
    let keywords = AreaKeywords { within, ..AreaKeywords::default() };
    within.map(|_| keywords.area(py)).transpose()
}

/// A length of time: days, a timedelta, or a text such as `60d`.
fn duration(given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    if let Ok(days) = given.extract::<u32>() {
        return Ok(DAY * days);
    }
    if let Ok(delta) = given.extract::<chrono::TimeDelta>() {
        return delta.to_std().map_err(|_| invalid("argument 'lag' is negative", "give days, such as 60"));
    }
    let text: String =
        given.extract().map_err(|_| expected("days, a timedelta, or a text such as \"60d\"", given))?;
    let parsed =
        text.trim().split_at_checked(text.trim().len().saturating_sub(1)).and_then(|(count, unit)| {
            let count: u32 = count.parse().ok()?;
            match unit {
                "d" => Some(DAY * count),
                "w" => Some(DAY * 7 * count),
                _ => None,
            }
        });
    parsed.ok_or_else(|| {
        invalid(&format!("argument 'lag': `{text}` is not a length of time"), "write 60d or 8w")
    })
}
