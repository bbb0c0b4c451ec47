//! Which rows of a tile are wanted, and in what form.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, RecordBatch, new_null_array,
};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::{FilterBuilder, FilterPredicate};
use arrow_select::take::take;

use super::entity::EntityTable;
use super::left_out::LeftOutTally;
use super::part::Part;
use super::tile::{Places, TileRows};
use super::view::looks_at;
use crate::query::{
    FeatureIndex, Filter, FilterValue, Filters, ImageType, Layer, Query, Region, RowTest, TimeRange, Touch,
};
use crate::table::Column;
use crate::table::{Wkb, points_wkb, schema};
use crate::tile::TileId;

/// Most bytes of text in one column of one tile.
const MOST_TEXT: usize = 64 << 20;

/// Which rows and columns a query wants, prepared for many tiles.
#[derive(Debug)]
pub(crate) struct RowSelector {
    layer: Layer,
    filters: Filters,
    region: Region,
    /// Tells which feature of the area holds a row, if the result has a column for it.
    features: Option<FeatureIndex>,
    /// Columns that come from the area. They stand before the geometry.
    area_columns: usize,
    /// Indexes of the wanted columns except the geometry, in the order of the layer.
    wanted: Vec<usize>,
    schema: SchemaRef,
    tests: Vec<ColumnTest>,
    searched: EntityTable,
    /// The column of searches that holds the positions.
    position_column: &'static str,
    left_out: Arc<LeftOutTally>,
}

/// A filter on one column of the tiles.
#[derive(Debug)]
struct ColumnTest {
    column: &'static str,
    value: FilterValue,
    /// Whether rows that have the value are left out, instead of all others.
    excludes: bool,
}

impl RowSelector {
    pub(crate) fn new(query: &Query) -> Self {
        let layer = query.layer();
        let is_wanted = |column: &Column| query.selects(column.name);
        let area_columns = query.area_columns();
        let places = layer.columns().iter().enumerate().filter(|(_, c)| c.name != "geometry" && is_wanted(c));
        let test = |(filter, value): (&Filter, &FilterValue)| {
            let (value, excludes) = (value.clone(), filter.excludes());
            Some(ColumnTest { column: filter.tile_column(layer)?, value, excludes })
        };
        Self {
            layer,
            filters: query.filters().clone(),
            region: query.area().region(),
            features: query.area().features(),
            area_columns: area_columns.len(),
            wanted: places.map(|(place, _)| place).collect(),
            schema: Self::schema_of(query),
            tests: query.filters().in_use().filter_map(test).collect(),
            searched: EntityTable::new(query.searched_attributes()),
            position_column: query.position_column(),
            left_out: Arc::default(),
        }
    }

    /// The schema of the rows that a query wants.
    pub(crate) fn schema_of(query: &Query) -> SchemaRef {
        let columns = query.layer().columns().iter().copied();
        let mut columns: Vec<Column> = columns.filter(|column| query.selects(column.name)).collect();
        let before_geometry = columns.len() - 1;
        columns.splice(before_geometry..before_geometry, query.area_columns());
        schema(&columns)
    }

    /// What the filters leave out, counted as tiles are read.
    pub(crate) fn left_out(&self) -> &Arc<LeftOutTally> {
        &self.left_out
    }

    pub(crate) fn layer(&self) -> Layer {
        self.layer
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn filters(&self) -> &Filters {
        &self.filters
    }

    /// The columns that searches request.
    pub(super) fn searched(&self) -> &EntityTable {
        &self.searched
    }

    /// The column of searches that holds the positions.
    pub(crate) fn position_column(&self) -> &'static str {
        self.position_column
    }

    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// The dates that a sequence must begin in.
    pub(crate) fn captured(&self) -> TimeRange {
        self.filters.range("captured_at")
    }

