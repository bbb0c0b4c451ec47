//! Turns the rows of a search into rows of tiles, which have the same columns under other names.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, DictionaryArray, RecordBatch, StringArray, new_null_array,
};
use arrow_schema::{ArrowError, DataType};
use arrow_select::filter::filter_record_batch;

use super::json::Object;
use super::misfits::Misfits;
use super::part::Part;
use super::selector::RowSelector;
use super::tile::{Places, TileRows};
use crate::api::values::{SIGN_CATEGORIES, category, is_sign_type};
use crate::error::Unreadable;
use crate::query::{FilterValue, Layer, RowTest};
use crate::table::Wkb;
use crate::table::{Column, ColumnKind};

impl RowSelector {
    /// The wanted rows among what a search found, and what could not be read.
    pub(crate) fn found(&self, objects: &[Object]) -> Result<(RecordBatch, Misfits), Unreadable> {
        let (batch, mut misfits) = self.searched().rows(objects)?;
        let unfit = |e: ArrowError| Unreadable {
            what: format!("its rows cannot be used: {e}"),
            offset: None,
            passing: false,
        };
        let placed: BooleanArray = self.positions(&batch).iter().map(|g| Some(g.is_some())).collect();
        // A row without a position is left out; that its position could not be read need not be told as well.
        misfits.values.remove("geometry");
        misfits.values.remove(self.position_column());
        misfits.features += (placed.len() - placed.true_count()) as u64;
        let batch = filter_record_batch(&batch, &placed).map_err(unfit)?;
        let wanted = self.wanted(&batch);
        let batch = filter_record_batch(&batch, &wanted).map_err(unfit)?;
        match self.points(None, self.as_tile(&batch)).map_err(unfit)? {
            Part::Points(rows) => Ok((rows, misfits)),
            Part::Lines(_) => Err(unfit(ArrowError::SchemaError("lines were found".into()))),
        }
    }

    /// Applies the filters of a search again, because the service sometimes returns rows that do not fit them.
    fn wanted(&self, batch: &RecordBatch) -> BooleanArray {
        let words: Vec<_> = (self.filters().in_use())
            .filter_map(|(filter, value)| match (filter.test, value) {
                (RowTest::Search(column) | RowTest::NotSearch(column), FilterValue::Names(names)) => {
                    Some((text(batch, column), names, filter.excludes()))
                }
                _ => None,
            })
            .collect();
        let types = text(batch, "object_type").zip(text(batch, "object_value"));
        let row_is_wanted = |row: usize| {
            let fits = words.iter().all(|(column, names, excludes)| {
                let word = column.filter(|c| c.is_valid(row)).map(|c| c.value(row));
                let is_named = |word: &str| names.iter().any(|name| word.eq_ignore_ascii_case(name));
                word.is_some_and(is_named) != *excludes
            });
            let of_layer = types.is_none_or(|(types, values)| {
                let kind = types.is_valid(row).then(|| types.value(row));
                let value = values.is_valid(row).then(|| values.value(row));
                is_sign(kind, value.unwrap_or_default()) == (self.layer() == Layer::Signs)
            });
            fits && of_layer
        };
        (0..batch.num_rows()).map(|row| Some(row_is_wanted(row))).collect()
    }

    /// The positions of what was found.
    fn positions(&self, batch: &RecordBatch) -> BinaryArray {
        let column = batch.column_by_name(self.position_column());
        column.map_or_else(|| BinaryArray::new_null(0), |c| c.as_binary().clone())
    }

    /// The columns that a tile would have.
    fn as_tile(&self, batch: &RecordBatch) -> TileRows {
        let of_graph = |name: &'static str| match name {
            "sequence_id" => "sequence",
            "value" => "object_value",
            same => same,
        };
        let column = |c: &Column| -> ArrayRef {
            match (batch.column_by_name(of_graph(c.name)), c.kind) {
                (Some(texts), ColumnKind::Text) => {
                    Arc::new(texts.as_string::<i32>().iter().collect::<DictionaryArray<Int32Type>>())
                }
                (Some(values), _) => Arc::clone(values),
                (None, _) => new_null_array(&absent(c.kind), batch.num_rows()),
            }
        };
        let columns = self.layer().columns().iter().filter(|c| c.name != "geometry").map(column).collect();
        let position = |bytes: Option<&[u8]>| match bytes.and_then(Wkb::read) {
            Some(Wkb::Point(at)) => at,
            _ => [f64::NAN; 2],
        };
        let (lons, lats) = self.positions(batch).iter().map(position).map(|[lon, lat]| (lon, lat)).unzip();
        TileRows::new(columns, Places::Points { lons, lats, beyond_edge: false })
    }
}

fn text<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name)?.as_string_opt()
}

/// The type of a column that searches do not have; it is filled with nulls.
fn absent(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Float => DataType::Float64,
        _ => DataType::Int64,
    }
}

/// Whether a map feature is a traffic sign: by its type, or by its value when the type is missing.
fn is_sign(kind: Option<&str>, value: &str) -> bool {
    match kind {
        Some(kind) => is_sign_type(kind),
        None => value.contains("--") && SIGN_CATEGORIES.contains(&category(value)),
    }
}
