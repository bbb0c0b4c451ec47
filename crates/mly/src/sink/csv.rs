//! Comma-separated values (RFC 4180).
//!
//! A column that never has a value is left out, unless the question names it or there are no rows at all. That is known
//! for sure only at the end. Batches therefore wait in a temporary file until every column has shown a value, in most
//! cases with the first batch.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};

use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};

use super::dialect::{Dialect, TextForm};
use super::finish::{failed, finish};
use super::format::Format;
use super::text::{Cells, append_float};
use super::traits::{ResumableSink, Sink};
use crate::error::{Error, Result};
use crate::file::{Destination, SinkState};
use crate::table::{About, GEOMETRY_TYPE, Wkb};

/// Writes a header and one line a row.
pub(super) struct Csv {
    destination: Destination,
    schema: SchemaRef,
    /// How each column is written.
    kinds: Vec<CsvFields>,
    /// Whether each column has had a value so far.
    in_use: Vec<bool>,
    waiting: HeaderState,
    /// Rows so far.
    rows: u64,
    /// Whether text that spreadsheets would take for a formula gets an apostrophe.
    is_safe: bool,
    form: TextForm,
}

/// How a column is written.
#[derive(Clone, Copy)]
enum CsvFields {
    /// In one field, as it is.
    Plain,
    /// In one field, so that no spreadsheet takes it for a formula.
    SafeText,
    /// In two, longitude and latitude.
    Point,
    /// In one field, as well-known text.
    Shape,
}

/// Batches whose header is not decided yet.
enum HeaderState {
    /// None so far.
    Nothing,
    /// In a temporary file.
    Spool(Box<StreamWriter<BufWriter<File>>>),
    /// The header is written, and batches are written as they come.
    Over,
}

impl Csv {
    pub(super) fn new(destination: Destination, schema: &SchemaRef, dialect: Dialect) -> Self {
        let are_named = About::of(schema).are_columns_named();
        let in_use = schema.fields().iter().map(|f| are_named || !f.is_nullable()).collect();
        let kinds = schema.fields().iter().map(|f| CsvFields::of(f)).collect();
        let settled = destination.saved_state().cloned().unwrap_or_default();
        // A sink that has flushed rows has written the header, and its saved state is the list of columns in use.
        let (in_use, waiting) = match serde_json::from_value(settled.state) {
            Ok(in_use) => (in_use, HeaderState::Over),
            Err(_) => (in_use, HeaderState::Nothing),
        };
        let (schema, rows) = (SchemaRef::clone(schema), settled.rows);
        let (is_safe, form) = (dialect.is_csv_safe(), dialect.form);
        Self { destination, schema, kinds, in_use, waiting, rows, is_safe, form }
    }

    fn error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        failed(self.destination.path().as_ref(), Format::Csv, source)
    }

    fn spool(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        if let HeaderState::Nothing = self.waiting {
            let writer = StreamWriter::try_new(BufWriter::new(tempfile::tempfile()?), &self.schema)?;
            self.waiting = HeaderState::Spool(Box::new(writer));
        }
        match &mut self.waiting {
            HeaderState::Spool(spool) => spool.write(batch),
            HeaderState::Nothing | HeaderState::Over => Ok(()),
        }
    }

    /// Writes the header for the columns in use, and then the waiting batches.
    fn release(&mut self) -> Result<()> {
        let mut header = lines();
        header.write_record(self.header()).map_err(|e| self.error(e))?;
        self.put(header)?;
        if let HeaderState::Spool(spool) = std::mem::replace(&mut self.waiting, HeaderState::Over) {
            let batches = reread(*spool).map_err(|e| self.error(e))?;
            for batch in batches {
                let batch = batch.map_err(|e| self.error(e))?;
                self.put_rows(&batch)?;
            }
        }
        Ok(())
    }

    fn header(&self) -> Vec<String> {
        let fields = self.schema.fields().iter().zip(&self.kinds).zip(&self.in_use);
        let names = fields.filter(|(_, used)| **used).flat_map(|((field, kind), _)| kind.names(field.name()));
        names
            .map(|name| if self.is_safe && is_formula(name.as_bytes()) { format!("'{name}") } else { name })
            .collect()
    }

    fn put(&mut self, lines: Lines) -> Result<()> {
        let text = lines.into_inner().map_err(|e| self.error(io::Error::other(e.to_string())))?;
        self.destination.write_all(&text).map_err(|e| self.error(e))
    }

    fn put_rows(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = Cells::in_form(batch, self.form).map_err(|e| self.error(e))?;
        let columns = cells.iter().zip(&self.kinds).zip(&self.in_use);
        let used: Vec<_> = columns.filter_map(|(column, used)| used.then_some(column)).collect();
        let (mut lines, mut field) = (lines(), Vec::new());
        for row in 0..batch.num_rows() {
            for (cell, kind) in &used {
                let kind = if self.is_safe && cell.is_text(row) { CsvFields::SafeText } else { **kind };
                append_fields(cell, kind, row, &mut field, &mut lines).map_err(|e| self.error(e))?;
            }
            lines.write_record(None::<&[u8]>).map_err(|e| self.error(e))?;
        }
        self.put(lines)
    }
}