    /// Keeps the wanted rows and columns of points; `tile` is `None` for the rows of a search.
    ///
    /// # Errors
    /// When the text of a column would fill the memory. Columns that do not fit the schema are a mistake of this crate.
    pub(crate) fn points(&self, tile: Option<TileId>, rows: TileRows) -> Result<Part, ArrowError> {
        let TileRows { columns, places, .. } = rows;
        let mut mask = self.mask(&columns, |_| true)?;
        let Places::Points { lons, lats, beyond_edge } = places else {
            return Err(ArrowError::SchemaError(format!("{} are no points", self.layer)));
        };
        self.by_place(tile, &lons, &lats, beyond_edge, &mut mask);
        self.by_view(&columns, &lons, &lats, &mut mask)?;
        if mask.keeps_any() {
            self.left_out.stop();
        } else {
            self.count_left_out(tile, &columns, (&lons, &lats, beyond_edge))?;
        }
        let keep = mask.predicate();
        let mut kept = self.keep(&columns, keep.as_ref())?;
        let lons = filter_values(lons, keep.as_ref())?;
        let lats = filter_values(lats, keep.as_ref())?;
        kept.extend(self.areas_of_points(&lons, &lats));
        kept.push(Arc::new(points_wkb(&lons, &lats)));
        Ok(Part::Points(RecordBatch::try_new(Arc::clone(&self.schema), kept)?))
    }

    /// Keeps the wanted rows of sequences, without geometry, and returns which rows those are.
    ///
    /// The filters of dates are not applied when `dates_are_known` is false: a sequence of which only images are known
    /// may have begun in another tile.
    pub(super) fn sequences(
        &self,
        columns: &[ArrayRef],
        dates_are_known: bool,
    ) -> Result<(RecordBatch, Mask), ArrowError> {
        let is_date = |test: &ColumnTest| matches!(test.value, FilterValue::Since(_) | FilterValue::Until(_));
        let mask = self.mask(columns, |test| dates_are_known || !is_date(test))?;
        let kept = self.keep(columns, mask.predicate().as_ref())?;
        let indices: Vec<_> = (0..self.schema.fields().len() - 1 - self.area_columns).collect();
        Ok((RecordBatch::try_new(Arc::new(self.schema.project(&indices)?), kept)?, mask))
    }

    /// The columns that come from the area, for points. Where the nearest rows of each point are wanted, they are still
    /// empty: a row may come for several points.
    fn areas_of_points(&self, lons: &[f64], lats: &[f64]) -> Vec<ArrayRef> {
        let own = self.schema.fields().iter().rev().skip(1).take(self.area_columns).rev();
        if self.area_columns > 1 {
            return own.map(|field| new_null_array(field.data_type(), lons.len())).collect();
        }
        let Some(features) = &self.features else { return Vec::new() };
        let first = |(lon, lat): (&f64, &f64)| features.of_point(&self.region, [*lon, *lat]);
        vec![features.labels().column(&lons.iter().zip(lats).map(first).collect::<Vec<_>>())]
    }

