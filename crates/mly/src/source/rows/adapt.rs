//! Columns of others as those that results have, where nothing is lost.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Int8Type, Int16Type, Int32Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMillisecondArray, new_null_array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::take::take;

use super::shape::{self, GeometryKind};
use crate::error::{Error, Place, Result};
use crate::table::{ColumnKind, GEOMETRY, GEOMETRY_TYPE, UTC, field};

/// Bytes of a column of texts in one batch, whose ends are numbers of 31 bits.
const MOST_TEXT: usize = i32::MAX as usize;

/// What is known of geometries besides their type in Arrow.
#[derive(Debug)]
pub(super) struct GeometryColumns {
    /// Names of their columns, and their kind where all have one.
    pub(super) columns: Vec<(String, Option<GeometryKind>)>,
    /// The column that is the geometry of the features, which we call `geometry`.
    pub(super) primary: Option<String>,
    /// A column that is left out: boxes around geometries.
    pub(super) covering: Option<String>,
}

impl GeometryColumns {
    /// Nothing is said of geometries.
    pub(super) fn none() -> Self {
        Self { columns: Vec::new(), primary: None, covering: None }
    }

    /// Whether a column is the geometry of the features under another name. What we call `computed_geometry` is so
    /// called where there is no other one too.
    fn is_renamed(&self, name: &str, schema: &Schema) -> bool {
        let is_primary = self.primary.as_deref() == Some(name) && name != GEOMETRY_NAME;
        is_primary && !name.ends_with("_geometry") && schema.column_with_name(GEOMETRY_NAME).is_none()
    }
}

/// What the geometry of the features is called.
const GEOMETRY_NAME: &str = "geometry";

/// How the columns of a file become ours.
pub(super) struct ColumnMapping {
    schema: SchemaRef,
    /// Which columns of the file are read.
    pub(super) indexes: Vec<usize>,
}

/// Why a column is not read.
pub(super) fn refusal(name: &str, data_type: &DataType) -> Error {
    let what = format!("column {} is of type {data_type}, which results do not have", name.escape_debug());
    Error::input(what).with_hint("leave it out, or make it numbers, text or lists of floats")
}

impl ColumnMapping {
    /// The columns of a file that have ours. Of others than `only` these, if they are given, nothing but the name is kept.
    ///
    /// # Errors
    /// When a column cannot be one of ours, with its name and type.
    pub(super) fn new(schema: &Schema, geometries: &GeometryColumns, only: Option<&[&str]>) -> Result<Self> {
        let (mut fields, mut indexes) = (Vec::new(), Vec::new());
        for (at, field) in schema.fields().iter().enumerate() {
            let is_covering = geometries.covering.as_ref() == Some(field.name());
            let is_read = only.is_none_or(|names| names.contains(&field.name().as_str()));
            if !is_read {
                fields.push(Field::new(field.name(), DataType::Null, true));
                continue;
            }
            // A column of nothing never has a value.
            if is_covering || *field.data_type() == DataType::Null {
                continue;
            }
            let ours = ours(field, geometries).ok_or_else(|| refusal(field.name(), field.data_type()))?;
            fields.push(if geometries.is_renamed(field.name(), schema) {
                ours.with_name(GEOMETRY_NAME)
            } else {
                ours
            });
            indexes.push(at);
        }
        Ok(Self { schema: super::declared::schema(fields)?, indexes })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rows that have been read, of the columns at [`ColumnMapping::indexes`].
    ///
    /// # Errors
    /// When a value cannot be kept, with its column and the number of the row, counted from `before`.
    pub(super) fn rows(&self, columns: &[ArrayRef], rows: usize, before: u64) -> Result<RecordBatch> {
        let cast = |(field, array): (&arrow_schema::FieldRef, &ArrayRef)| {
            cast(field, array).map_err(|CastLoss { row, what }| {
                let place = row.map_or(Place::AfterRow(before), |row| Place::Row(before + 1 + row as u64));
                Error::input(format!("column {}: {what}", field.name().escape_debug())).with_place(place)
            })
        };
        let mut read = columns.iter();
        let columns = self.schema.fields().iter().map(|field| match field.data_type() {
            DataType::Null => Ok(new_null_array(&DataType::Null, rows)),
            _ => read
                .next()
                .map_or_else(|| Err(Error::internal("a column was not read")), |array| cast((field, array))),
        });
        let columns = columns.collect::<Result<_>>()?;
        let count = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), columns, &count).map_err(|e| {
            Error::input("the rows cannot be used").with_place(Place::AfterRow(before)).with_source(e)
        })
    }
}

