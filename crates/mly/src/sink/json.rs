//! Values as JSON, for the formats that are made of it.

use super::text::{append_float, append_int};
use crate::table::Wkb;

/// Text in quotes, escaped where JSON asks for it.
pub(super) fn append_text(text: &str, out: &mut Vec<u8>) {
    let is_plain = |b: u8| b >= 0x20 && b != b'"' && b != b'\\';
    if text.bytes().all(is_plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Writing into memory does not fail, and every text can be a JSON string.
        let _ = serde_json::to_writer(out, text);
    }
}

/// A whole number in quotes.
pub(super) fn append_int_text(value: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    append_int(value, out);
    out.push(b'"');
}

/// Text that is JSON already, on one line: in JSON a line end can only stand where a space can.
pub(super) fn append_raw(json: &str, out: &mut Vec<u8>) {
    out.extend(json.bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
}

/// A geometry of GeoJSON, or `null`.
pub(super) fn append_geometry(geometry: Option<&Wkb>, out: &mut Vec<u8>) {
    match geometry {
        None => out.extend_from_slice(b"null"),
        Some(Wkb::Point(at)) => {
            out.extend_from_slice(b"{\"type\":\"Point\",\"coordinates\":");
            append_position(at, out);
            out.push(b'}');
        }
        Some(Wkb::Lines(lines)) => {
            out.extend_from_slice(b"{\"type\":\"MultiLineString\",\"coordinates\":");
            append_list(lines, out, |line, out| append_list(line, out, append_position));
            out.push(b'}');
        }
    }
}

/// A list, each item in the way of `append`.
pub(super) fn append_list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    append: impl Fn(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        append(item, out);
    }
    out.push(b']');
}

fn append_position([lon, lat]: &[f64; 2], out: &mut Vec<u8>) {
    out.push(b'[');
    append_float(*lon, out);
    out.push(b',');
    append_float(*lat, out);
    out.push(b']');
}
