//! The table of a shapefile (dBASE III, level 5): records of a fixed width.
//!
//! Read here because the usual library gives numbers as floating point, which rounds ids, drops deleted records without a word,
//! so that values move to other shapes, and refuses dates without a day.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::beginning::unreadable;
use crate::error::{Error, Place, Result};

/// Bytes of the header, and of the description of each column in it.
const DESCRIPTION: usize = 32;

/// What ends the descriptions.
const END: u8 = 0x0D;

/// Most columns of a table.
const COLUMNS: usize = 2048;

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct DbfColumn {
    pub(super) name: String,
    kind: u8,
    from: usize,
    width: usize,
    decimals: u8,
}

/// A value as the table has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DbfValue {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DbfKind {
    Bool,
    Int,
    Float,
    Text,
    /// A memo, a picture, or something else that is not read.
    Other(char),
}

/// The records of a table, one after the other.
pub(super) struct DbfTable<R> {
    input: R,
    columns: Vec<DbfColumn>,
    /// The record that was read last.
    record: Vec<u8>,
    count: u32,
    read: u32,
    encoding: Option<&'static Encoding>,
}

impl<R: Read> DbfTable<R> {
    /// Reads the header. `code_page` is the text of the `.cpg` beside the table.
    pub(super) fn open(mut input: R, code_page: Option<&str>) -> Result<Self> {
        let mut head = [0; DESCRIPTION];
        input.read_exact(&mut head).map_err(cut)?;
        let [header, width] = [8, 10].map(|at| usize::from(u16::from_le_bytes([head[at], head[at + 1]])));
        let count = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let mut rest = vec![0; header.saturating_sub(DESCRIPTION)];
        input.read_exact(&mut rest).map_err(cut)?;
        let mut columns = Vec::new();
        // The first byte of a record tells whether it is deleted.
        let mut from = 1;
        for about in rest.chunks_exact(DESCRIPTION).take_while(|about| about[0] != END).take(COLUMNS) {
            let column = column(about, from);
            from += column.width;
            columns.push(column);
        }
        if columns.is_empty() || from > width {
            return Err(Error::input("the .dbf has no columns that fit its records")
                .with_hint("write the file again"));
        }
        let encoding = encoding(code_page, head[29])?;
        Ok(Self { input, columns, record: vec![0; width], count, read: 0, encoding })
    }

    pub(super) fn columns(&self) -> &[DbfColumn] {
        &self.columns
    }

    /// Goes to the next record; `false` after the last one.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if self.read == self.count {
            return Ok(false);
        }
        self.input.read_exact(&mut self.record).map_err(cut)?;
        self.read += 1;
        Ok(true)
    }

    /// Whether the record is marked as deleted. Its shape is deleted too.
    pub(super) fn is_deleted(&self) -> bool {
        self.record.first() == Some(&b'*')
    }

    /// The value of a column in the record.
    pub(super) fn value(&self, column: &DbfColumn) -> Result<DbfValue> {
        let bytes = self.record.get(column.from..column.from + column.width).unwrap_or_default();
        let wrong = |what: String| {
            Error::input(format!("column {}: {what}", column.name.escape_debug()))
                .with_place(Place::Row(self.read.into()))
        };
        let text = || {
            self.text(bytes).map_err(|name| {
                wrong(format!("a text is not in {name}")).with_hint("ogr2ogr OUT.gpkg IN.shp converts it")
            })
        };
        Ok(match (column.kind, bytes) {
            (b'I' | b'+', [a, b, c, d]) => DbfValue::Int(i32::from_le_bytes([*a, *b, *c, *d]).into()),
            (b'O' | b'B', [a, b, c, d, e, f, g, h]) => {
                DbfValue::Float(f64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
            }
            (b'L', [b'Y' | b'y' | b'T' | b't', ..]) => DbfValue::Bool(true),
            (b'L', [b'N' | b'n' | b'F' | b'f', ..]) => DbfValue::Bool(false),
            (b'N' | b'F', _) => number(bytes, column).ok_or_else(|| wrong("expected a number".to_owned()))?,
            (b'D', _) => date(bytes),
            (b'C', _) => match text()? {
                text if text.is_empty() => DbfValue::Null,
                text => DbfValue::Text(text),
            },
            _ => DbfValue::Null,
        })
    }

    /// A text without the spaces that fill it up, or the name of the encoding that it is not in.
    fn text(&self, bytes: &[u8]) -> Result<String, &'static str> {
        let bytes = &bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())];
        let text = match self.encoding {
            Some(encoding) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
                text.ok_or(encoding.name())?.into_owned()
            }
            // Old programs do not tell their encoding, and new ones write UTF-8.
            None => match str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            },
        };
        Ok(text.trim_end().to_owned())
    }
}

