//! Rows of GeoParquet (<https://geoparquet.org/releases/v1.1.0/>), and of plain Parquet.

use std::fs::File;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, LogicalType};
use parquet::file::metadata::{KeyValue, ParquetMetaData, RowGroupMetaData};
use parquet::schema::types::SchemaDescriptor;

use super::adapt::ColumnMapping;
use super::feed::{Feed, ROWS};
use super::geo::{GEO, GeometryColumns};
use crate::error::{Error, Place, Result};

/// The reference system of GEOMETRY columns that name none.
const DEGREES: &str = "OGC:CRS84";

/// Reads the rows of a file.
pub(super) fn read(file: File, only: Option<&[&str]>, feed: &mut Feed) -> Result<()> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| broken(e, 0))?;
    check_packing(builder.metadata())?;
    let pairs = builder.metadata().file_metadata().key_value_metadata().map_or(&[][..], Vec::as_slice);
    let geo = pairs.iter().find(|pair| pair.key == GEO).map(|pair| pair.value.as_deref().unwrap_or_default());
    let crs_of = |name: &str| crs_of(builder.parquet_schema(), pairs, name);
    let geometries = GeometryColumns::of(geo, builder.schema(), crs_of)?;
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

pub(in crate::source) fn broken(error: impl std::error::Error + Send + Sync + 'static, rows: u64) -> Error {
    Error::input("the Parquet file cannot be read").with_place(Place::AfterRow(rows)).with_source(error)
}

/// Refuses a file that is packed in a way that cannot be unpacked.
pub(in crate::source) fn check_packing(metadata: &ParquetMetaData) -> Result<()> {
    let mut columns = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    match columns.find(|column| column.compression() == Compression::LZO) {
        None => Ok(()),
        Some(column) => {
            let name = column.column_path().string();
            Err(Error::input(format!("column {} is packed with LZO, which is not read", name.escape_debug()))
                .with_hint("write the file with zstd, snappy, gzip, brotli or lz4"))
        }
    }
}

/// The reference system of a column whose type is GEOMETRY or GEOGRAPHY (Parquet, "Geospatial Definitions"): a number of
/// EPSG, a description in the metadata of the file, or anything else that names one.
pub(in crate::source) fn crs_of(schema: &SchemaDescriptor, pairs: &[KeyValue], name: &str) -> Option<String> {
    let column = schema.root_schema().get_fields().iter().find(|field| field.name() == name)?;
    let crs = match column.get_basic_info().logical_type_ref()? {
        LogicalType::Geometry(geometry) => geometry.crs.as_deref(),
        LogicalType::Geography(geography) => geography.crs.as_deref(),
        _ => return None,
    };
    let crs = crs.unwrap_or(DEGREES);
    if let Some(number) = crs.strip_prefix("srid:") {
        return Some(format!("EPSG:{number}"));
    }
    match crs.strip_prefix("projjson:") {
        Some(key) => pairs.iter().find(|pair| pair.key == key)?.value.clone(),
        None => Some(crs.to_owned()),
    }
}
