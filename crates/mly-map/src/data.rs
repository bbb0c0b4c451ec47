//! Values of nested columns as JSON text.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_schema::DataType;

/// Appends one value as JSON; false for types that nested columns of results do not have.
///
/// The text is shown, and does not stand in the page as it is.
pub(crate) fn cell_json(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> bool {
    if array.is_null(row) {
        out.extend_from_slice(b"null");
        return true;
    }
    match array.data_type() {
        DataType::Int64 => append(&array.as_primitive::<Int64Type>().value(row).to_string(), out),
        DataType::Int32 => append(&array.as_primitive::<Int32Type>().value(row).to_string(), out),
        DataType::Float64 => append_float(array.as_primitive::<Float64Type>().value(row), out),
        DataType::Float32 => append_float(array.as_primitive::<Float32Type>().value(row).into(), out),
        DataType::Boolean => append(if array.as_boolean().value(row) { "true" } else { "false" }, out),
        DataType::Utf8 => append_quoted(array.as_string::<i32>().value(row), out),
        DataType::LargeUtf8 => append_quoted(array.as_string::<i64>().value(row), out),
        DataType::Utf8View => append_quoted(array.as_string_view().value(row), out),
        DataType::List(_) => return append_items(array.as_list::<i32>().value(row).as_ref(), out),
        DataType::LargeList(_) => return append_items(array.as_list::<i64>().value(row).as_ref(), out),
        DataType::FixedSizeList(..) => {
            return append_items(array.as_fixed_size_list().value(row).as_ref(), out);
        }
        DataType::Struct(fields) => {
            out.push(b'{');
            for (at, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                append_quoted(field.name(), out);
                out.push(b':');
                if !cell_json(column.as_ref(), row, out) {
                    return false;
                }
            }
            out.push(b'}');
        }
        // Further geometries are told by their size alone: the map draws one for each row.
        DataType::Binary => append_bytes(array.as_binary::<i32>().value(row), out),
        DataType::LargeBinary => append_bytes(array.as_binary::<i64>().value(row), out),
        DataType::BinaryView => append_bytes(array.as_binary_view().value(row), out),
        _ => return false,
    }
    true
}

fn append_items(items: &dyn Array, out: &mut Vec<u8>) -> bool {
    out.push(b'[');
    for item in 0..items.len() {
        if item > 0 {
            out.push(b',');
        }
        if !cell_json(items, item, out) {
            return false;
        }
    }
    out.push(b']');
    true
}

fn append(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
}

fn append_float(number: f64, out: &mut Vec<u8>) {
    if number.is_finite() {
        append(zmij::Buffer::new().format(number), out);
    } else {
        append("null", out);
    }
}

fn append_quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend_from_slice(&[b'\\', c as u8]),
            '\0'..='\u{1f}' => append(&format!("\\u{:04x}", u32::from(c)), out),
            _ => append(c.encode_utf8(&mut [0; 4]), out),
        }
    }
    out.push(b'"');
}

/// A point in well-known binary as `[longitude,latitude]`, and anything else as its size.
fn append_bytes(wkb: &[u8], out: &mut Vec<u8>) {
    if let [1, 1, 0, 0, 0, numbers @ ..] = wkb
        && let ([lon, lat], []) = numbers.as_chunks::<8>()
    {
        out.push(b'[');
        append_float(f64::from_le_bytes(*lon), out);
        out.push(b',');
        append_float(f64::from_le_bytes(*lat), out);
        out.push(b']');
        return;
    }
    append_quoted(&format!("{} bytes", wkb.len()), out);
}
