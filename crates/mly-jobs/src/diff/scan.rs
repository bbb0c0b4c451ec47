//! The first reading of an input: what is compared of each row.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use mly::{Error, Result, Wkb};

use super::dates::Dates;
use super::kind::RowKind;
use super::record::{Record, Traits};
use super::sorted::{SortedRecords, Sorter};
use super::values::Values;
use crate::columns::{Columns, GeometryColumn, Id, LAST_CRAWLED};
use crate::input::Input;
use crate::metric::Position;

/// How an input is read.
pub(super) struct Reading<'a> {
    pub(super) kind: RowKind,
    /// Columns whose values are compared, besides id and position.
    pub(super) compared: &'a [String],
    /// Dates that can be true of the input.
    pub(super) dates: Dates,
    /// Records that are kept in memory.
    pub(super) in_memory: usize,
}

/// What an input holds.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) records: SortedRecords,
    /// All rows.
    pub(super) rows: u64,
    /// Rows without an id, which are left out.
    pub(super) without_id: u64,
    /// Whether any id is not a whole number.
    pub(super) has_text_ids: bool,
    /// The newest date at which anything was captured or seen.
    pub(super) newest_ms: Option<i64>,
}

impl Reading<'_> {
    /// Reads all rows of an input.
    ///
    /// # Errors
    /// [`Error::Input`] when it cannot be read, or has rows and no column of ids.
    pub(super) fn scan(&self, input: &Input, role: &str, values: &Mutex<Values>) -> Result<Scan> {
        let mut sorter = Sorter::new(self.in_memory);
        let (mut row, mut without_id, mut has_text_ids, mut newest_ms) = (0, 0, false, None);
        let name = if matches!(self.kind, RowKind::Features) { "last_seen_at" } else { "captured_at" };
        let rows = match self.kind.read() {
            Some(columns) => input.rows_of(columns)?,
            None => input.rows()?,
        };
        for batch in rows.batches {
            let batch = batch?;
            if batch.column_by_name("id").is_none() && batch.num_rows() > 0 {
                let is_inventory = batch.column_by_name("asset_id").is_some();
                return Err(Error::input(format!("{}: there is no column id", input.name(role))).with_hint(
                    if is_inventory {
                        "compare the signs that the inventories were made of"
                    } else {
                        "rows are compared by their ids"
                    },
                ));
            }
            let columns = Columns(&batch);
            let ids = columns.ids("id");
            let moments = columns.times(name);
            let traits = self.traits(&batch, values);
            for at in 0..batch.num_rows() {
                row += 1;
                let Some(id) = ids.get(at) else {
                    without_id += 1;
                    continue;
                };
                has_text_ids |= matches!(id, Id::Text(_));
                newest_ms = newest_ms.max(self.dates.known(moments(at)));
                sorter.add(Record::new(id, row - 1, &traits(at)))?;
            }
        }
        if without_id > 0 && without_id == row {
            return Err(Error::input(format!("{}: no row has a usable id", input.name(role))).with_hint(
                "ids are whole numbers or texts; a spreadsheet rounds long ones unless their column is imported as text",
            ));
        }
        Ok(Scan { records: sorter.finish(), rows: row, without_id, has_text_ids, newest_ms })
    }

    /// What is compared of the rows of a batch.
    fn traits<'a>(
        &'a self,
        batch: &'a RecordBatch,
        values: &Mutex<Values>,
    ) -> impl Fn(usize) -> Traits + use<'a> {
        let columns = Columns(batch);
        let geometries = columns.geometries();
        let last_seen = columns.times("last_seen_at");
        let facing = columns.numbers("aligned_direction");
        let marks = columns.times(LAST_CRAWLED);
        let compared: Vec<&ArrayRef> =
            self.compared.iter().filter_map(|name| batch.column_by_name(name)).collect();
        let texts = columns.texts("value").or_else(|| columns.texts("object_value"));
        let is_features = matches!(self.kind, RowKind::Features);
        let numbers: Vec<u32> = match texts.filter(|_| is_features) {
            Some(texts) => {
                let mut values = values.lock().unwrap_or_else(PoisonError::into_inner);
                texts.iter().map(|text| text.map_or(0, |text| values.number(text))).collect()
            }
            None => Vec::new(),
        };
        move |row| Traits {
            corners: corners(geometries, row),
            content: if is_features {
                numbers.get(row).copied().unwrap_or(0).into()
            } else {
                let mut hasher = DefaultHasher::new();
                for column in &compared {
                    hash_value(column, row, &mut hasher);
                }
                hasher.finish()
            },
            last_ms: last_seen(row),
            facing: facing(row).filter(|angle| angle.is_finite()),
            is_shown: marks(row).is_none(),
        }
    }
}