impl CsvFields {
    fn of(field: &Field) -> Self {
        match field.metadata().get(GEOMETRY_TYPE).map(String::as_str) {
            _ if *field.data_type() != DataType::Binary => Self::Plain,
            Some("Point") => Self::Point,
            _ => Self::Shape,
        }
    }

    /// The names of a column's fields in the header. Those of `geometry` have no prefix, since it is the main geometry.
    fn names(self, column: &str) -> Vec<String> {
        let fields: &[_] = match self {
            Self::Plain | Self::SafeText => return vec![column.to_owned()],
            Self::Point => &["longitude", "latitude"],
            Self::Shape => &["wkt"],
        };
        let before = match column.strip_suffix("geometry") {
            Some(before) if before.is_empty() || before.ends_with('_') => before.to_owned(),
            _ => format!("{column}_"),
        };
        let named = |field: &&str| format!("{before}{field}");
        fields.iter().map(named).collect()
    }
}

/// Lines of text in memory.
type Lines = csv::Writer<Vec<u8>>;

fn lines() -> Lines {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

impl Sink for Csv {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        if let HeaderState::Over = self.waiting {
            return self.put_rows(batch);
        }
        for (used, column) in self.in_use.iter_mut().zip(batch.columns()) {
            *used |= column.null_count() < column.len();
        }
        if self.in_use.iter().all(|used| *used) {
            self.release()?;
            return self.put_rows(batch);
        }
        self.spool(batch).map_err(|e| self.error(e))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if !matches!(self.waiting, HeaderState::Over) {
            if self.rows == 0 {
                self.in_use.fill(true);
            }
            self.release()?;
        }
        finish(self.destination, Format::Csv)
    }
}

impl ResumableSink for Csv {
    fn flush(&mut self) -> Result<SinkState> {
        match self.waiting {
            HeaderState::Over => Ok(SinkState { rows: self.rows, state: self.in_use.clone().into() }),
            HeaderState::Nothing | HeaderState::Spool(_) => Ok(SinkState::default()),
        }
    }
}

/// The batches of a spool, from its beginning.
fn reread(spool: StreamWriter<BufWriter<File>>) -> Result<StreamReader<BufReader<File>>, ArrowError> {
    let buffer = spool.into_inner()?;
    let mut file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    StreamReader::try_new(BufReader::new(file), None)
}

/// Writes the fields of a column in a row.
fn append_fields(
    cell: &Cells<'_>,
    kind: CsvFields,
    row: usize,
    field: &mut Vec<u8>,
    lines: &mut Lines,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    field.clear();
    match kind {
        CsvFields::Plain | CsvFields::SafeText if cell.is_null(row) => {}
        CsvFields::Plain => cell.append_plain(row, field),
        CsvFields::SafeText => {
            cell.append_plain(row, field);
            if is_formula(field) {
                field.insert(0, b'\'');
            }
        }
        CsvFields::Shape => cell.geometry(row)?.iter().for_each(|shape| append_wkt(shape, field)),
        CsvFields::Point => match cell.geometry(row)? {
            None => lines.write_field(b"")?,
            Some(Wkb::Point([lon, lat])) => {
                append_float(lon, field);
                lines.write_field(&*field)?;
                field.clear();
                append_float(lat, field);
            }
            Some(other) => return Err(format!("a {} in a column of points", other.type_name()).into()),
        },
    }
    Ok(lines.write_field(&*field)?)
}

/// Whether spreadsheets take a text for a formula. Some skip a tab or a line end before it.
fn is_formula(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n'))
}

/// A geometry as well-known text.
fn append_wkt(geometry: &Wkb, text: &mut Vec<u8>) {
    let (name, parts): (&[u8], Vec<&[[f64; 2]]>) = match geometry {
        Wkb::Point(at) => (b"POINT", vec![std::slice::from_ref(at)]),
        Wkb::Points(points) => (b"MULTIPOINT", points.chunks(1).collect()),
        Wkb::Lines(lines) => (b"MULTILINESTRING", lines.iter().map(Vec::as_slice).collect()),
    };
    text.extend_from_slice(name);
    text.push(b' ');
    match (geometry, parts.as_slice()) {
        (_, []) => text.extend_from_slice(b"EMPTY"),
        (Wkb::Point(_), [at]) => append_part(at, text),
        (_, parts) => {
            text.push(b'(');
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    text.extend_from_slice(b", ");
                }
                append_part(part, text);
            }
            text.push(b')');
        }
    }
}

fn append_part(positions: &[[f64; 2]], text: &mut Vec<u8>) {
    text.push(b'(');
    for (i, at) in positions.iter().enumerate() {
        if i > 0 {
            text.extend_from_slice(b", ");
        }
        append_pair(at, text);
    }
    text.push(b')');
}

fn append_pair([lon, lat]: &[f64; 2], text: &mut Vec<u8>) {
    append_float(*lon, text);
    text.push(b' ');
    append_float(*lat, text);
}
