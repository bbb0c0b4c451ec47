//! Ids of CSV with a header.

use std::io::Read;

use csv::{ByteRecord, Trim};

use super::collector::Collector;
use super::row::{ID_COLUMNS, IdRow, TellingNames};
use crate::error::{Place, Result};
use crate::source::rows::csv::{CsvLine, each};

/// Whether a line is a header with a column of ids.
pub(super) fn is_header(line: &[u8]) -> bool {
    let mut reader = csv::ReaderBuilder::new().trim(Trim::All).from_reader(line);
    reader
        .byte_headers()
        .is_ok_and(|names| names.iter().any(|name| ID_COLUMNS.iter().any(|id| id.as_bytes() == name)))
}

/// Takes the rows of a table whose header is line `first_line`.
pub(super) fn read(input: impl Read, first_line: u64, collector: &mut Collector<'_>) -> Result<()> {
    let mut names = TellingNames::default();
    let mut places = [None; 4];
    // Blanks around ids are trimmed, since people write tables by hand. The rows are read as bytes, so that a column
    // with other than UTF-8 text is no error as long as it has no ids.
    each(input, first_line, Trim::All, &mut |line| match line {
        CsvLine::Header(header) => {
            header.iter().filter_map(|name| str::from_utf8(name).ok()).for_each(|name| names.insert(name));
            places = ["id", "image_id", "map_feature_id", "wkt"]
                .map(|name| header.iter().position(|n| n == name.as_bytes()));
            Ok(())
        }
        CsvLine::Row(record, line) => {
            let [id, image_id, map_feature_id, wkt] = places.map(|place| field(record, place?));
            let text = |field: Option<&[u8]>| field.map(|field| String::from_utf8_lossy(field).into_owned());
            let is_lines =
                wkt.is_some_and(|wkt| wkt.starts_with(b"MULTILINESTRING") || wkt.starts_with(b"LINESTRING"));
            let row = IdRow {
                id: text(id),
                image_id: text(image_id),
                map_feature_id: text(map_feature_id),
                names,
                is_lines,
            };
            collector.take(row, Place::Line(line))
        }
    })
}

/// A field that is not empty.
fn field(record: &ByteRecord, place: usize) -> Option<&[u8]> {
    record.get(place).filter(|field| !field.is_empty())
}