    /// The columns that come from the area, for geometries as well-known binary.
    pub(crate) fn areas_of_lines<'a>(&self, shapes: impl IntoIterator<Item = &'a [u8]>) -> Vec<ArrayRef> {
        let Some(features) = &self.features else { return Vec::new() };
        let first = |bytes: &[u8]| match Wkb::read(bytes)? {
            Wkb::Point(at) => features.of_point(&self.region, at),
            Wkb::Points(points) => {
                points.into_iter().filter_map(|at| features.of_point(&self.region, at)).min()
            }
            Wkb::Lines(lines) => lines.iter().filter_map(|line| features.of_line(&self.region, line)).min(),
        };
        vec![features.labels().column(&shapes.into_iter().map(first).collect::<Vec<_>>())]
    }

    /// What tells the features of the area, if the result has a column for it.
    pub(crate) fn features(&self) -> Option<&FeatureIndex> {
        self.features.as_ref()
    }

    /// The wanted columns except the geometry, reduced to the wanted rows; dictionaries become plain text.
    fn keep(
        &self,
        columns: &[ArrayRef],
        keep: Option<&FilterPredicate>,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let wanted = self.wanted.iter().map(|place| {
            let array = &columns[*place];
            let array = keep.map_or_else(|| Ok(Arc::clone(array)), |keep| keep.filter(array))?;
            array.as_dictionary_opt::<Int32Type>().map_or_else(|| Ok(Arc::clone(&array)), written_out)
        });
        wanted.collect()
    }

    /// The rows that have an id and pass the filters on columns.
    fn mask(&self, columns: &[ArrayRef], applies: impl Fn(&ColumnTest) -> bool) -> Result<Mask, ArrowError> {
        let ids = columns.first().ok_or_else(|| ArrowError::SchemaError("rows have no columns".into()))?;
        let mut mask = Mask::new(ids.len());
        if ids.null_count() > 0 {
            mask.keep_where(|row| ids.is_valid(row));
        }
        for test in self.tests.iter().filter(|test| applies(test)) {
            test.keep(&columns[self.layer.place_of(test.column)?], &mut mask)?;
        }
        Ok(mask)
    }

    /// Counts the rows in the area, all of which the filters leave out.
    fn count_left_out(
        &self,
        tile: Option<TileId>,
        columns: &[ArrayRef],
        (lons, lats, beyond_edge): (&[f64], &[f64], bool),
    ) -> Result<(), ArrowError> {
        if self.left_out.is_over() || self.filters.is_empty() {
            return Ok(());
        }
        let mut mask = self.mask(columns, |_| false)?;
        self.by_place(tile, lons, lats, beyond_edge, &mut mask);
        let rows: Vec<usize> = (0..lons.len()).filter(|row| mask.keeps(*row)).collect();
        let test = self.tests.iter().find(|test| matches!(test.value, FilterValue::Patterns(_)));
        let Some(test) = test else {
            self.left_out.add(rows.len() as u64, []);
            return Ok(());
        };
        let values = columns[self.layer.place_of(test.column)?].as_dictionary::<Int32Type>();
        let words = values.values().as_string::<i32>();
        let mut keys: Vec<usize> = rows.iter().filter_map(|row| values.key(*row)).collect();
        keys.sort_unstable();
        keys.dedup();
        self.left_out.add(rows.len() as u64, keys.into_iter().map(|key| words.value(key)));
        Ok(())
    }

    fn by_place(&self, tile: Option<TileId>, lons: &[f64], lats: &[f64], beyond_edge: bool, mask: &mut Mask) {
        if beyond_edge || tile.is_none_or(|tile| self.region.touch(tile) != Touch::Inside) {
            // Circles and the buffers of tiles can reach beyond 180 degrees, where no position is valid.
            mask.keep_where(|row| lons[row].abs() <= 180.0 && self.region.contains(lons[row], lats[row]));
        }
    }

    /// Keeps the images that have a place in view.
    fn by_view(
        &self,
        columns: &[ArrayRef],
        lons: &[f64],
        lats: &[f64],
        mask: &mut Mask,
    ) -> Result<(), ArrowError> {
        let viewed = self.filters.in_use().find_map(|(filter, value)| match (filter.test, value) {
            (RowTest::View, FilterValue::Position(at)) => Some(*at),
            _ => None,
        });
        let Some(at) = viewed else { return Ok(()) };
        let angles = columns[self.layer.place_of("compass_angle")?].as_primitive::<Float64Type>();
        let panos = columns[self.layer.place_of("is_pano")?].as_boolean();
        mask.keep_where(|row| {
            let angle = angles.is_valid(row).then(|| angles.value(row));
            let is_pano = panos.is_valid(row) && panos.value(row);
            looks_at([lons[row], lats[row]], angle, is_pano, at)
        });
        Ok(())
    }
}