/// The column of ours that a column becomes.
fn ours(found: &Field, geometries: &GeometryColumns) -> Option<Field> {
    let (name, nullable) = (found.name(), found.is_nullable());
    let data_type = match found.data_type() {
        DataType::Dictionary(_, values) => values,
        plain => plain,
    };
    let kind = match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            let named = geometries.columns.iter().find(|(geometry, _)| geometry == name);
            let (key, value) = GEOMETRY[0];
            let says = found.metadata().get(key).is_some_and(|v| v == value)
                || found.metadata().contains_key(GEOMETRY_TYPE);
            return match named {
                _ if GeometryKind::of(found).is_some() && *found.data_type() == DataType::Binary => {
                    Some(found.clone())
                }
                Some((_, kind)) => Some(shape::column(name, *kind, nullable)),
                None if says || name == GEOMETRY_NAME => {
                    Some(shape::column(name, GeometryKind::of(found), nullable))
                }
                None => None,
            };
        }
        list @ (DataType::List(_) | DataType::FixedSizeList(..)) if is_numbers(list) => {
            let is_list = matches!(list, DataType::List(_));
            return is_list.then(|| found.clone());
        }
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => ColumnKind::Int,
        DataType::Float32 | DataType::Float64 => ColumnKind::Float,
        DataType::Boolean => ColumnKind::Bool,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnKind::Text,
        DataType::Timestamp(..) => ColumnKind::Time,
        _ => return None,
    };
    Some(field(name, kind, nullable).with_metadata(found.metadata().clone()))
}

/// Whether it is the type of floats, of lists of them, of lists of those, and so on.
fn is_numbers(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float64 => true,
        DataType::List(item) | DataType::FixedSizeList(item, _) => is_numbers(item.data_type()),
        _ => false,
    }
}

/// What would be lost.
struct CastLoss {
    row: Option<usize>,
    what: String,
}

impl From<arrow_schema::ArrowError> for CastLoss {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self { row: None, what: error.to_string() }
    }
}

fn cast(field: &Field, array: &ArrayRef) -> Result<ArrayRef, CastLoss> {
    Ok(match (field.data_type(), array.data_type()) {
        (_, DataType::Dictionary(..)) => {
            let dictionary = array.as_any_dictionary();
            cast(field, &take(dictionary.values().as_ref(), dictionary.keys(), None)?)?
        }
        (DataType::Binary, _) => geometries(field, array)?,
        (ours, theirs) if ours == theirs => Arc::clone(array),
        (_, DataType::Int8) => Arc::new(widened::<Int8Type>(array)),
        (_, DataType::Int16) => Arc::new(widened::<Int16Type>(array)),
        (_, DataType::Int32) => Arc::new(widened::<Int32Type>(array)),
        (_, DataType::UInt8) => Arc::new(widened::<UInt8Type>(array)),
        (_, DataType::UInt16) => Arc::new(widened::<UInt16Type>(array)),
        (_, DataType::UInt32) => Arc::new(widened::<UInt32Type>(array)),
        (_, DataType::UInt64) => {
            let narrowed = |value: u64| i64::try_from(value).ok();
            Arc::new(each::<UInt64Type, Int64Array>(array, narrowed, "the number is greater than 2^63 - 1")?)
        }
        (_, DataType::Float32) => {
            let array = array.as_primitive::<Float32Type>();
            Arc::new(array.iter().map(|value| value.map(f64::from)).collect::<Float64Array>())
        }
        (_, DataType::LargeUtf8) => texts(array.as_string::<i64>().iter())?,
        (_, DataType::Utf8View) => texts(array.as_string_view().iter())?,
        (_, DataType::Timestamp(unit, _)) => Arc::new(moments(array, *unit)?.with_timezone(UTC)),
        (ours, theirs) => {
            return Err(CastLoss {
                row: None,
                what: format!("it is of type {theirs}, and {ours} is expected"),
            });
        }
    })
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef) -> Int64Array
where
    i64: From<T::Native>,
{
    array.as_primitive::<T>().iter().map(|value| value.map(i64::from)).collect()
}

