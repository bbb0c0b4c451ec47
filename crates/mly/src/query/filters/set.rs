//! The filters of a query.

use std::collections::{BTreeMap, BTreeSet};

use super::positions::Positions;
use super::table::{Filter, RowTest};
use super::value::{FilterKind, FilterValue};
use crate::error::{Error, Result};
use crate::query::layer::Layer;
use crate::query::time::TimeRange;

/// The filters of a query, by the names of the command's options; the default lets everything through.
///
/// ```
/// use mly::query::Moment;
/// use mly::{FilterValue, Filters, ImageType};
///
/// let filters = Filters::default()
///     .with("since", FilterValue::Since(Moment::earliest("2023")?))?
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
    /// [`Error::InvalidQuery`] when there is no such filter, the value is of another type than it takes, or an id is not above
    /// 0.
    pub fn with(mut self, name: &str, value: impl Into<FilterValue>) -> Result<Self> {
        let (place, value) = (Filter::place_of(name)?, value.into());
        let kind = Filter::ALL[place].kind;
        let value = match value {
            FilterValue::TextIds(list) | FilterValue::Names(list) if kind == FilterKind::Names => {
                FilterValue::Names(without_repeats(list))
            }
            other => other,
        };
        if value.kind() != kind {
            return Err(Error::query(format!("filter `{name}` takes {kind}, not {}", value.kind())));
        }
        if let FilterValue::NumericIds(ids) = &value
            && let Some(id) = ids.iter().find(|id| **id <= 0)
        {
            return Err(Error::query(format!("filter `{name}`: {id} is not an id"))
                .with_hint("ids are whole numbers above 0"));
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

    /// These filters, but dates in words that count back from now, such as `30d`, are those of `earlier` where it has the
    /// same words.
    pub(crate) fn with_dates_of(&self, earlier: &Self) -> Self {
        let mut filters = self.clone();
        for (place, value) in &mut filters.values {
            let (FilterValue::Since(moment) | FilterValue::Until(moment)) = value else { continue };
            if let Some(FilterValue::Since(begun) | FilterValue::Until(begun)) = earlier.values.get(place)
                && moment.has_words_of(begun)
            {
                *moment = begun.clone();
            }
        }
        filters
    }

    /// Names of the filters in use, for messages.
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels: Vec<_> = self.in_use().map(|(filter, _)| filter.label()).collect();
        labels.dedup();
        labels
    }

    /// Whether a filter tests a column that tiles do not have, so that only searches can answer the query.
    pub(crate) fn need_search(&self) -> bool {
        self.in_use().any(|(filter, _)| filter.search_column().is_some())
    }

    /// Whether a filter tests a column that searches do not carry, so that only tiles can answer the query.
    pub(crate) fn need_tiles(&self) -> bool {
        self.in_use().any(|(filter, _)| filter.needs_tiles())
    }

    /// The filters as searches can take them: for each combination of their names, filters with these names alone. The
    /// names of the last filter change first.
    pub(crate) fn one_by_one(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        for (place, value) in &self.values {
            let FilterValue::Names(names) = value else { continue };
            if Filter::ALL[*place].excludes() {
                continue;
            }
            let each = |filters: Self| {
                names.iter().map(move |name| {
                    let mut one = filters.clone();
                    one.values.insert(*place, FilterValue::Names(vec![name.clone()]));
                    one
                })
            };
            all = all.into_iter().flat_map(each).collect();
        }
        all
    }

    /// The filters with more than one name, and how many names they have.
    pub(crate) fn lists_of_names(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        self.in_use().filter_map(|(filter, value)| match value {
            FilterValue::Names(names) if names.len() > 1 && !filter.excludes() => {
                Some((filter.name, names.len()))
            }
            _ => None,
        })
    }

    /// Which positions of images are used.
    pub(crate) fn positions(&self) -> Positions {
        let positions = self.in_use().find_map(|(_, value)| match value {
            FilterValue::Positions(positions) => Some(*positions),
            _ => None,
        });
        positions.unwrap_or_default()
    }

    /// How far apart the images of a sequence must be, in metres.
    pub(crate) fn spacing_m(&self) -> Option<f64> {
        self.in_use().find_map(|(filter, value)| match (filter.test, value) {
            (RowTest::Spacing, FilterValue::Metres(metres)) => Some(*metres),
            _ => None,
        })
    }

    /// The range that dates of this column must lie in.
    pub(crate) fn range(&self, column: &'static str) -> TimeRange {
        let mut range = TimeRange::default();
        for (_, value) in self.in_use().filter(|(filter, _)| filter.test == RowTest::Tile(column)) {
            match value {
                FilterValue::Since(moment) => range.since_ms = Some(moment.ms()),
                FilterValue::Until(moment) => range.until_ms = Some(moment.ms()),
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
        let tiles = self.in_use().find(|(filter, _)| filter.needs_tiles());
        let search = self.in_use().find(|(filter, _)| filter.search_column().is_some());
        if let Some(((tiles, _), (search, _))) = tiles.zip(search) {
            return Err(Error::query(format!(
                "filters `{}` and `{}` do not go together",
                tiles.name, search.name
            ))
            .with_hint(format!(
                "searches answer `{}`, and they do not say what `{}` asks for: use only one of the two",
                search.name, tiles.name
            )));
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

/// The entries of a list, each at its first place.
fn without_repeats(list: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    list.into_iter().filter(|entry| seen.insert(entry.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> FilterValue {
        FilterValue::Names(list.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn each_combination_of_names_is_searched_once_and_in_order() {
        let filters = Filters::default().with("model", names(&["x", "y", "x"])).unwrap();
        let filters = filters.with("make", vec!["A".to_owned(), "B".to_owned()]).unwrap();
        let filters = filters.with("since", FilterValue::Since(5.into())).unwrap();
        assert_eq!(filters.lists_of_names().collect::<Vec<_>>(), [("make", 2), ("model", 2)]);
        let texts: Vec<_> = filters.one_by_one().iter().map(ToString::to_string).collect();
        let since = "captured 1970-01-01T00:00:00.005Z..";
        let want = [("A", "x"), ("A", "y"), ("B", "x"), ("B", "y")];
        assert_eq!(texts, want.map(|(make, model)| format!("{since}, make \"{make}\", model \"{model}\"")));
        assert_eq!(Filters::default().one_by_one(), [Filters::default()]);
        assert!(filters.with("make", names(&["A", " "])).unwrap().check(Layer::Images).is_err());
    }
}
