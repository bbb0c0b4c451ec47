//! The attributes of a row, as bytes that are kept until its tiles are written.

use mly_mvt::Value;

use crate::sink::text::Cells;
use crate::sink::value::{self, ValueError};

/// The largest number up to which all whole numbers are 64-bit floats too, which is what readers make of them.
const LAST_WHOLE: u64 = 1 << 53;

const NONE: u8 = 0;
const INT: u8 = 1;
const FLOAT: u8 = 2;
const NO: u8 = 3;
const YES: u8 = 4;
const TEXT: u8 = 5;

/// What a viewer can take the values of a column for, in the words of the metadata of tiles.
pub(super) fn field_type(cells: &Cells<'_>) -> &'static str {
    match cells {
        Cells::Int(_) | Cells::Float(_) | Cells::Time(_) => "Number",
        Cells::Bool(_) => "Boolean",
        Cells::IntText(_)
        | Cells::Text(_)
        | Cells::Json(_)
        | Cells::IsoTime(_)
        | Cells::Lists(_)
        | Cells::Geometry(_) => "String",
    }
}

/// Appends the value of a column.
///
/// Ids are text, and so are whole numbers that a 64-bit float cannot hold. Lists, objects and further geometries are JSON.
pub(super) fn append(
    cells: &Cells<'_>,
    row: usize,
    text: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<(), ValueError> {
    if cells.is_null(row) {
        out.push(NONE);
        return Ok(());
    }
    match cells {
        // Readers give all values of a column one type, and most make floats of numbers: ids are text, all of them.
        Cells::IntText(a) => append_text(itoa::Buffer::new().format(a.value(row)).as_bytes(), out),
        Cells::Int(a) => append_int(a.value(row), out),
        Cells::Time(a) => append_int(a.value(row), out),
        cells @ Cells::IsoTime(_) => {
            text.clear();
            cells.append_plain(row, text);
            append_text(text, out);
        }
        cells => match value::Value::of(cells, row, text)? {
            None => out.push(NONE),
            Some(value::Value::Int(value)) => append_int(value, out),
            Some(value::Value::Float(value)) => append_number(FLOAT, value.to_le_bytes(), out),
            Some(value::Value::Bool(value)) => out.push(if value { YES } else { NO }),
            Some(value::Value::Text(text) | value::Value::Time(text) | value::Value::Json(text)) => {
                append_text(text.as_bytes(), out);
            }
        },
    }
    Ok(())
}

fn append_int(value: i64, out: &mut Vec<u8>) {
    if value.unsigned_abs() > LAST_WHOLE {
        append_text(itoa::Buffer::new().format(value).as_bytes(), out);
    } else {
        append_number(INT, value.to_le_bytes(), out);
    }
}

fn append_number(tag: u8, bytes: [u8; 8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&bytes);
}

fn append_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(TEXT);
    // The lengths of texts in Arrow have 31 bits.
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text);
}

/// The attributes that were appended, one for each name and in their order. Those without a value are left out.
pub(super) fn read<'a>(names: &'a [String], mut bytes: &'a [u8], found: &mut Vec<(&'a str, Value<'a>)>) {
    for name in names {
        let Some((tag, rest)) = bytes.split_first() else { return };
        let number = || rest.split_first_chunk::<8>().map(|(number, rest)| (*number, rest));
        let value = match *tag {
            INT => number().map(|(number, rest)| (Value::Int(i64::from_le_bytes(number)), rest)),
            FLOAT => number().map(|(number, rest)| (Value::Double(f64::from_le_bytes(number)), rest)),
            NO => Some((Value::Bool(false), rest)),
            YES => Some((Value::Bool(true), rest)),
            TEXT => text(rest).map(|(text, rest)| (Value::String(text), rest)),
            _ => None,
        };
        bytes = match value {
            Some((value, rest)) => {
                found.push((name, value));
                rest
            }
            None => rest,
        };
    }
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}