/// Each value in another form, or what is lost.
fn each<T: ArrowPrimitiveType, A: FromIterator<Option<i64>>>(
    array: &ArrayRef,
    change: impl Fn(T::Native) -> Option<i64>,
    what: &str,
) -> Result<A, CastLoss> {
    let values = array.as_primitive::<T>().iter().enumerate();
    let one = |(row, value): (usize, Option<T::Native>)| match value.map(&change) {
        Some(None) => Err(CastLoss { row: Some(row), what: what.to_owned() }),
        value => Ok(value.flatten()),
    };
    values.map(one).collect()
}

fn moments(array: &ArrayRef, unit: TimeUnit) -> Result<TimestampMillisecondArray, CastLoss> {
    const BETWEEN: &str = "the moment lies between two milliseconds";
    let divided = |by: i64| move |value: i64| (value % by == 0).then_some(value / by);
    match unit {
        TimeUnit::Second => {
            let what = "the moment is too far away";
            each::<TimestampSecondType, _>(array, |value| value.checked_mul(1000), what)
        }
        TimeUnit::Millisecond => each::<TimestampMillisecondType, _>(array, Some, BETWEEN),
        TimeUnit::Microsecond => each::<TimestampMicrosecondType, _>(array, divided(1000), BETWEEN),
        TimeUnit::Nanosecond => each::<TimestampNanosecondType, _>(array, divided(1_000_000), BETWEEN),
    }
}

fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>> + Clone) -> Result<ArrayRef, CastLoss> {
    check_size(texts.clone().flatten().map(str::len).sum())?;
    Ok(Arc::new(texts.collect::<StringArray>()))
}

fn check_size(size: usize) -> Result<(), CastLoss> {
    if size > MOST_TEXT {
        Err(CastLoss { row: None, what: "a batch has more than 2 GiB of it".into() })
    } else {
        Ok(())
    }
}

/// GeometryColumns as we write them. Columns that hold such already stay as they are.
fn geometries(field: &Field, array: &ArrayRef) -> Result<ArrayRef, CastLoss> {
    let all: Vec<Option<&[u8]>> = match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().iter().collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().collect(),
        DataType::BinaryView => array.as_binary_view().iter().collect(),
        other => return Err(CastLoss { row: None, what: format!("it is of type {other}") }),
    };
    let kind = GeometryKind::of(field);
    let ours = all.iter().enumerate().map(|(row, wkb)| {
        wkb.map_or(Ok(None), |wkb| geometry(kind, wkb)).map_err(|what| CastLoss { row: Some(row), what })
    });
    let ours = ours.collect::<Result<Vec<_>, _>>()?;
    if *array.data_type() == DataType::Binary && ours.iter().map(Option::as_deref).eq(all) {
        return Ok(Arc::clone(array));
    }
    check_size(ours.iter().flatten().map(|wkb| wkb.len()).sum())?;
    Ok(Arc::new(ours.iter().map(Option::as_deref).collect::<BinaryArray>()))
}

/// A geometry as we write it; `None` for a point without a position.
fn geometry(kind: Option<GeometryKind>, wkb: &[u8]) -> Result<Option<Cow<'_, [u8]>>, String> {
    if kind != Some(GeometryKind::Lines) && shape::is_ours(wkb) {
        return Ok(Some(Cow::Borrowed(wkb)));
    }
    let Some(found) = shape::of_wkb(wkb)? else { return Ok(None) };
    match kind {
        Some(kind) if kind != GeometryKind::of_shape(&found) => Err(format!("expected a {}", kind.name())),
        _ => Ok(Some(Cow::Owned(found.bytes()))),
    }
}
