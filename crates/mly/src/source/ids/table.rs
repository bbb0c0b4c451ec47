//! Ids of CSV (RFC 4180) with a header.

use std::io::Read;

use csv::ByteRecord;

use super::beginning::unreadable;
use super::collector::Collector;
use super::row::{Columns, Row};
use crate::error::{Error, Result};

/// Whether a line is a header with a column `id`.
pub(super) fn is_header(line: &[u8]) -> bool {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(line);
    reader.byte_headers().is_ok_and(|names| names.iter().any(|name| name == b"id"))
}

/// Takes the rows of a table whose header stands in line `first_line`.
pub(super) fn read(input: impl Read, first_line: u64, collector: &mut Collector<'_>) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let header = reader.byte_headers().map_err(|e| failure(&e, first_line))?;
    let mut columns = Columns::default();
    header.iter().filter_map(|name| str::from_utf8(name).ok()).for_each(|name| columns.insert(name));
    let [id, image_id, map_feature_id, wkt] = ["id", "image_id", "map_feature_id", "wkt"]
        .map(|name| header.iter().position(|n| n == name.as_bytes()));
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|e| failure(&e, first_line))? {
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|field| !field.is_empty());
        let text = |at| field(at).map(|field| String::from_utf8_lossy(field).into_owned());
        let is_lines = |wkt: &[u8]| wkt.starts_with(b"MULTILINESTRING") || wkt.starts_with(b"LINESTRING");
        let row = Row {
            id: text(id),
            image_id: text(image_id),
            map_feature_id: text(map_feature_id),
            columns,
            is_lines: field(wkt).is_some_and(is_lines),
        };
        let line = record.position().map_or(0, csv::Position::line) + first_line - 1;
        collector.take(row, &|| format!("line {line}"))?;
    }
    Ok(())
}

fn failure(error: &csv::Error, first_line: u64) -> Error {
    let line = error.position().map_or(0, csv::Position::line) + first_line - 1;
    match error.kind() {
        csv::ErrorKind::Io(error) => unreadable(error),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Error::query(format!("line {line}: the header has {expected_len} fields, this line has {len}"))
        }
        _ => Error::query(format!("line {line}: {error}")),
    }
}