impl DbfColumn {
    pub(super) fn kind(&self) -> DbfKind {
        /// Whole numbers of so many digits fit into 64 bits.
        const DIGITS: usize = 19;
        match self.kind {
            b'N' | b'F' if self.decimals == 0 && self.width <= DIGITS => DbfKind::Int,
            b'I' | b'+' => DbfKind::Int,
            b'N' | b'F' | b'O' => DbfKind::Float,
            b'B' if self.width == 8 => DbfKind::Float,
            b'L' => DbfKind::Bool,
            b'C' | b'D' => DbfKind::Text,
            other => DbfKind::Other(char::from(other)),
        }
    }
}

/// The column that a description is about.
fn column(about: &[u8], from: usize) -> DbfColumn {
    let name = about[..11].split(|byte| *byte == 0).next().unwrap_or_default();
    let name = match str::from_utf8(name) {
        Ok(name) => name.trim().to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(name).0.trim().to_owned(),
    };
    let (kind, width, decimals) = (about[11], usize::from(about[16]), about[17]);
    // Texts of more than 255 bytes have the upper half of their width where numbers have their decimals.
    let width = if kind == b'C' { width + 256 * usize::from(decimals) } else { width };
    DbfColumn { name, kind, from, width, decimals }
}

/// A number that is written in digits.
fn number(bytes: &[u8], column: &DbfColumn) -> Option<DbfValue> {
    let text = str::from_utf8(bytes).ok()?.trim_matches([' ', '\0']);
    // Stars are written where a number had no room.
    if text.is_empty() || text.starts_with('*') {
        return Some(DbfValue::Null);
    }
    if column.kind() == DbfKind::Int
        && let Ok(number) = text.trim_start_matches('+').parse()
    {
        return Some(DbfValue::Int(number));
    }
    let number: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    Some(match column.kind() {
        // As `3.` or `1.2e3`.
        DbfKind::Int if number.fract() == 0.0 && number.abs() < 2_f64.powi(53) => {
            DbfValue::Int(number as i64)
        }
        _ => DbfValue::Float(number),
    })
}

/// A day as `2026-01-31`. A day that there is not, as programs write where they have none, is null.
fn date(bytes: &[u8]) -> DbfValue {
    let text = str::from_utf8(bytes).unwrap_or_default().trim();
    match chrono::NaiveDate::parse_from_str(text, "%Y%m%d") {
        Ok(day) => DbfValue::Text(day.format("%Y-%m-%d").to_string()),
        Err(_) => DbfValue::Null,
    }
}

/// The encoding that a `.cpg` or the language byte of the header tells; `None` if neither does.
fn encoding(code_page: Option<&str>, language: u8) -> Result<Option<&'static Encoding>> {
    let label = code_page.map(str::trim).filter(|label| !label.is_empty());
    let Some(label) = label else {
        // 0x57 stands for the code page of the system that wrote the table.
        return Ok(matches!(language, 0x03).then_some(WINDOWS_1252));
    };
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    // "88591", "8859-1" and "ISO 88591" are the same.
    let part = digits.strip_prefix("8859").filter(|part| !part.is_empty());
    let found = match (digits.as_str(), part) {
        ("65001", _) => Some(UTF_8),
        (_, Some(part)) => Encoding::for_label(format!("iso-8859-{part}").as_bytes()),
        (digits, _) if digits.len() == 4 && digits.starts_with("125") => {
            Encoding::for_label(format!("windows-{digits}").as_bytes())
        }
        _ => Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(plain.as_bytes())),
    };
    found.map(Some).ok_or_else(|| {
        Error::input(format!("the .cpg tells an unknown encoding, {}", label.escape_debug()))
            .with_hint("ogr2ogr OUT.gpkg IN.shp converts it")
    })
}

fn cut(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::input("the .dbf ends too early").with_hint("write the file again")
        }
        _ => unreadable(error),
    }
}
