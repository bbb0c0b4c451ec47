//! Ids in plain text, one per line.

use std::io::{BufRead, Cursor, Read};

use super::collector::Collector;
use super::table;
use crate::error::{Error, Place, Result};
use crate::source::beginning::unreadable;
use crate::source::header::other_separator;

/// Most bytes of a line with an id or a header.
const LONGEST_LINE: u64 = 1 << 20;

/// Takes one id per line. If the first line with content is a header with a column of ids, the text is read as CSV.
pub(super) fn read(mut input: impl BufRead, collector: &mut Collector<'_>) -> Result<()> {
    let (mut line, mut number, mut is_first) = (Vec::new(), 0_u64, true);
    loop {
        line.clear();
        let length = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if length.map_err(unreadable)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            let error = Error::input("this is too long to be an id or a header");
            return Err(expectation(error.with_place(Place::Line(number))));
        }
        let text = line.split(|b| *b == b'#').next().unwrap_or_default().trim_ascii();
        if text.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_first) {
            if table::is_header(&line) {
                return table::read(Cursor::new(line).chain(input), number, collector);
            }
            let header = String::from_utf8_lossy(&line);
            if let Some(error) = other_separator(header.trim(), number, false) {
                return Err(error);
            }
        }
        let id = String::from_utf8_lossy(text);
        collector.keep(id.into_owned(), Place::Line(number)).map_err(expectation)?;
    }
}

/// Adds the hint that names all forms of input.
fn expectation(error: Error) -> Error {
    error.with_hint(
        "expected ids, one per line, CSV with a column id or image_id, GeoJSON, Arrow, Parquet, FlatGeobuf or GeoPackage",
    )
}