/// A point twice, or the corners of the box around lines.
fn corners(geometries: GeometryColumn<'_>, row: usize) -> Option<[Position; 2]> {
    let geometry = geometries.get(row)?;
    if let Wkb::Point(at) = geometry {
        return at.iter().all(|number| number.is_finite()).then_some([at, at]);
    }
    let mut positions = geometry.positions();
    let first = *positions.next()?;
    let corners = positions.fold([first, first], |[near, far], at| {
        [[near[0].min(at[0]), near[1].min(at[1])], [far[0].max(at[0]), far[1].max(at[1])]]
    });
    corners.as_flattened().iter().all(|number| number.is_finite()).then_some(corners)
}

/// Hashes a value so that it is the same in formats that write it differently, such as whole numbers as text.
fn hash_value(column: &ArrayRef, row: usize, hasher: &mut DefaultHasher) {
    /// What stands before a value of another type than a whole number.
    const FLOAT: i64 = -1;
    if column.is_null(row) {
        tagged(hasher, 0);
        return;
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).hash(tagged(hasher, 1)),
        DataType::Timestamp(..) => match column.as_primitive_opt::<TimestampMillisecondType>() {
            Some(moments) => moments.value(row).hash(tagged(hasher, 1)),
            None => FLOAT.hash(hasher),
        },
        DataType::Boolean => i64::from(column.as_boolean().value(row)).hash(tagged(hasher, 1)),
        DataType::Float64 => {
            let number = column.as_primitive::<Float64Type>().value(row);
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough to be exact")]
            if number.fract() == 0.0 && number.abs() < 9e15 {
                (number as i64).hash(tagged(hasher, 1));
            } else {
                number.to_bits().hash(tagged(hasher, 2));
            }
        }
        DataType::Utf8 => match Id::from(column.as_string::<i32>().value(row)) {
            Id::Number(number) => number.hash(tagged(hasher, 1)),
            Id::Text(text) => text.hash(tagged(hasher, 3)),
        },
        DataType::Binary => column.as_binary::<i32>().value(row).hash(tagged(hasher, 4)),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            items.len().hash(tagged(hasher, 5));
            (0..items.len()).for_each(|item| hash_value(&items, item, hasher));
        }
        DataType::FixedSizeList(..) => {
            let items = column.as_fixed_size_list().value(row);
            (0..items.len()).for_each(|item| hash_value(&items, item, hasher));
        }
        // Results have no other types.
        _ => FLOAT.hash(hasher),
    }
}

/// The hasher, after a number that tells types apart.
fn tagged(hasher: &mut DefaultHasher, tag: u8) -> &mut DefaultHasher {
    tag.hash(hasher);
    hasher
}

/// The columns that are compared of rows of a kind: those that both inputs have.
pub(super) fn compared(kind: RowKind, old: &SchemaRef, new: &SchemaRef) -> Vec<String> {
    let is_in_both =
        |name: &str| old.column_with_name(name).is_some() && new.column_with_name(name).is_some();
    let names = if let Some(names) = kind.compared() {
        names.iter().map(|name| (*name).to_owned()).collect()
    } else {
        let mut names: Vec<String> = new.fields().iter().map(|field| field.name().clone()).collect();
        names.retain(|name| !matches!(name.as_str(), "id" | "geometry" | LAST_CRAWLED));
        names.sort_unstable();
        names
    };
    names.into_iter().filter(|name| is_in_both(name)).collect()
}
