//! Rows of GeoParquet (<https://geoparquet.org/releases/v1.1.0/>), and of plain Parquet.

use std::fs::File;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use serde_json::Value;

use super::adapt::{ColumnMapping, GeometryColumns};
use super::feed::{Feed, ROWS};
use super::shape::{GeometryKind, refusal};
use crate::error::{Error, Place, Result};

/// Reads the rows of a file.
pub(super) fn read(file: File, only: Option<&[&str]>, feed: &mut Feed) -> Result<()> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| broken(e, 0))?;
    let pairs = builder.metadata().file_metadata().key_value_metadata();
    let geo = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == "geo"));
    let geometries = geo.map_or_else(|| Ok(GeometryColumns::none()), geometries)?;
    let adapted = ColumnMapping::new(builder.schema(), &geometries, only)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), adapted.indexes.iter().copied());
    feed.begin(adapted.schema())?;
    let reader = builder.with_projection(mask).with_batch_size(ROWS).build().map_err(|e| broken(e, 0))?;
    let mut count = 0;
    for rows in reader {
        let rows = rows.map_err(|e| broken(e, count))?;
        feed.rows(&adapted.rows(rows.columns(), rows.num_rows(), count)?)?;
        count += rows.num_rows() as u64;
    }
    Ok(())
}

fn broken(error: impl std::error::Error + Send + Sync + 'static, rows: u64) -> Error {
    Error::input("the Parquet file cannot be read").with_place(Place::AfterRow(rows)).with_source(error)
}

/// Reads the GeoParquet metadata.
fn geometries(geo: &KeyValue) -> Result<GeometryColumns> {
    let broken = || Error::input("the metadata `geo` of the Parquet file cannot be read");
    let geo: Value =
        serde_json::from_str(geo.value.as_deref().unwrap_or_default()).ok().ok_or_else(broken)?;
    let columns = geo.get("columns").and_then(Value::as_object).ok_or_else(broken)?;
    let primary = geo["primary_column"].as_str().map(str::to_owned);
    let mut geometries = GeometryColumns { primary, ..GeometryColumns::none() };
    for (name, about) in columns {
        let refused = |what: &str| Error::input(format!("column {}: {what}", name.escape_debug()));
        if let Some(other) = about["encoding"].as_str().filter(|encoding| *encoding != "WKB") {
            let what = format!("the geometries are encoded as {}, and not as WKB", other.escape_debug());
            return Err(refused(&what));
        }
        if !is_in_degrees(&about["crs"]) {
            return Err(refused("the geometries are not in longitude and latitude")
                .with_hint("transform them to OGC:CRS84 or EPSG:4326 first"));
        }
        let types = about["geometry_types"].as_array().map_or(&[][..], Vec::as_slice);
        geometries.columns.push((name.clone(), kind(types).map_err(|what| refused(&what))?));
        // The column of boxes is left out, since a sink computes the boxes from the geometries.
        if let Some(covering) = about["covering"]["bbox"]["xmin"][0].as_str() {
            geometries.covering = Some(covering.to_owned());
        }
    }
    Ok(geometries)
}

/// The kind of the geometries; `None` when the metadata names none or several.
fn kind(types: &[Value]) -> Result<Option<GeometryKind>, String> {
    let kinds = types.iter().map(|name| match name.as_str().unwrap_or_default() {
        "Point" => Ok(GeometryKind::Point),
        "LineString" | "MultiLineString" => Ok(GeometryKind::Lines),
        other => Err(refusal(other)),
    });
    let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
    Ok(kinds.first().copied().filter(|first| kinds.iter().all(|kind| kind == first)))
}

/// Whether a reference system has longitude and latitude. That is the default of GeoParquet when there is none, and is
/// also assumed of a system without an id.
fn is_in_degrees(crs: &Value) -> bool {
    let id = &crs["id"];
    match (id["authority"].as_str(), &id["code"]) {
        (Some("EPSG"), code) => *code == 4326 || *code == "4326",
        (Some("OGC"), code) => *code == "CRS84",
        _ => true,
    }
}
