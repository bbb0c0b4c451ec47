//! Finds what a format cannot hold before it is written, so that one value does not stop a whole result.
//!
//! Such a value becomes null; where its column has no null, its row is left out. Each is counted and told. What remains
//! can be written, so an error of a sink is one of its file.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field};
use arrow_select::filter::filter_record_batch;
use arrow_select::nullif::nullif;
use serde::de::IgnoredAny;

use super::coco;
use super::format::Format;
use super::losses::{Loss, Losses};
use super::shapes::check;
use super::value::MOMENTS;
use super::window::main_geometry;
use crate::table::{GEOMETRY_TYPE, JSON, Wkb};

/// Fits batches to a format.
pub(crate) struct Fitter {
    format: Format,
    /// Rows so far, for the numbers of rows that have no id.
    rows: u64,
}

/// A batch as the format can hold it.
pub(crate) struct Fitted {
    pub(crate) rows: RecordBatch,
    pub(crate) losses: Losses,
    /// Rows that are not in `rows`. Rows that the sink itself leaves out are not among them.
    pub(crate) removed: u64,
}

impl Fitter {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, rows: 0 }
    }

    /// Takes out what the format cannot hold.
    ///
    /// # Errors
    /// When the rows are not those of a batch of the format.
    pub(crate) fn fit(&mut self, batch: &RecordBatch) -> Result<Fitted, ArrowError> {
        let before = self.rows;
        self.rows += batch.num_rows() as u64;
        let mut losses = Losses::default();
        if self.format == Format::Coco {
            // The sink leaves these rows out itself: their images are images of the document all the same.
            for (row, why) in coco::unfit(batch) {
                losses.add(Loss::row(id_of(batch, row, before), why));
            }
            return Ok(Fitted { rows: batch.clone(), losses, removed: 0 });
        }
        let mut columns: Option<Vec<ArrayRef>> = None;
        let mut is_kept: Option<Vec<bool>> = None;
        // A row without a position is in no tile.
        let places = (self.format == Format::PmTiles).then(|| main_geometry(batch.schema_ref())).flatten();
        for (at, (field, column)) in batch.schema_ref().fields().iter().zip(batch.columns()).enumerate() {
            let is_place = Some(at) == places;
            let found = if is_place { nowhere(column) } else { unfit(self.format, field, column) };
            let Some((is_unfit, why)) = found else { continue };
            let why = format!("{} {why}", field.name());
            let is_value = field.is_nullable() && !is_place;
            for row in (0..batch.num_rows()).filter(|row| is_unfit.value(*row)) {
                let id = id_of(batch, row, before);
                losses.add(if is_value { Loss::value(id, &*why) } else { Loss::row(id, &*why) });
                if !is_value {
                    is_kept.get_or_insert_with(|| vec![true; batch.num_rows()])[row] = false;
                }
            }
            if is_value {
                columns.get_or_insert_with(|| batch.columns().to_vec())[at] = nullif(column, &is_unfit)?;
            }
        }
        let rows = match columns {
            None => batch.clone(),
            Some(columns) => RecordBatch::try_new(batch.schema(), columns)?,
        };
        let rows = match is_kept {
            None => rows,
            Some(is_kept) => filter_record_batch(&rows, &BooleanArray::from(is_kept))?,
        };
        Ok(Fitted { removed: (batch.num_rows() - rows.num_rows()) as u64, rows, losses })
    }
}

/// The id of a row, or its number in the result from 1 on.
fn id_of(batch: &RecordBatch, row: usize, before: u64) -> String {
    let id = batch.column_by_name("id").filter(|ids| ids.is_valid(row));
    let text = id.and_then(|ids| match ids.data_type() {
        DataType::Int64 => Some(ids.as_primitive::<arrow_array::types::Int64Type>().value(row).to_string()),
        DataType::Utf8 => Some(ids.as_string::<i32>().value(row).to_owned()),
        _ => None,
    });
    text.unwrap_or_else(|| format!("row {}", before + row as u64 + 1))
}

