//! What the question of a result asked for, as far as its file tells.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};

use super::Question;
use crate::query::{
    Area, Filter, FilterValue, Filters, ImageType, Layer, Lookup, Query, Region, RowTest, Subject,
};
use crate::table::{About, Wkb};

/// What the question of a result asked for: its area and filters, or its ids.
///
/// By this, a row that the result does not have is told from one that it could not have. The default is everything.
///
/// ```
/// use mly::plan::Scope;
///
/// # fn tell(path: &std::path::Path, other: &mly::source::Rows) -> mly::Result<()> {
/// let scope = Scope::of(&other.schema()).unwrap_or_default();
/// for rows in mly::source::rows(path)? {
///     let asked = scope.asks_for(&rows?, None).into_iter().filter(|is_asked| *is_asked).count();
///     println!("{asked} of these rows could be in the other result");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Scope {
    layer: Option<Layer>,
    region: Option<Region>,
    filters: Filters,
    /// Ids, and the names that the column of them has.
    ids: Option<(&'static [&'static str], HashSet<String>)>,
    /// Whether rows are left out that nothing in them tells: beyond a limit, or too near to others.
    is_partial: bool,
}

impl Scope {
    /// What the metadata of a result tell of its question; `None` if they tell nothing.
    pub fn of(schema: &Schema) -> Option<Self> {
        Some(match serde_json::from_str(About::of(schema).question()?).ok()? {
            Question::Query(query) => Self::of_query(&query),
            Question::Lookup(lookup) => Self::of_lookup(&lookup),
        })
    }

    /// What a query asks for.
    pub(crate) fn of_query(query: &Query) -> Self {
        Self {
            layer: Some(query.layer()),
            region: Some(query.area().region()),
            filters: query.filters().clone(),
            ids: None,
            is_partial: query.limit().is_some()
                || query.nearest().is_some()
                || query.filters().spacing_m().is_some(),
        }
    }

    fn of_lookup(lookup: &Lookup) -> Self {
        let names: &[&str] = match lookup.subject() {
            Subject::Image | Subject::MapFeature | Subject::Organization => &["id"],
            // The first is its name in tiles, the other one that in the graph.
            Subject::Sequence => &["sequence_id", "sequence"],
            Subject::DetectionsOfImage => &["image_id"],
            Subject::DetectionsOfMapFeature => &["map_feature_id"],
        };
        let ids = Some((names, lookup.ids().iter().cloned().collect()));
        Self { ids, is_partial: lookup.limit().is_some(), ..Self::default() }
    }

    /// The same with another area.
    #[must_use = "the area is in the returned scope"]
    pub fn with_area(self, area: &Area) -> Self {
        Self { region: Some(area.region()), ..self }
    }

    /// Whether a position is in the area that was asked for; every position is, where there is no area.
    pub fn has_position(&self, lon: f64, lat: f64) -> bool {
        self.region.as_ref().is_none_or(|region| region.contains(lon, lat))
    }

    /// For each of some rows of another result, whether this question asked for it.
    ///
    /// `own` is the question that the rows answer: filters that both have, the rows have passed. A row that lacks what a
    /// filter tests counts as not asked for.
    pub fn asks_for(&self, rows: &RecordBatch, own: Option<&Self>) -> Vec<bool> {
        let mut asked = vec![!self.is_partial; rows.num_rows()];
        if let Some(region) = &self.region {
            keep(&mut asked, places(region, rows));
        }
        if let Some((names, ids)) = &self.ids {
            let column = names.iter().find_map(|name| rows.column_by_name(name));
            keep(&mut asked, |row| {
                column.and_then(|column| text(column, row)).is_some_and(|id| ids.contains(&id))
            });
        }
        for (filter, value) in self.filters.in_use() {
            if own.is_some_and(|own| own.filters.get(filter.name) == Some(value)) {
                continue;
            }
            let column = self.layer.and_then(|layer| column_of(filter, layer));
            let column = column.and_then(|name| rows.column_by_name(name));
            keep(&mut asked, |row| passes(filter, value, column, row));
        }
        asked
    }
}

