//! Values of filters as Python gives them, by the type that the library's table of filters names.

use mly::query::{FilterKind, Moment, names_in};
use mly::{FilterValue, Sector, ValuePattern};
use pyo3::prelude::*;

use crate::arguments::{Names, date, ids, numbers, parsed, text};
use crate::errors::to_py;

/// The annotation of a keyword for values of this type.
pub(crate) fn annotation(kind: FilterKind) -> &'static str {
    match kind {
        FilterKind::Since | FilterKind::Until => "str | date | None",
        FilterKind::ImageType => "Literal['all', 'pano', 'flat'] | None",
        FilterKind::Sector | FilterKind::Position => "Sequence[float] | None",
        FilterKind::TextIds | FilterKind::Names | FilterKind::Patterns => "str | Iterable[str] | None",
        FilterKind::NumericIds => "Ids | None",
        FilterKind::LeastShare | FilterKind::Metres => "float | None",
        FilterKind::YesNo => "bool | None",
        FilterKind::Positions => "Literal['original', 'computed'] | None",
        _ => "Any",
    }
}

/// Reads a value of this type.
pub(crate) fn read(kind: FilterKind, given: &Bound<'_, PyAny>) -> PyResult<FilterValue> {
    Ok(match kind {
        FilterKind::Since => FilterValue::Since(Moment::earliest(&date(given)?).map_err(to_py)?),
        FilterKind::Until => FilterValue::Until(Moment::latest(&date(given)?).map_err(to_py)?),
        FilterKind::ImageType => {
            FilterValue::ImageType(parsed(&text(given, "\"all\", \"pano\" or \"flat\"")?)?)
        }
        FilterKind::Sector => {
            let [min, max] = numbers(given, "two angles in degrees: min, max")?;
            FilterValue::Sector(Sector::new(min, max).map_err(to_py)?)
        }
        FilterKind::TextIds => FilterValue::TextIds(given.extract::<Names>()?.0),
        FilterKind::NumericIds => FilterValue::NumericIds(numeric_ids(given)?),
        FilterKind::Names => FilterValue::Names(match given.extract::<String>() {
            Ok(text) => names_in(&text).map_err(to_py)?,
            Err(_) => given.extract::<Names>()?.0,
        }),
        FilterKind::Position => FilterValue::Position(numbers(given, "two numbers: longitude, latitude")?),
        FilterKind::Patterns => {
            let patterns = given.extract::<Names>()?.0;
            let patterns = patterns.iter().map(|pattern| ValuePattern::new(pattern).map_err(to_py));
            FilterValue::Patterns(patterns.collect::<PyResult<_>>()?)
        }
        FilterKind::LeastShare => FilterValue::LeastShare(given.extract()?),
        FilterKind::Metres => FilterValue::Metres(given.extract()?),
        FilterKind::YesNo => FilterValue::YesNo(given.extract()?),
        FilterKind::Positions => {
            FilterValue::Positions(parsed(&text(given, "\"original\" or \"computed\"")?)?)
        }
        other => {
            let what = format!("this package cannot read {other}");
            return Err(to_py(mly::Error::Internal { what, source: None }));
        }
    })
}

fn numeric_ids(given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    let number = |id: String| {
        let what = format!("`{id}` is not an id of a number");
        id.parse().map_err(|_| to_py(mly::Error::InvalidQuery { what, hint: None }))
    };
    ids(given)?.into_iter().map(number).collect()
}