impl ColumnTest {
    /// Keeps the rows that pass. A row without a value does not pass, except that an image without `is_pano` counts as
    /// flat.
    fn keep(&self, column: &dyn Array, mask: &mut Mask) -> Result<(), ArrowError> {
        match &self.value {
            FilterValue::Since(first) => by_time(column, |ms| first.ms() <= ms, mask),
            FilterValue::Until(last) => by_time(column, |ms| ms <= last.ms(), mask),
            FilterValue::ImageType(kind) => {
                let panos = column.as_boolean();
                let is_wanted = *kind == ImageType::Pano;
                mask.keep_where(|row| (panos.is_valid(row) && panos.value(row)) == is_wanted);
            }
            FilterValue::Sector(sector) => {
                let angles = column.as_primitive::<Float64Type>();
                mask.keep_where(|row| angles.is_valid(row) && sector.contains(angles.value(row)));
            }
            FilterValue::NumericIds(ids) => {
                let values = column.as_primitive::<Int64Type>();
                let is_listed = |row| values.is_valid(row) && ids.contains(&values.value(row));
                mask.keep_where(|row| is_listed(row) != self.excludes);
            }
            FilterValue::TextIds(list) | FilterValue::Names(list) => {
                by_word(column, |word| list.iter().any(|entry| entry == word), mask);
            }
            FilterValue::Patterns(patterns) => {
                by_word(column, |word| patterns.iter().any(|pattern| pattern.matches(word)), mask);
            }
            FilterValue::LeastShare(least) => {
                let shares = column.as_primitive::<Float64Type>();
                mask.keep_where(|row| shares.is_valid(row) && shares.value(row) >= *least);
            }
            FilterValue::YesNo(answer) => {
                let answers = column.as_boolean();
                mask.keep_where(|row| answers.is_valid(row) && answers.value(row) == *answer);
            }
            FilterValue::Position(_) | FilterValue::Metres(_) | FilterValue::Positions(_) => {
                return Err(ArrowError::SchemaError(
                    "no column can be tested by a place or a distance".into(),
                ));
            }
        }
        Ok(())
    }
}

/// A dictionary as plain text. A few long words that many rows refer to could fill the memory, so the length of the
/// text is added up first.
fn written_out(words: &DictionaryArray<Int32Type>) -> Result<ArrayRef, ArrowError> {
    let lengths: Vec<usize> =
        words.values().as_string::<i32>().iter().map(|w| w.map_or(0, str::len)).collect();
    let total = words.keys_iter().flatten().fold(0_usize, |sum, key| sum.saturating_add(lengths[key]));
    if total > MOST_TEXT {
        return Err(ArrowError::MemoryError(format!("a column has more than {MOST_TEXT} bytes of text")));
    }
    take(words.values(), words.keys(), None)
}

fn by_time(column: &dyn Array, is_wanted: impl Fn(i64) -> bool, mask: &mut Mask) {
    let moments = column.as_primitive::<TimestampMillisecondType>();
    mask.keep_where(|row| moments.is_valid(row) && is_wanted(moments.value(row)));
}

/// Tests each word of the dictionary once instead of once per row.
fn by_word(column: &dyn Array, is_wanted: impl Fn(&str) -> bool, mask: &mut Mask) {
    let column = column.as_dictionary::<Int32Type>();
    let words = column.values().as_string::<i32>();
    let fits: Vec<bool> = words.iter().map(|word| word.is_some_and(&is_wanted)).collect();
    mask.keep_where(|row| column.key(row).is_some_and(|key| fits[key]));
}

/// Which rows are still wanted.
pub(super) struct Mask {
    rows: usize,
    bits: Option<BooleanBuffer>,
}

impl Mask {
    fn new(rows: usize) -> Self {
        Self { rows, bits: None }
    }

    fn keeps_any(&self) -> bool {
        self.bits.as_ref().map_or(self.rows, BooleanBuffer::count_set_bits) > 0
    }

    pub(super) fn keeps(&self, row: usize) -> bool {
        self.bits.as_ref().is_none_or(|bits| bits.value(row))
    }

    fn keep_where(&mut self, wanted: impl Fn(usize) -> bool) {
        let bits = BooleanBuffer::collect_bool(self.rows, |row| self.keeps(row) && wanted(row));
        // Usually all rows are wanted. Without a mask they are then not filtered at all.
        self.bits = (bits.count_set_bits() < self.rows).then_some(bits);
    }

    fn predicate(&self) -> Option<FilterPredicate> {
        let bits = self.bits.clone()?;
        Some(FilterBuilder::new(&BooleanArray::new(bits, None)).optimize().build())
    }
}

fn filter_values(values: Vec<f64>, keep: Option<&FilterPredicate>) -> Result<Vec<f64>, ArrowError> {
    let Some(keep) = keep else { return Ok(values) };
    let kept = keep.filter(&Float64Array::from(values))?;
    Ok(kept.as_primitive::<Float64Type>().values().to_vec())
}
