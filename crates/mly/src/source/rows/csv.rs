//! Rows of CSV (RFC 4180) with a header.
//!
//! The file is read twice, because even a value in its last line can change the type of a column: the first pass finds
//! the types and the second one reads the rows.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, StringRecord, Trim};

use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::guess::ValueKinds;
use super::known::KnownColumns;
use super::shape::{self, GeometryKind};
use super::survey::{ColumnSurvey, GeometryRole, fields};
use crate::crs::Crs;
use crate::error::{Error, Place, Result};
use crate::sink::Format;
use crate::source::beginning::{Beginning, unreadable};
use crate::source::header::{is_telling, other_separator};
use crate::source::measured::Measured;
use crate::table::Wkb;

/// The extension of a file, in small letters.
pub(super) fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Reads the rows of a file.
pub(super) fn read(path: &Path, file: &File, feed: &mut Feed) -> Result<()> {
    if let Some(other) = Format::of_path(path).ok().filter(|format| *format != Format::Csv) {
        let what = format!("this is not {other}, although the name says so");
        return Err(Error::input(what).with_hint("tables have the extension .csv"));
    }
    let mut sources = Vec::new();
    let mut columns: Vec<ColumnSurvey> = Vec::new();
    let (mut rows, mut is_certain) = (0, false);
    each_text(file, &mut |line| match line {
        CsvLine::Header(names) => {
            is_certain = is_certainly_header(path, names)?;
            sources = ColumnSource::all(names)?;
            columns = sources.iter().map(|source| source.surveyed(names)).collect();
            Ok(())
        }
        CsvLine::Row(record, place) => {
            rows += 1;
            for (source, column) in sources.iter().zip(&mut columns) {
                column.add(source.seen(record, place, &column.name)?);
            }
            Ok(())
        }
    })?;
    if rows == 0 && !is_certain {
        return Err(no_table());
    }
    let fields = fields(&columns, rows, None);
    let schema = declared::schema(fields.iter().map(|(_, field)| field.clone()).collect())?;
    let used: Vec<_> =
        fields.iter().filter_map(|(at, _)| Some((sources.get(*at)?, columns.get(*at)?))).collect();
    let mut batches = BatchBuilder::begin(feed, &schema)?;
    each_text(file, &mut |line| {
        let CsvLine::Row(record, place) = line else { return Ok(()) };
        let shapes = used.iter().map(|(source, column)| source.placed(record, place, &column.name));
        let shapes = shapes.collect::<Result<Vec<_>>>()?;
        let cells = used.iter().zip(&shapes).map(|((source, _), shape)| match (source, shape) {
            (_, Some(shape)) => FileValue::Geometry(shape),
            (ColumnSource::Field(at), None) => match record.get(*at) {
                None | Some("") => FileValue::Null,
                Some(text) => FileValue::Text(text),
            },
            _ => FileValue::Null,
        });
        batches.row(cells, Place::Line(place))
    })?;
    batches.finish()
}

/// Extensions of files that may be tables whatever their columns are.
const EXTENSIONS: [&str; 3] = ["", "csv", "txt"];

/// Whether a first line is a header without doubt, because it names a column that results have. Any text has a first line;
/// one that has nothing of a header is refused, and one that may be a header has to have rows below it.
fn is_certainly_header(path: &Path, names: &StringRecord) -> Result<bool> {
    let line = names.iter().collect::<Vec<_>>().join(",");
    if let Some(error) = other_separator(&line, 1, true) {
        return Err(error);
    }
    let is_known = |name: &str| is_telling(name) || KnownColumns::have(name);
    let is_text = |name: &str| !name.contains(|c: char| c.is_control() && !c.is_whitespace());
    match (names.iter().any(is_known), names.iter().all(is_text)) {
        (true, true) => Ok(true),
        (false, true) if names.len() > 1 && EXTENSIONS.contains(&extension(path).as_str()) => Ok(false),
        _ => Err(no_table()),
    }
}

fn no_table() -> Error {
    Error::input("this is no table: its first line names no column that results have").with_hint(
        "the header of a table has names such as id, longitude and latitude, with commas between them",
    )
}

