//! Rows of files in any format that is written, in memory that does not grow with the file.

mod adapt;
mod arrow;
mod batch;
mod column;
mod csv;
mod feed;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod guess;
mod known;
mod parquet;
mod shape;
mod survey;
mod table;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use self::feed::{Arrivals, Feed};
use super::beginning::{Beginning, Form, unreadable};
use crate::error::{Error, Result};
use crate::sink::Format;

/// The rows of a file: their columns, and batches one after the other.
///
/// A batch has at most 8192 rows, and few batches are in memory at once, however large the file is.
pub struct Rows {
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
        self.arrivals.next()
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Reads the rows of a file in any format that sinks write but COCO.
///
/// The first bytes tell the format: GeoJSON (a collection, a feature, or features one after the other), CSV with a
/// header, an Arrow IPC stream or file, GeoParquet, FlatGeobuf, GeoPackage. What a sink wrote comes back as it was. Formats
/// that lose types get them back by the names of the columns, where the values fit, and by a look at all values
/// otherwise; a column without any value is left out of GeoJSON and CSV, and stays so. Where a file does not tell
/// whether its rows were queried by area or looked up by id, their columns do.
///
/// Files of others are read too, as far as their columns can be what results have: numbers, truth values, texts,
/// moments in milliseconds, lists of floats, JSON, points and lines in longitude and latitude.
///
/// # Errors
/// [`Error::InvalidQuery`] with the row or line when the file cannot be read, or holds what results do not have; after
/// the first rows, [`Rows`] gives it.
pub fn rows(path: &Path) -> Result<Rows> {
    let cannot = |what: String| {
        Error::query(format!("it cannot be read: {what}"))
            .with_hint("name a file that exists and may be read")
    };
    let found = path.metadata().map_err(|e| cannot(e.to_string()))?;
    if !found.is_file() {
        return Err(cannot("it is not a file".to_owned()));
    }
    let file = File::open(path).map_err(|e| cannot(e.to_string()))?;
    let path = path.to_owned();
    let (schema, arrivals) = Arrivals::of(move |feed| read(&path, file, feed))?;
    Ok(Rows { schema, arrivals })
}

fn read(path: &Path, mut file: File, feed: &mut Feed) -> Result<()> {
    let form = Beginning::of(&file)?.form;
    file.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    match form {
        Form::Parquet => parquet::read(file, feed),
        Form::FlatGeobuf => flatgeobuf::read(file, feed),
        Form::Database => geopackage::read(path, feed),
        Form::ArrowFile | Form::ArrowStream => arrow::read(&file, feed),
        Form::Json => geojson::read(&file, feed),
        Form::Text => csv::read(path, &file, feed),
        // A sequence of no features.
        Form::Nothing if Format::GeoJsonSeq.extensions().contains(&csv::extension(path).as_str()) => {
            geojson::read(&file, feed)
        }
        Form::Nothing => Err(Error::query("the file is empty")
            .with_hint("only a sequence of no features is an empty file, with the extension .geojsonl")),
    }
}
