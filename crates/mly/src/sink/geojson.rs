//! GeoJSON, as one collection or as one feature a line.

use std::io::Write;
use std::ops::Range;
use std::thread;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};

use super::dialect::TextForm;
use super::finish::{failed, finish};
use super::format::Format;
use super::text::{Cells, UnknownGeometry};
use super::text::{append_geometry, append_text};
use super::traits::{ResumableSink, Sink};
use crate::error::{Error, Result};
use crate::file::{Destination, SinkState};
use crate::table::About;

/// Fewer rows than this are not worth a second thread.
const ROWS_A_THREAD: usize = 2048;

/// Bytes a feature usually needs.
const FEATURE_SIZE: usize = 320;

/// What stands before the features of a collection.
const BEGIN: &[u8] = b"{\"type\":\"FeatureCollection\",\"features\":[\n";

/// Writes features, one a line.
pub(super) struct GeoJson {
    destination: Destination,
    format: Format,
    encoder: FeatureEncoder,
    form: TextForm,
    /// What stands after the features of a collection in a file: what the result is, as further members (RFC 7946, 6.1).
    end: Vec<u8>,
    /// Rows so far.
    rows: u64,
}

impl GeoJson {
    /// A FeatureCollection.
    ///
    /// It begins with the first rows: a question that is refused leaves nothing on a stream.
    pub(super) fn collection(destination: Destination, schema: &SchemaRef, form: TextForm) -> Self {
        // On a stream, nothing follows the features: programs may count on that.
        let about = Some(About::of(schema)).filter(|about| destination.is_file() && about.is_licensed());
        let mut sink = Self::new(destination, Format::GeoJson, FeatureEncoder::new(schema, b",\n"), form);
        for (key, value) in about.map(About::pairs).unwrap_or_default() {
            sink.end.extend_from_slice(b",\n");
            append_text(key, &mut sink.end);
            sink.end.push(b':');
            append_text(value, &mut sink.end);
        }
        sink
    }

    /// One feature a line.
    pub(super) fn sequence(destination: Destination, schema: &SchemaRef, form: TextForm) -> Self {
        Self::new(destination, Format::GeoJsonSeq, FeatureEncoder::new(schema, b"\n"), form)
    }

    fn new(destination: Destination, format: Format, encoder: FeatureEncoder, form: TextForm) -> Self {
        let rows = destination.saved_state().map_or(0, |settled| settled.rows);
        Self { destination, format, encoder, form, end: Vec::new(), rows }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.destination.write_all(bytes).map_err(|e| self.error(e))
    }

    fn error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        failed(self.destination.path().as_ref(), self.format, source)
    }
}

impl Sink for GeoJson {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::in_form(batch, self.form).map_err(|e| self.error(e))?;
        let texts = self.encoder.encode_in_parallel(&cells, batch.num_rows()).map_err(|e| self.error(e))?;
        let mut is_first = self.rows == 0 && batch.num_rows() > 0;
        for text in texts {
            if is_first && self.format == Format::GeoJson {
                self.put(BEGIN)?;
            }
            let skip = if is_first { self.encoder.separator.len() } else { 0 };
            self.put(text.get(skip..).unwrap_or_default())?;
            is_first = false;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let end = std::mem::take(&mut self.end);
        let is_empty = self.rows == 0;
        match self.format {
            Format::GeoJson => {
                self.put(if is_empty { BEGIN } else { b"\n" })?;
                self.put(b"]")?;
                self.put(&end)?;
                self.put(b"}\n")?;
            }
            _ if is_empty => {}
            _ => self.put(b"\n")?,
        }
        finish(self.destination, self.format)
    }
}

impl ResumableSink for GeoJson {
    fn flush(&mut self) -> Result<SinkState> {
        Ok(SinkState::rows(self.rows))
    }
}

/// Makes the text of features.
struct FeatureEncoder {
    /// `"name":` of each column that is a property.
    keys: Vec<Option<Vec<u8>>>,
    /// Which column is the geometry of the feature.
    geometry: Option<usize>,
    /// Whether features have the columns without a value too, as null: those that the question names.
    has_nulls: bool,
    /// Between two features.
    separator: &'static [u8],
}

impl FeatureEncoder {
    fn new(schema: &SchemaRef, separator: &'static [u8]) -> Self {
        let fields = schema.fields();
        let geometry =
            fields.iter().position(|f| f.name() == "geometry" && *f.data_type() == DataType::Binary);
        let key = |(at, name): (usize, &String)| {
            let mut key = Vec::new();
            append_text(name, &mut key);
            key.push(b':');
            (Some(at) != geometry).then_some(key)
        };
        Self {
            keys: fields.iter().map(|field| field.name()).enumerate().map(key).collect(),
            geometry,
            has_nulls: About::of(schema).are_columns_named(),
            separator,
        }
    }

    /// The text of all rows, in pieces that follow each other.
    fn encode_in_parallel(&self, cells: &[Cells<'_>], rows: usize) -> Result<Vec<Vec<u8>>, UnknownGeometry> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = rows.div_ceil(threads).max(ROWS_A_THREAD);
        let piece = |at: usize| self.encode(cells, at..rows.min(at + share));
        thread::scope(|scope| {
            let others: Vec<_> =
                (share..rows).step_by(share).map(|at| scope.spawn(move || piece(at))).collect();
            let first = piece(0);
            let others = others.into_iter().map(|thread| match thread.join() {
                Ok(text) => text,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            let texts = std::iter::once(first).chain(others);
            texts.filter(|text| !text.as_ref().is_ok_and(Vec::is_empty)).collect()
        })
    }

    /// The features of some rows, each with the separator before it.
    fn encode(&self, cells: &[Cells<'_>], rows: Range<usize>) -> Result<Vec<u8>, UnknownGeometry> {
        let geometry = self.geometry.and_then(|at| cells.get(at));
        let mut out = Vec::with_capacity(rows.len() * FEATURE_SIZE);
        for row in rows {
            out.extend_from_slice(self.separator);
            out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
            let shape = geometry.map(|cell| cell.geometry(row)).transpose()?.flatten();
            append_geometry(shape.as_ref(), &mut out);
            out.extend_from_slice(b",\"properties\":{");
            let begin = out.len();
            for (key, cell) in self.keys.iter().zip(cells) {
                let is_null = cell.is_null(row);
                if let Some(key) = key.as_ref().filter(|_| self.has_nulls || !is_null) {
                    if out.len() > begin {
                        out.push(b',');
                    }
                    out.extend_from_slice(key);
                    if is_null {
                        out.extend_from_slice(b"null");
                    } else {
                        cell.append_json(row, &mut out)?;
                    }
                }
            }
            out.extend_from_slice(b"}}");
        }
        Ok(out)
    }
}