/// A line of a table.
pub(in crate::source) enum CsvLine<'r, R> {
    Header(&'r R),
    /// A row, and the line in which it begins.
    Row(&'r mut R, u64),
}

/// Calls `take` with the header and each row of a file, as text.
fn each_text(mut file: &File, take: &mut dyn FnMut(CsvLine<'_, StringRecord>) -> Result<()>) -> Result<()> {
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let text = |record: &mut ByteRecord, line| {
        StringRecord::from_byte_record(std::mem::take(record))
            .map_err(|_not_text| Error::input("this is no text in UTF-8").with_place(Place::Line(line)))
    };
    each(Beginning::of(file)?.input, 1, Trim::None, &mut |line| match line {
        CsvLine::Header(names) => take(CsvLine::Header(&text(&mut names.clone(), 1)?)),
        CsvLine::Row(record, line) => {
            let mut row = text(record, line)?;
            take(CsvLine::Row(&mut row, line))?;
            // Return the buffer to the reader, so that the next row reuses it.
            *record = row.into_byte_record();
            Ok(())
        }
    })
}

/// Calls `take` with the header, which is line `first_line` of the input, and with each row of a table.
pub(in crate::source) fn each(
    input: impl Read,
    first_line: u64,
    trim: Trim,
    take: &mut dyn FnMut(CsvLine<'_, ByteRecord>) -> Result<()>,
) -> Result<()> {
    let failure = |error| failure(error, first_line);
    let (input, length) = Measured::new(input);
    let mut reader = csv::ReaderBuilder::new().trim(trim).from_reader(input);
    let header = reader.byte_headers().map_err(failure)?.clone();
    length.reset();
    take(CsvLine::Header(&header))?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(failure)? {
        length.reset();
        let line = record.position().map_or(0, csv::Position::line) + first_line - 1;
        take(CsvLine::Row(&mut record, line))?;
    }
    Ok(())
}

fn failure(error: csv::Error, first_line: u64) -> Error {
    let place = Place::Line(error.position().map_or(0, csv::Position::line) + first_line - 1);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the header has {expected_len} fields, this line has {len}")
        }
        _ => error.to_string(),
    };
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(error),
        _ => Error::input(what).with_place(place),
    }
}

/// The fields that a column is made from.
#[derive(Clone, Copy, Debug)]
enum ColumnSource {
    /// The field of an index.
    Field(usize),
    /// A longitude and a latitude.
    Point(usize, usize),
    /// Well-known text.
    Shape(usize),
}

/// The prefix of a field that is a part of a geometry: `computed_` of `computed_longitude`, with the part `longitude`.
fn part<'n>(name: &'n str, part: &str) -> Option<&'n str> {
    name.strip_suffix(part).filter(|before| before.is_empty() || before.ends_with('_'))
}

impl ColumnSource {
    /// The columns of a header. The two fields of a position become one column.
    fn all(names: &StringRecord) -> Result<Vec<Self>> {
        declared::check_count(names.len())?;
        let partner = |name: &str, own: &str, other: &str| {
            let other = format!("{}{other}", part(name, own)?);
            names.iter().position(|name| name == other)
        };
        let one = |(at, name): (usize, &str)| match partner(name, "longitude", "latitude") {
            Some(lat) => Some(Self::Point(at, lat)),
            None if partner(name, "latitude", "longitude").is_some() => None,
            None if part(name, "wkt").is_some() => Some(Self::Shape(at)),
            None => Some(Self::Field(at)),
        };
        Ok(names.iter().enumerate().filter_map(one).collect())
    }

    fn surveyed(self, names: &StringRecord) -> ColumnSurvey {
        let name = |at: usize| names.get(at).unwrap_or_default();
        let (name, geometry) = match self {
            Self::Field(at) => (name(at).to_owned(), GeometryRole::No),
            Self::Point(at, _) => {
                let before = part(name(at), "longitude").unwrap_or_default();
                (format!("{before}geometry"), GeometryRole::Of(GeometryKind::Point))
            }
            Self::Shape(at) => {
                let before = part(name(at), "wkt").unwrap_or_default();
                (format!("{before}geometry"), GeometryRole::Of(GeometryKind::Lines))
            }
        };
        ColumnSurvey { geometry, ..ColumnSurvey::new(&name) }
    }

    fn seen(self, record: &StringRecord, line: u64, column: &str) -> Result<ValueKinds> {
        match self {
            Self::Field(at) => Ok(record.get(at).map(ValueKinds::of_field).unwrap_or_default()),
            _ => Ok(self
                .placed(record, line, column)?
                .map(|shape| ValueKinds::of_shape(GeometryKind::of_shape(&shape)))
                .unwrap_or_default()),
        }
    }

    /// The geometry of a row, if it has one.
    fn placed(self, record: &StringRecord, line: u64, column: &str) -> Result<Option<Wkb>> {
        let named = |what: String| format!("column {}: {what}", column.escape_debug());
        let found = self.geometry(record).map_err(|what| Error::input(named(what)));
        let placed = found.and_then(|shape| {
            let placed = shape.map(|shape| shape::placed(shape, Crs::Degrees)).transpose();
            placed.map_err(|what| shape::misplaced(named(what)))
        });
        placed.map_err(|error| error.with_place(Place::Line(line)))
    }

    fn geometry(self, record: &StringRecord) -> Result<Option<Wkb>, String> {
        let field = |at: usize| record.get(at).unwrap_or_default();
        match self {
            Self::Field(_) => Ok(None),
            Self::Shape(at) if field(at).is_empty() => Ok(None),
            Self::Shape(at) => shape::of_wkt(field(at)),
            Self::Point(lon, lat) if field(lon).is_empty() && field(lat).is_empty() => Ok(None),
            Self::Point(lon, lat) => {
                let number = |at| field(at).parse::<f64>().ok().filter(|n| n.is_finite());
                let position = number(lon).zip(number(lat)).map(|(lon, lat)| Wkb::Point([lon, lat]));
                position.map(Some).ok_or_else(|| "longitude and latitude are not two numbers".to_owned())
            }
        }
    }
}
