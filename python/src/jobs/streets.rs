//! `mly.streets`: which streets have imagery.

use std::collections::BTreeMap;

use mly_jobs::{Streets, Tier, Ways};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::found::FoundBuilder;
use super::input::input;
use crate::arguments::{Names, date, optional, parsed};
use crate::errors::to_py;
use crate::table::Table;

/// Tells which streets have imagery, as `mly streets` does.
///
/// It tells how much of them, how old, and in which direction.
///
/// Args:
///     roads: Data of OpenStreetMap (.osm.pbf, or JSON of Overpass), or lines: a file, a mly.Table, or a table or frame of
///         another package.
///     images: A result of images, around the roads.
///     as_of: The moment from which ages count; unless given, the newest date among the images.
///     fresh: Until when photos are fresh, such as "2y" or "18m".
///     aging: Until when they are not too old, such as "4y".
///     ways: "drive", "walk", "all", or values of highway.
///
/// Returns:
///     One row for each piece of a street between two crossings. Its attribute found has "gaps", a mly.Table of parts
///     without imagery, "metres" by class and tier, and numbers of images.
///
/// Raises:
///     InvalidQueryError: An option makes no sense.
///     InputError: An input cannot be read, or there are no streets in it.
#[pyfunction]
#[pyo3(
    signature = (
        roads: "Rows", images: "Rows", *, as_of: "str | date | None" = None, fresh: "str" = None,
        aging: "str" = None, ways: "str | Iterable[str]" = None
    ) -> "Table",
    text_signature = "(roads, images, *, as_of=None, fresh='2y', aging='4y', ways='drive')"
)]
pub(crate) fn streets(
    py: Python<'_>,
    roads: &Bound<'_, PyAny>,
    images: &Bound<'_, PyAny>,
    as_of: Option<&Bound<'_, PyAny>>,
    fresh: Option<String>,
    aging: Option<String>,
    ways: Option<&Bound<'_, PyAny>>,
) -> PyResult<Table> {
    let mut job = Streets::new(input("roads", roads)?, input("images", images)?);
    if let Some(moment) = as_of {
        job = job.with_as_of(&date(moment)?).map_err(to_py)?;
    }
    if let Some(age) = fresh {
        job = job.with_fresh(parsed(&age)?);
    }
    if let Some(age) = aging {
        job = job.with_aging(parsed(&age)?);
    }
    if let Some(Names(names)) = optional("ways", ways)? {
        job = job.with_ways(parsed::<Ways>(&names.join(","))?);
    }
    let answer = py.detach(|| job.run()).map_err(to_py)?;
    let metres = PyDict::new(py);
    for (class, lengths) in &answer.counts.classes {
        let tiers: BTreeMap<_, _> = Tier::ALL.map(|tier| (tier.name(), lengths.of_tier(tier))).into();
        metres.set_item(class, tiers)?;
    }
    let counts = &answer.counts;
    let found = FoundBuilder::new(py)
        .with("gaps", Table::of_job(&answer.gaps, None))?
        .with("metres", metres)?
        .with("images", counts.images)?
        .with("matched", counts.matched)?
        .with("ambiguous", counts.ambiguous)?
        .with("unmatched", counts.unmatched)?
        .with("undated", counts.undated)?;
    Ok(Table::of_job(&answer.streets, Some(found.build())))
}
