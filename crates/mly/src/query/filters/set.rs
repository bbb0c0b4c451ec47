//! The filters of a query.

use std::collections::BTreeMap;

use super::table::{Filter, RowTest};
use super::value::FilterValue;
use crate::error::{Error, Result};
use crate::query::layer::Layer;
use crate::query::time::TimeRange;

/// The filters of a query, by the names of the command's options; the default lets everything through.
///
/// ```
/// use mly::query::earliest_ms;
/// use mly::{FilterValue, Filters, ImageType};
///
/// let filters = Filters::default()
///     .with("since", FilterValue::Since(earliest_ms("2023")?))?
///     .with("image-type", ImageType::Pano)?;
/// assert_eq!(filters.get("image-type"), Some(&FilterValue::ImageType(ImageType::Pano)));
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Values by the filter's index in [`Filter::ALL`]. A value that lets everything through is not kept.
    values: BTreeMap<usize, FilterValue>,
}

impl Filters {
    /// Sets a filter of [`Filter::ALL`] by its name.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there is no such filter or the value is of another type than it takes.
    pub fn with(mut self, name: &str, value: impl Into<FilterValue>) -> Result<Self> {
        let (place, value) = (Filter::place_of(name)?, value.into());
        let kind = Filter::ALL[place].kind;
        if value.kind() != kind {
            return Err(Error::query(format!("filter `{name}` takes {kind}, not {}", value.kind())));
        }
        if value.fits_all() {
            self.values.remove(&place);
        } else {
            self.values.insert(place, value);
        }
        Ok(self)
    }

    /// The value of a filter, if it is in use.
    pub fn get(&self, name: &str) -> Option<&FilterValue> {
        self.values.get(&Filter::place_of(name).ok()?)
    }

    /// The filters in use and their values, in the order of [`Filter::ALL`].
    pub fn in_use(&self) -> impl Iterator<Item = (&'static Filter, &FilterValue)> {
        self.values.iter().map(|(place, value)| (&Filter::ALL[*place], value))
    }

    /// Whether every row fits.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Names of the filters in use, for messages.
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels: Vec<_> = self.in_use().map(|(filter, _)| filter.label()).collect();
        labels.dedup();
        labels
    }

    /// Whether a filter tests a column that tiles do not have, so that only searches can answer the query.
    pub(crate) fn need_search(&self) -> bool {
        self.in_use().any(|(filter, _)| matches!(filter.test, RowTest::Search(_)))
    }

    /// The range that dates of this column must lie in.
    pub(crate) fn range(&self, column: &'static str) -> TimeRange {
        let mut range = TimeRange::default();
        for (_, value) in self.in_use().filter(|(filter, _)| filter.test == RowTest::Tile(column)) {
            match value {
                FilterValue::Since(ms) => range.since_ms = Some(*ms),
                FilterValue::Until(ms) => range.until_ms = Some(*ms),
                _ => {}
            }
        }
        range
    }

    /// Checks values and ranges, and that every filter in use fits the layer.
    pub(crate) fn check(&self, layer: Layer) -> Result<()> {
        for (filter, value) in self.in_use() {
            value.check()?;
            if let (RowTest::Tile(column), FilterValue::Since(_)) = (filter.test, value) {
                self.range(column).check(column)?;
            }
        }
        match self.in_use().find(|(filter, _)| !filter.layers.contains(&layer)) {
            Some((filter, _)) => {
                let mut known: Vec<_> = Filter::of_layer(layer).map(Filter::label).collect();
                known.dedup();
                Err(Error::query(format!("filter `{}` does not fit {layer}", filter.label()))
                    .with_hint(format!("{layer} can be filtered by {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }
}
