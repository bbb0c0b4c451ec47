//! The rows of a GeoParquet file, or of any Parquet file with geometries in well-known binary.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::wkb;
use crate::crs::Crs;
use crate::error::{Error, Hint, Place, Result};
use crate::query::{DrawingBuilder, Shape};
use crate::source::rows::geo::{self, GEO, GEOMETRY_NAME};
use crate::source::rows::parquet::{broken, check_packing, crs_of};

/// The area of a file.
pub(super) fn read(file: File, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| broken(e, 0))?;
    check_packing(builder.metadata())?;
    let pairs = builder.metadata().file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice);
    let geo = pairs.iter().find(|pair| pair.key == GEO).and_then(|pair| pair.value.as_deref());
    let (geometry, crs) = if let Some(geo) = geo {
        primary(geo)?
    } else {
        let name = GEOMETRY_NAME.to_owned();
        let crs = crs_of(builder.parquet_schema(), pairs, &name).map(|text| Crs::of_text(&text));
        (name, crs.unwrap_or(Ok(Crs::Degrees)))
    };
    let crs = crs.map_err(|other| Error::input(other.to_string()).with_hint(Hint::Reproject))?;
    let schema = builder.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let place = |wanted: &str| names.iter().position(|name| *name == wanted);
    let Some(geometry) = place(&geometry) else {
        return Err(Error::input("the Parquet file has no geometries")
            .with_hint("a GeoParquet file names them in its metadata; else the column is called geometry"));
    };
    names.iter().enumerate().filter(|(at, _)| *at != geometry).for_each(|(_, name)| found.name(name));
    let wanted = found.wanted().and_then(place);
    let mask = ProjectionMask::roots(builder.parquet_schema(), [geometry].into_iter().chain(wanted));
    let reader = builder.with_projection(mask).build().map_err(|e| broken(e, 0))?;
    // The columns of a projection keep their order.
    let wanted_first = wanted.is_some_and(|wanted| wanted < geometry);
    let mut count = 0;
    for rows in reader {
        let rows = rows.map_err(|e| broken(e, count))?;
        let shapes = rows.column(usize::from(wanted_first));
        let values = wanted.map(|_| rows.column(usize::from(!wanted_first)));
        for row in 0..rows.num_rows() {
            count += 1;
            if let Some(values) = values {
                found.value(value(values, row));
            }
            let bytes = bytes(shapes, row)?;
            let added = bytes.map_or(Ok(()), |bytes| wkb::add(bytes, &mut found));
            added.map_err(|what| Error::input(what).with_place(Place::Row(count)))?;
            found.end_feature();
        }
    }
    found.finish(crs, buffer_m)
}

/// Name and reference system of the main geometry column.
fn primary(geo: &str) -> Result<(String, Result<Crs, crate::crs::OtherCrs>)> {
    let broken = || Error::input("the metadata `geo` of the file cannot be read");
    let geo: Value = serde_json::from_str(geo).ok().ok_or_else(broken)?;
    let name = geo["primary_column"].as_str().ok_or_else(broken)?;
    let about = &geo["columns"][name];
    match about["encoding"].as_str() {
        Some("WKB") | None => Ok((name.to_owned(), geo::crs_of(&about["crs"]))),
        Some(other) => {
            let what = format!("the geometries are encoded as {}, and not as WKB", other.escape_debug());
            Err(Error::input(what).with_hint("write them as WKB, which geopandas and GDAL do by default"))
        }
    }
}

fn bytes(shapes: &ArrayRef, row: usize) -> Result<Option<&[u8]>> {
    if shapes.is_null(row) {
        return Ok(None);
    }
    match shapes.data_type() {
        DataType::Binary => Ok(Some(shapes.as_binary::<i32>().value(row))),
        DataType::LargeBinary => Ok(Some(shapes.as_binary::<i64>().value(row))),
        DataType::BinaryView => Ok(Some(shapes.as_binary_view().value(row))),
        other => Err(Error::input(format!("the geometries are of type {other}, and not WKB"))),
    }
}

/// A value as JSON; null for types that are no numbers, truth values or text.
fn value(values: &ArrayRef, row: usize) -> Value {
    if values.is_null(row) {
        return Value::Null;
    }
    match values.data_type() {
        DataType::Utf8 => Value::from(values.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Value::from(values.as_string::<i64>().value(row)),
        DataType::Utf8View => Value::from(values.as_string_view().value(row)),
        DataType::Boolean => Value::from(values.as_boolean().value(row)),
        DataType::Int8 => Value::from(values.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => Value::from(values.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Value::from(values.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Value::from(values.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Value::from(values.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => Value::from(values.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => Value::from(values.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => Value::from(values.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => Value::from(values.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Value::from(values.as_primitive::<Float64Type>().value(row)),
        _ => match values.as_any_dictionary_opt() {
            Some(words) => match words.normalized_keys().get(row) {
                Some(key) if *key < words.values().len() => value(words.values(), *key),
                _ => Value::Null,
            },
            None => Value::Null,
        },
    }
}
