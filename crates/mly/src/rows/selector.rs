//! Which rows of a tile are wanted, and in what form.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::{FilterBuilder, FilterPredicate};
use arrow_select::take::take;

use super::entity::Table;
use super::part::Part;
use super::tile::{Places, TileRows};
use super::view::looks_at;
use crate::query::{Filters, ImageType, Layer, Query, Region, TimeRange, Touch};
use crate::table::Column;
use crate::table::{points_wkb, schema};
use crate::tile::TileId;

/// Most bytes of text in one column of one tile.
const MOST_TEXT: usize = 64 << 20;

/// The wishes of a query, prepared for many tiles.
#[derive(Debug)]
pub(crate) struct RowSelector {
    layer: Layer,
    filters: Filters,
    region: Region,
    columns: Vec<Column>,
    schema: SchemaRef,
    searched: Table,
}

impl RowSelector {
    pub(crate) fn new(query: &Query) -> Self {
        let columns = selected(query);
        Self {
            layer: query.layer(),
            filters: query.applied_filters().clone(),
            region: query.area().region(),
            schema: schema(&columns),
            searched: Table::new(query.searched_attributes()),
            columns,
        }
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

    /// What searches are asked for.
    pub(super) fn searched(&self) -> &Table {
        &self.searched
    }

    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// The dates that a sequence must begin in.
    pub(crate) fn captured(&self) -> &TimeRange {
        &self.filters.captured
    }

    /// Keeps the wanted rows and columns of points; those of a search come without a tile.
    ///
    /// # Errors
    /// When the text of a column would fill the memory. Columns that do not fit the schema are a mistake of this crate.
    pub(crate) fn points(&self, tile: Option<TileId>, rows: TileRows) -> Result<Part, ArrowError> {
        let TileRows { columns, places, .. } = rows;
        let mut mask = Mask::new(columns.first().map_or(0, Array::len));
        let table = TileTable { layer: self.layer, columns: &columns };
        self.by_attributes(&table, &self.filters.captured, &mut mask);
        let Places::Points { lons, lats, beyond_edge } = places else {
            return Err(ArrowError::SchemaError(format!("{} are no points", self.layer)));
        };
        self.by_place(tile, &lons, &lats, beyond_edge, &mut mask);
        self.by_view(&table, &lons, &lats, &mut mask);
        let keep = mask.predicate();
        let mut kept = self.keep(&columns, keep.as_ref())?;
        let lons = filter_values(lons, keep.as_ref())?;
        let lats = filter_values(lats, keep.as_ref())?;
        kept.push(Arc::new(points_wkb(&lons, &lats)));
        Ok(Part::Points(RecordBatch::try_new(Arc::clone(&self.schema), kept)?))
    }

    /// Keeps the wanted rows of sequences, without geometry, and says which rows those are.
    pub(super) fn sequences(
        &self,
        columns: &[ArrayRef],
        captured: &TimeRange,
    ) -> Result<(RecordBatch, Mask), ArrowError> {
        let mut mask = Mask::new(columns.first().map_or(0, Array::len));
        self.by_attributes(&TileTable { layer: self.layer, columns }, captured, &mut mask);
        let kept = self.keep(columns, mask.predicate().as_ref())?;
        let indices: Vec<_> = (0..self.schema.fields().len() - 1).collect();
        Ok((RecordBatch::try_new(Arc::new(self.schema.project(&indices)?), kept)?, mask))
    }

    /// The selected columns but for geometry, reduced to the wanted rows; dictionaries become plain text.
    fn keep(
        &self,
        columns: &[ArrayRef],
        keep: Option<&FilterPredicate>,
    ) -> Result<Vec<ArrayRef>, ArrowError> {
        let selected = |(column, _): &(&Column, _)| self.columns.iter().any(|c| c.name == column.name);
        let of_layer = self.layer.columns().iter().zip(columns);
        of_layer
            .filter(selected)
            .map(|(_, array)| {
                let array = keep.map_or_else(|| Ok(Arc::clone(array)), |keep| keep.filter(array))?;
                array.as_dictionary_opt::<Int32Type>().map_or_else(|| Ok(Arc::clone(&array)), written_out)
            })
            .collect()
    }

    fn by_attributes(&self, table: &TileTable<'_>, captured: &TimeRange, mask: &mut Mask) {
        let Filters { first_seen, last_seen, .. } = &self.filters;
        if table.column("id").null_count() > 0 {
            mask.keep_where(|row| table.column("id").is_valid(row));
        }
        for (name, range) in
            [("captured_at", captured), ("first_seen_at", first_seen), ("last_seen_at", last_seen)]
        {
            by_time(table, name, range, mask);
        }
        if let Some(sector) = self.filters.compass {
            let angles = table.column("compass_angle").as_primitive::<Float64Type>();
            mask.keep_where(|row| angles.is_valid(row) && sector.contains(angles.value(row)));
        }
        if self.filters.image_type != ImageType::All {
            let wanted = self.filters.image_type == ImageType::Pano;
            let panos = table.column("is_pano").as_boolean();
            mask.keep_where(|row| (panos.is_valid(row) && panos.value(row)) == wanted);
        }
        let ids =
            [("organization_id", &self.filters.organization_ids), ("creator_id", &self.filters.creator_ids)];
        for (name, wanted) in ids.into_iter().filter(|(_, wanted)| !wanted.is_empty()) {
            let values = table.column(name).as_primitive::<Int64Type>();
            mask.keep_where(|row| values.is_valid(row) && wanted.contains(&values.value(row)));
        }
        let Filters { sequence_ids, values, .. } = &self.filters;
        if !sequence_ids.is_empty() {
            let name = if self.layer == Layer::Sequences { "id" } else { "sequence_id" };
            by_word(table, name, |word| sequence_ids.iter().any(|id| id == word), mask);
        }
        if !values.is_empty() {
            by_word(table, "value", |word| values.iter().any(|v| v.matches(word)), mask);
        }
    }

    fn by_place(&self, tile: Option<TileId>, lons: &[f64], lats: &[f64], beyond_edge: bool, mask: &mut Mask) {
        if beyond_edge || tile.is_none_or(|tile| self.region.touch(tile) != Touch::Inside) {
            // Circles and far buffers reach beyond the antimeridian, where there are no longitudes.
            mask.keep_where(|row| lons[row].abs() <= 180.0 && self.region.contains(lons[row], lats[row]));
        }
    }

    fn by_view(&self, table: &TileTable<'_>, lons: &[f64], lats: &[f64], mask: &mut Mask) {
        let Some(at) = self.filters.looking_at else { return };
        let angles = table.column("compass_angle").as_primitive::<Float64Type>();
        let panos = table.column("is_pano").as_boolean();
        mask.keep_where(|row| {
            let angle = angles.is_valid(row).then(|| angles.value(row));
            let is_pano = panos.is_valid(row) && panos.value(row);
            looks_at([lons[row], lats[row]], angle, is_pano, at)
        });
    }
}

/// The columns a query gives: all of its layer, or the selected ones besides `id` and `geometry`.
fn selected(query: &Query) -> Vec<Column> {
    query.layer().columns().iter().copied().filter(|c| query.selects(c.name)).collect()
}

/// A dictionary as plain text. A few long words in many rows could fill the memory, so the sum is looked at first.
fn written_out(words: &DictionaryArray<Int32Type>) -> Result<ArrayRef, ArrowError> {
    let lengths: Vec<usize> =
        words.values().as_string::<i32>().iter().map(|w| w.map_or(0, str::len)).collect();
    let total = words.keys_iter().flatten().fold(0_usize, |sum, key| sum.saturating_add(lengths[key]));
    if total > MOST_TEXT {
        return Err(ArrowError::MemoryError(format!("a column has more than {MOST_TEXT} bytes of text")));
    }
    take(words.values(), words.keys(), None)
}

/// Columns of a layer, by name.
struct TileTable<'a> {
    layer: Layer,
    columns: &'a [ArrayRef],
}

