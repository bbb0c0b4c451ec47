//! Features (`FlatGeobuf`, `feature.fbs`).

use super::flat::Field::{Absent, Byte, Reference};
use super::flat::{Flat, TooBig};
use crate::sink::value::Value;
use crate::table::Wkb;

/// Kinds of geometry (`FlatGeobuf`, `header.fbs`).
pub(super) const POINT: u8 = 1;
pub(super) const MULTI_LINE_STRING: u8 = 5;

/// A feature with properties that are encoded already, made in `flat`.
pub(super) fn encode<'a>(
    geometry: Option<&Wkb>,
    properties: &[u8],
    flat: &'a mut Flat,
) -> Result<&'a [u8], TooBig> {
    let root = flat.begin();
    let shape = if geometry.is_some() { Reference } else { Absent };
    let [shape, slot] = flat.table(root, [shape, Reference])?;
    flat.bytes(slot, properties)?;
    match geometry {
        None => {}
        Some(Wkb::Point(at)) => {
            // ends, xy, z, m, t, tm, type
            let fields = [Absent, Reference, Absent, Absent, Absent, Absent, Byte(POINT)];
            let [_, xy, ..] = flat.table(shape, fields)?;
            flat.numbers(xy, 2, at.iter().map(|n| n.to_le_bytes()))?;
        }
        Some(Wkb::Lines(lines)) => {
            let fields = [Reference, Reference, Absent, Absent, Absent, Absent, Byte(MULTI_LINE_STRING)];
            let [ends, xy, ..] = flat.table(shape, fields)?;
            let mut count = 0;
            let last = lines.iter().map(|line| {
                count += line.len();
                u32::try_from(count).map(u32::to_le_bytes).or(Err(TooBig))
            });
            let last = last.collect::<Result<Vec<_>, _>>()?;
            flat.numbers(ends, lines.len(), last.into_iter())?;
            flat.numbers(xy, 2 * count, lines.iter().flatten().flatten().map(|n| n.to_le_bytes()))?;
        }
    }
    flat.finish()
}

/// Appends the value of a column.
pub(super) fn append_property(column: u16, value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), TooBig> {
    out.extend_from_slice(&column.to_le_bytes());
    match value {
        Value::Int(value) => out.extend_from_slice(&value.to_le_bytes()),
        Value::Float(value) => out.extend_from_slice(&value.to_le_bytes()),
        Value::Bool(value) => out.push(u8::from(*value)),
        Value::Text(text) | Value::Time(text) | Value::Json(text) => {
            let length = u32::try_from(text.len()).or(Err(TooBig))?;
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
    }
    Ok(())
}