fn keep(asked: &mut [bool], is_kept: impl Fn(usize) -> bool) {
    for (row, is_asked) in asked.iter_mut().enumerate() {
        *is_asked = *is_asked && is_kept(row);
    }
}

/// Whether rows have a position in a region. A row without a geometry could be anywhere.
fn places<'a>(region: &'a Region, rows: &'a RecordBatch) -> impl Fn(usize) -> bool + use<'a> {
    let geometries = rows.column_by_name("geometry").and_then(|column| column.as_binary_opt::<i32>());
    move |row| {
        let geometry =
            geometries.filter(|column| column.is_valid(row)).and_then(|column| Wkb::read(column.value(row)));
        match geometry {
            None => true,
            Some(Wkb::Point([lon, lat])) => region.contains(lon, lat),
            Some(Wkb::Points(all)) => all.iter().any(|[lon, lat]| region.contains(*lon, *lat)),
            Some(Wkb::Lines(lines)) => lines.iter().any(|line| region.touches_line(line)),
        }
    }
}

/// The column that a filter tests, if one column tells.
fn column_of(filter: &Filter, layer: Layer) -> Option<&'static str> {
    match filter.test {
        RowTest::Search(name) | RowTest::NotSearch(name) => Some(name),
        _ => filter.tile_column(layer),
    }
}

/// Whether a row passes a filter, as it is decided for rows of tiles.
fn passes(filter: &Filter, value: &FilterValue, column: Option<&ArrayRef>, row: usize) -> bool {
    let column = column.filter(|column| column.is_valid(row));
    if let FilterValue::ImageType(kind) = value {
        let is_pano = column.and_then(|column| flag(column, row)).unwrap_or_default();
        return is_pano == (*kind == ImageType::Pano);
    }
    let Some(column) = column else { return filter.excludes() };
    let text = || text(column, row);
    match value {
        FilterValue::Since(first) => whole(column, row).is_some_and(|ms| first.ms() <= ms),
        FilterValue::Until(last) => whole(column, row).is_some_and(|ms| ms <= last.ms()),
        FilterValue::Sector(sector) => number(column, row).is_some_and(|angle| sector.contains(angle)),
        FilterValue::NumericIds(ids) => {
            whole(column, row).is_some_and(|id| ids.contains(&id)) != filter.excludes()
        }
        FilterValue::TextIds(list) | FilterValue::Names(list) => {
            text().is_some_and(|word| list.contains(&word)) != filter.excludes()
        }
        FilterValue::Patterns(patterns) => {
            text().is_some_and(|word| patterns.iter().any(|pattern| pattern.matches(&word)))
        }
        FilterValue::LeastShare(least) => number(column, row).is_some_and(|share| share >= *least),
        FilterValue::YesNo(answer) => flag(column, row) == Some(*answer),
        // What is in view, how far apart images are and which positions there are, no column tells.
        FilterValue::Position(_)
        | FilterValue::Metres(_)
        | FilterValue::Positions(_)
        | FilterValue::ImageType(_) => false,
    }
}

fn flag(column: &ArrayRef, row: usize) -> Option<bool> {
    column.as_boolean_opt().filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

fn whole(column: &ArrayRef, row: usize) -> Option<i64> {
    match column.data_type() {
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(..) => Some(column.as_primitive_opt::<TimestampMillisecondType>()?.value(row)),
        DataType::Utf8 => column.as_string::<i32>().value(row).parse().ok(),
        _ => None,
    }
}

fn number(column: &ArrayRef, row: usize) -> Option<f64> {
    match column.as_primitive_opt::<Float64Type>() {
        Some(numbers) => Some(numbers.value(row)),
        #[expect(clippy::cast_precision_loss, reason = "angles and shares are small")]
        None => whole(column, row).map(|whole| whole as f64),
    }
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    match column.as_string_opt::<i32>() {
        Some(texts) => texts.is_valid(row).then(|| texts.value(row).to_owned()),
        None if column.is_null(row) => None,
        None => whole(column, row).map(|whole| whole.to_string()),
    }
}
