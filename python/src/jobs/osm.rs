//! `mly.osm`: signs compared with OpenStreetMap.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mly_jobs::osm::SignsInOsm;
use pyo3::prelude::*;

use super::found::FoundBuilder;
use super::input::{input, optional_input};
use crate::arguments::{date, value};
use crate::errors::to_py;
use crate::table::Table;

/// Compares signs or objects with OpenStreetMap, as `mly osm` does.
///
/// It tells what is there, what is missing, and what contradicts.
///
/// Nothing is uploaded, and nothing is deleted.
///
/// Args:
///     signs: A result of signs or points, or an inventory of mly.assets: a file, a mly.Table, Batches, or a table or frame
///         of another package.
///     osm: An extract of OpenStreetMap (.osm.pbf), or an answer of Overpass in JSON.
///     country: The country whose rules count, by its code of two letters.
///     tags: A file of rules that add to those of the country, or replace them.
///     looks: Images of the area, by which things of OpenStreetMap are found that are not there any more.
///     as_of: Dates after this moment count as unknown.
///
/// Returns:
///     One row for each sign, with its status. Its attribute found has "counts", the number of rows by status, and
///     "unmapped", the number of signs by value for which there is no rule.
///
/// Raises:
///     InvalidQueryError: There are no rules for the country, or the rows are no signs.
///     InputError: A file cannot be read; a mistake in rules is told with its line and column.
#[pyfunction]
#[pyo3(
    signature = (
        signs: "Rows", osm: "str | PathLike[str]", *, country: "str" = None, tags: "str | PathLike[str] | None" = None,
        looks: "Rows | None" = None, as_of: "str | date | None" = None
    ) -> "Table",
    text_signature = "(signs, osm, *, country='DE', tags=None, looks=None, as_of=None)"
)]
pub(crate) fn osm(
    py: Python<'_>,
    signs: &Bound<'_, PyAny>,
    osm: &Bound<'_, PyAny>,
    country: Option<String>,
    tags: Option<PathBuf>,
    looks: Option<&Bound<'_, PyAny>>,
    as_of: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let mut job = SignsInOsm::of(input("signs", signs)?, value::<PathBuf>("osm", osm)?);
    if let Some(code) = country {
        job = job.with_country(&code);
    }
    if let Some(file) = tags {
        job = job.with_tags(file);
    }
    if let Some(images) = optional_input("looks", looks)? {
        job = job.with_looks(images);
    }
    if let Some(moment) = as_of {
        job = job.with_as_of_ms(mly::query::latest_ms(&date(moment)?).map_err(to_py)?);
    }
    let compare = || {
        let compared = job.run()?;
        Ok((compared.table()?, compared))
    };
    let (table, compared) = py.detach(compare).map_err(to_py)?;
    let counts: BTreeMap<_, _> =
        compared.counts().into_iter().map(|(status, rows)| (status.name(), rows)).collect();
    let unmapped: BTreeMap<_, _> = compared.unmapped().iter().cloned().collect();
    let found = FoundBuilder::new(py).with("counts", counts)?.with("unmapped", unmapped)?;
    Ok(Table::of_job(&table, Some(found.build())))
}
