//! Converts columns of files to the types of results, if no value is changed by that.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Int8Type, Int16Type, Int32Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Float64Array, Int64Array, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, TimeUnit};
use arrow_select::take::take;

use super::shape::{self, GeometryKind};
use crate::crs::{Crs, NOT_DEGREES};
use crate::table::UTC;

/// Most bytes of a text column in one batch: Arrow's offsets are 32-bit signed integers.
const MOST_TEXT: usize = i32::MAX as usize;

/// Why a column cannot be converted without a loss.
pub(super) struct CastLoss {
    /// The row of the batch, if a single one is the cause.
    pub(super) row: Option<usize>,
    pub(super) what: String,
    pub(super) hint: Option<&'static str>,
}

impl CastLoss {
    fn new(row: Option<usize>, what: impl Into<String>) -> Self {
        Self { row, what: what.into(), hint: None }
    }
}

impl From<arrow_schema::ArrowError> for CastLoss {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::new(None, error.to_string())
    }
}

/// Converts the values of a column to the type of `field`, and geometries from a reference system to degrees.
///
/// # Errors
/// When a value cannot be kept as it is.
pub(super) fn cast(field: &Field, array: &ArrayRef, crs: Crs) -> Result<ArrayRef, CastLoss> {
    Ok(match (field.data_type(), array.data_type()) {
        (_, DataType::Dictionary(..)) => {
            let dictionary = array.as_any_dictionary();
            cast(field, &take(dictionary.values().as_ref(), dictionary.keys(), None)?, crs)?
        }
        (DataType::Binary, _) => geometries(field, array, crs)?,
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
            return Err(CastLoss::new(None, format!("it is of type {theirs}, and {ours} is expected")));
        }
    })
}

fn widened<T: ArrowPrimitiveType>(array: &ArrayRef) -> Int64Array
where
    i64: From<T::Native>,
{
    array.as_primitive::<T>().iter().map(|value| value.map(i64::from)).collect()
}

/// Converts each value; `what` is the error for a value that cannot be converted.
fn each<T: ArrowPrimitiveType, A: FromIterator<Option<i64>>>(
    array: &ArrayRef,
    change: impl Fn(T::Native) -> Option<i64>,
    what: &str,
) -> Result<A, CastLoss> {
    let values = array.as_primitive::<T>().iter().enumerate();
    let one = |(row, value): (usize, Option<T::Native>)| match value.map(&change) {
        Some(None) => Err(CastLoss::new(Some(row), what)),
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
    if size > MOST_TEXT { Err(CastLoss::new(None, "a batch has more than 2 GiB of it")) } else { Ok(()) }
}

/// Converts geometries to the WKB that results have. A column that has only such WKB is kept without a copy.
fn geometries(field: &Field, array: &ArrayRef, crs: Crs) -> Result<ArrayRef, CastLoss> {
    let all: Vec<Option<&[u8]>> = match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().iter().collect(),
        DataType::LargeBinary => array.as_binary::<i64>().iter().collect(),
        DataType::BinaryView => array.as_binary_view().iter().collect(),
        other => return Err(CastLoss::new(None, format!("it is of type {other}"))),
    };
    let kind = GeometryKind::of(field);
    let ours = all.iter().enumerate().map(|(row, wkb)| {
        wkb.map_or(Ok(None), |wkb| geometry(kind, wkb, crs))
            .map_err(|loss| CastLoss { row: Some(row), ..loss })
    });
    let ours = ours.collect::<Result<Vec<_>, _>>()?;
    if *array.data_type() == DataType::Binary && ours.iter().map(Option::as_deref).eq(all) {
        return Ok(Arc::clone(array));
    }
    check_size(ours.iter().flatten().map(|wkb| wkb.len()).sum())?;
    Ok(Arc::new(ours.iter().map(Option::as_deref).collect::<BinaryArray>()))
}

/// A geometry as the WKB that results have; `None` for an empty point.
fn geometry(kind: Option<GeometryKind>, wkb: &[u8], crs: Crs) -> Result<Option<Cow<'_, [u8]>>, CastLoss> {
    if kind != Some(GeometryKind::Lines) && crs == Crs::Degrees && shape::is_ours(wkb) {
        return Ok(Some(Cow::Borrowed(wkb)));
    }
    let read = shape::of_wkb(wkb).map_err(|what| CastLoss::new(None, what))?;
    let Some(found) = read else { return Ok(None) };
    let placed = shape::placed(found, crs)
        .map_err(|what| CastLoss { hint: Some(NOT_DEGREES), ..CastLoss::new(None, what) })?;
    match kind {
        Some(kind) if kind != GeometryKind::of_shape(&placed) => {
            Err(CastLoss::new(None, format!("expected a {}", kind.name())))
        }
        _ => Ok(Some(Cow::Owned(placed.bytes()))),
    }
}