/// Which values of a column a format cannot hold, and why; `None` if it holds all of them.
fn unfit(format: Format, field: &Field, column: &ArrayRef) -> Option<(BooleanArray, &'static str)> {
    let is_json = matches!(format, Format::GeoJson | Format::GeoJsonSeq);
    let is_text = is_json || format == Format::Csv;
    match column.data_type() {
        // Both write moments as text with a year of four digits.
        DataType::Timestamp(..) if matches!(format, Format::GeoPackage | Format::FlatGeobuf) => {
            let times = column.as_primitive_opt::<TimestampMillisecondType>()?;
            let is_out = |ms: &i64| !MOMENTS.contains(ms);
            let found = times.values().iter().any(is_out);
            found.then(|| (rows(times.iter(), |ms| is_out(&ms)), "is outside of the years 0 to 9999"))
        }
        // JSON has no word for these, tiles become JSON in their readers, and a database takes what is no number for null.
        DataType::Float64 if is_text || matches!(format, Format::GeoPackage | Format::PmTiles) => {
            let floats = column.as_primitive::<Float64Type>();
            let is_out =
                |value: &f64| if format == Format::GeoPackage { value.is_nan() } else { !value.is_finite() };
            let found = floats.values().iter().any(is_out);
            found.then(|| (rows(floats.iter(), |value| is_out(&value)), "is not a finite number"))
        }
        DataType::Utf8 if is_json && is_json_column(field) => {
            let is_out = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_err();
            some(rows(column.as_string::<i32>().iter(), is_out)).map(|found| (found, "is not valid JSON"))
        }
        // What a database does with text of this kind is not defined, and other readers end the text or the line there.
        DataType::Utf8 if matches!(format, Format::GeoPackage | Format::Csv) => {
            let texts: &StringArray = column.as_string();
            let found = texts.value_data().contains(&0);
            let found = found.then(|| rows(texts.iter(), |text| text.contains('\0'))).and_then(some);
            found.map(|found| (found, "has a character NUL"))
        }
        DataType::Binary if format != Format::Arrow => {
            let kind = field.metadata().get(GEOMETRY_TYPE).map(String::as_str);
            // In JSON each geometry names its type.
            let kind = kind.filter(|_| !is_json);
            let geometries: &BinaryArray = column.as_binary();
            let found = geometries.iter().flatten().any(|wkb| !is_geometry(wkb, kind));
            found.then(|| {
                (rows(geometries.iter(), |wkb| !is_geometry(wkb, kind)), "is no point, points or lines")
            })
        }
        _ => None,
    }
}

/// Which rows have no geometry with a position.
fn nowhere(column: &ArrayRef) -> Option<(BooleanArray, &'static str)> {
    let has_place = |wkb: &[u8]| {
        let Some(geometry) = Wkb::read(wkb) else { return false };
        let mut numbers = geometry.positions().flatten().peekable();
        numbers.peek().is_some() && numbers.all(|number| number.is_finite())
    };
    let geometries: &BinaryArray = column.as_binary();
    let found = geometries.iter().map(|wkb| Some(!wkb.is_some_and(has_place))).collect();
    some(found).map(|found| (found, "is no position"))
}

/// Which rows have a value with a property.
fn rows<T>(values: impl Iterator<Item = Option<T>>, is: impl Fn(T) -> bool) -> BooleanArray {
    values.map(|value| Some(value.is_some_and(&is))).collect()
}

/// Those rows, if there are any.
fn some(rows: BooleanArray) -> Option<BooleanArray> {
    (rows.true_count() > 0).then_some(rows)
}

fn is_json_column(field: &Field) -> bool {
    field.metadata().get(JSON.0).is_some_and(|name| name == JSON.1)
}

/// Whether bytes are a geometry that results have, of this kind, and all its numbers are numbers.
fn is_geometry(wkb: &[u8], kind: Option<&str>) -> bool {
    let geometry = Wkb::read(wkb).and_then(|geometry| check(geometry, kind).ok());
    geometry.is_some_and(|geometry| geometry.positions().flatten().all(|number| number.is_finite()))
}
