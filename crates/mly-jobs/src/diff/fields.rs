//! The columns of two inputs as one.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, StringArray, TimestampMillisecondArray, new_null_array,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use mly::{ColumnKind, Error, Result};

/// The columns of the new input, and then those that only the old one has, without ids and geometries.
///
/// # Errors
/// [`Error::InvalidQuery`] when the two have a column of one name whose values cannot be in one column.
pub(super) fn of_both(new: &Schema, old: &Schema, without: &[&str]) -> Result<Vec<Field>> {
    let is_wanted = |field: &&Arc<Field>| {
        !without.contains(&field.name().as_str()) && !matches!(field.name().as_str(), "id" | "geometry")
    };
    let mut all = Vec::new();
    for field in new.fields().iter().filter(is_wanted) {
        all.push(match old.field_with_name(field.name()) {
            Ok(other) => unified(field, other)?,
            Err(_) => field.as_ref().clone().with_nullable(true),
        });
    }
    let only_old =
        old.fields().iter().filter(is_wanted).filter(|field| new.column_with_name(field.name()).is_none());
    all.extend(only_old.map(|field| field.as_ref().clone().with_nullable(true)));
    Ok(all)
}

/// A column that can hold the values of both.
fn unified(one: &Field, other: &Field) -> Result<Field> {
    use DataType::{Boolean, Float64, Int64, Null, Timestamp, Utf8};
    let kept = |field: &Field| Ok(field.clone().with_nullable(true));
    match (one.data_type(), other.data_type()) {
        (a, b) if a == b => kept(one),
        (_, Null) | (Timestamp(TimeUnit::Millisecond, _) | Float64, Int64) => kept(one),
        (Null, _) | (Int64, Timestamp(TimeUnit::Millisecond, _) | Float64) => kept(other),
        (
            Int64 | Float64 | Boolean | Utf8 | Timestamp(..),
            Int64 | Float64 | Boolean | Utf8 | Timestamp(..),
        ) => Ok(ColumnKind::Text.field(one.name(), true)),
        (a, b) => {
            let what =
                format!("column {} is of type {a} in NEW, and of type {b} in OLD", one.name().escape_debug());
            Err(Error::query(what)
                .with_hint("write both with mly convert in one format, or leave the column out"))
        }
    }
}

/// The geometry column of both.
pub(super) fn geometry(new: &Schema, old: &Schema) -> Field {
    let of = |schema: &Schema| {
        let field = schema.field_with_name("geometry").ok()?;
        (*field.data_type() == DataType::Binary).then(|| field.clone().with_nullable(true))
    };
    match (of(new), of(old)) {
        (Some(one), Some(other))
            if one.metadata().get("geometry_type") != other.metadata().get("geometry_type") =>
        {
            // A column of geometries of any kind does not name one.
            let mut metadata = one.metadata().clone();
            metadata.remove("geometry_type");
            one.with_metadata(metadata)
        }
        (Some(field), _) | (None, Some(field)) => field,
        (None, None) => ColumnKind::Point.field("geometry", true),
    }
}

/// The values of a column as those of a column of another type, one of [`of_both`].
pub(super) fn cast(column: &ArrayRef, to: &DataType) -> ArrayRef {
    if column.data_type() == to {
        return Arc::clone(column);
    }
    let rows = 0..column.len();
    let is_valid = |row: &usize| column.is_valid(*row);
    match to {
        DataType::Utf8 => {
            let texts = rows.map(|row| if column.is_valid(row) { text(column, row) } else { None });
            Arc::new(texts.collect::<StringArray>())
        }
        DataType::Int64 => {
            let numbers = rows.map(|row| text(column, row).filter(|_| is_valid(&row))?.parse::<i64>().ok());
            Arc::new(numbers.collect::<Int64Array>())
        }
        DataType::Float64 => match column.as_primitive_opt::<Int64Type>() {
            #[expect(clippy::cast_precision_loss, reason = "columns of floating point numbers hold no ids")]
            Some(whole) => Arc::new(
                whole.iter().map(|number| number.map(|number| number as f64)).collect::<Float64Array>(),
            ),
            None => new_null_array(to, column.len()),
        },
        DataType::Timestamp(TimeUnit::Millisecond, zone) => match column.as_primitive_opt::<Int64Type>() {
            Some(whole) => {
                Arc::new(whole.iter().collect::<TimestampMillisecondArray>().with_timezone_opt(zone.clone()))
            }
            None => new_null_array(to, column.len()),
        },
        _ => new_null_array(to, column.len()),
    }
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    Some(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Timestamp(..) => {
            column.as_primitive_opt::<TimestampMillisecondType>()?.value(row).to_string()
        }
        _ => return None,
    })
}
