//! Reads the rows of files in any format that sinks write, and of shapefiles. Memory does not grow with the file, but for
//! shapefiles in archives.

mod adapt;
mod arrow;
mod batch;
mod cast;
pub(in crate::source) mod column;
pub(super) mod csv;
mod declared;
mod feed;
pub(in crate::source) mod flatgeobuf;
pub(in crate::source) mod geo;
pub(super) mod geojson;
#[cfg(feature = "sqlite")]
pub(in crate::source) mod geopackage;
mod guess;
mod known;
#[cfg(feature = "parquet")]
pub(in crate::source) mod parquet;
mod shape;
mod shapefile;
mod survey;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};

use self::adapt::ColumnMapping;
pub(super) use self::arrow::ArrowRows;
pub use self::feed::READER_THREAD;
use self::feed::{Arrivals, Feed};
use self::geo::{GEO, GeometryColumns};
use super::beginning::{Beginning, Form, unreadable};
use super::layer::{file_and_layer, only_layer};
use super::shapefile::Shapefile;
use crate::error::{Error, Result};
use crate::sink::Format;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The rows of a file: their columns, and batches one after the other.
///
/// A batch has at most 8192 rows, and few batches are in memory at once, however large the file is.
pub struct Rows {
    /// The file, for errors.
    path: Option<PathBuf>,
    schema: SchemaRef,
    arrivals: Arrivals,
}

impl Rows {
    /// The columns of all batches.
    pub fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch>;

    /// The next rows. After an error there are no more.
    fn next(&mut self) -> Option<Self::Item> {
        let next = self.arrivals.next()?;
        Some(next.map_err(|error| match &self.path {
            Some(path) => error.with_path(path),
            None => error,
        }))
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Columns of any program, such as those of a data frame, as the columns of results, as [`rows`] makes those of a file.
///
/// Every whole number becomes 64 bits wide, every text UTF-8, every moment milliseconds in UTC, and every geometry
/// little-endian well-known binary in OGC:CRS84.
///
/// # Errors
/// [`Error::Input`] when a column cannot be one of a result, with its name.
pub fn adapt<'a>(
    schema: &Schema,
    batches: impl IntoIterator<Item = &'a RecordBatch>,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let geo = schema.metadata().get(GEO).map(String::as_str);
    let mapping = ColumnMapping::new(schema, &GeometryColumns::of(geo, schema, |_| None)?, None)?;
    let mut before = 0;
    let mut one = |batch: &RecordBatch| {
        let columns: Vec<_> = mapping.indexes.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        let rows = mapping.rows(&columns, batch.num_rows(), before)?;
        before += batch.num_rows() as u64;
        Ok(rows)
    };
    let batches = batches.into_iter().map(&mut one).collect::<Result<_>>()?;
    Ok((SchemaRef::clone(mapping.schema()), batches))
}

/// Reads the rows of a file in any format that sinks write but COCO.
///
/// The first bytes tell the format: GeoJSON (a collection, a feature, or features one after the other), CSV with a
/// header, an Arrow IPC stream or file, GeoParquet, FlatGeobuf, GeoPackage; also shapefiles, alone or in a `.zip`.
/// `FILE#LAYER` chooses a table of a GeoPackage, or a shapefile of an archive, that has several.
///
/// What a sink wrote comes back as it was. Formats that lose types get them back by the names of the columns, where the
/// values fit, and by a look at all values otherwise; a column without any value is left out of GeoJSON and CSV, and stays
/// so. Where a file does not tell whether its rows were queried by area or looked up by id, their columns do.
///
/// Files of others are read too, as far as their columns can be what results have: numbers, truth values, texts,
/// moments in milliseconds, lists of floats, JSON, points and lines in longitude and latitude.
///
/// # Errors
/// [`Error::Input`] with the row or line when the file cannot be read, or holds what results do not have; after
/// the first rows, [`Rows`] gives it.
pub fn rows(path: &Path) -> Result<Rows> {
    let rows = open(path, None).map_err(|error| error.with_path(path))?;
    Ok(Rows { path: Some(path.to_owned()), ..rows })
}

/// Reads some columns of a file, as [`rows`] reads all.
///
/// Arrow and Parquet store values column by column: columns that are not named are not read, and come as columns of type
/// Null. Other formats give all columns.
///
/// # Errors
/// As those of [`rows`].
pub fn rows_of(path: &Path, columns: &'static [&'static str]) -> Result<Rows> {
    let rows = open(path, Some(columns)).map_err(|error| error.with_path(path))?;
    Ok(Rows { path: Some(path.to_owned()), ..rows })
}

/// Reads the rows of a file. Errors do not name its path, since it may be a temporary file.
///
/// If `only` some columns are wanted, Arrow and Parquet return the others as columns of type Null, without reading
/// their values. The other formats store values row by row, so all columns are read and returned.
pub(super) fn open(path: &Path, only: Option<&'static [&'static str]>) -> Result<Rows> {
    let cannot = |source: Cause| {
        Error::input("it cannot be read")
            .with_hint("name a file that exists and may be read")
            .with_source(source)
    };
    let (path, layer) = file_and_layer(path);
    let found = path.metadata().map_err(|e| cannot(e.into()))?;
    if !found.is_file() {
        return Err(cannot("it is not a file".into()));
    }
    let file = File::open(&path).map_err(|e| cannot(e.into()))?;
    let (schema, arrivals) = Arrivals::of(move |feed| read(&path, layer.as_deref(), file, only, feed))?;
    Ok(Rows { path: None, schema, arrivals })
}

fn read(
    path: &Path,
    layer: Option<&str>,
    mut file: File,
    only: Option<&[&str]>,
    feed: &mut Feed,
) -> Result<()> {
    if let Some(file) = Shapefile::found(&mut file, path, layer)? {
        return shapefile::read(file, feed);
    }
    let form = Beginning::of(&file)?.form;
    if !form.has_layers() {
        only_layer(layer)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    match form {
        #[cfg(feature = "parquet")]
        Form::Parquet => parquet::read(file, only, feed),
        Form::FlatGeobuf => flatgeobuf::read(file, feed),
        #[cfg(feature = "sqlite")]
        Form::Database => geopackage::read(path, layer, feed),
        Form::ArrowFile | Form::ArrowStream => arrow::read(&file, only, feed),
        Form::Json => geojson::read(&file, feed),
        Form::Text => csv::read(path, &file, feed),
        // An empty file is a valid sequence without features.
        Form::Nothing if Format::GeoJsonSeq.extensions().contains(&csv::extension(path).as_str()) => {
            geojson::read(&file, feed)
        }
        Form::Nothing => Err(Error::input("the file is empty")
            .with_hint("only a sequence of no features is an empty file, with the extension .geojsonl")),
    }
}