impl TileTable<'_> {
    /// A column that filters of this layer use; `Filters::check` has made sure that it has one.
    fn column(&self, name: &str) -> &dyn Array {
        let at = self.layer.columns().iter().position(|c| c.name == name);
        &self.columns[at.unwrap_or_default()]
    }
}

fn by_time(table: &TileTable<'_>, name: &str, range: &TimeRange, mask: &mut Mask) {
    if !range.is_unbounded() {
        let moments = table.column(name).as_primitive::<TimestampMillisecondType>();
        mask.keep_where(|row| range.contains(moments.is_valid(row).then(|| moments.value(row))));
    }
}

/// Decides once for each different word.
fn by_word(table: &TileTable<'_>, name: &str, wanted: impl Fn(&str) -> bool, mask: &mut Mask) {
    let column = table.column(name).as_dictionary::<Int32Type>();
    let fits: Vec<bool> = column.values().as_string::<i32>().iter().map(|w| w.is_some_and(&wanted)).collect();
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

    pub(super) fn keeps(&self, row: usize) -> bool {
        self.bits.as_ref().is_none_or(|bits| bits.value(row))
    }

    fn keep_where(&mut self, wanted: impl Fn(usize) -> bool) {
        let bits = BooleanBuffer::collect_bool(self.rows, |row| self.keeps(row) && wanted(row));
        // All rows wanted is the usual case, and costs nothing later on.
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
