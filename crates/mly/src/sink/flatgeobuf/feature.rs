//! Features (`FlatGeobuf`, `feature.fbs`).

use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, VOffsetT, WIPOffset};

use crate::sink::value::Value;
use crate::table::Wkb;

/// Kinds of geometry (`FlatGeobuf`, `header.fbs`).
pub(super) const POINT: u8 = 1;
pub(super) const MULTI_POINT: u8 = 4;
pub(super) const MULTI_LINE_STRING: u8 = 5;

/// The offset of a field in the vtable of a flatbuffer: two lengths of two bytes each come first.
pub(super) const fn slot(field: VOffsetT) -> VOffsetT {
    4 + 2 * field
}

/// Most bytes of a feature's properties and positions. The builder panics at 2 GiB, and it writes more than these.
const LONGEST: usize = 1 << 30;

/// A feature or a value of it is larger than the format can hold.
#[derive(Debug, thiserror::Error)]
#[error("a feature is too big")]
pub(super) struct TooBig;

/// Encodes a feature whose properties are encoded already. The bytes are in `builder` until its next use.
pub(super) fn encode<'b>(
    geometry: Option<&Wkb>,
    properties: &[u8],
    builder: &'b mut FlatBufferBuilder<'static>,
) -> Result<&'b [u8], TooBig> {
    if properties.len() + geometry.map_or(0, size) > LONGEST {
        return Err(TooBig);
    }
    builder.reset();
    let shape = geometry.map(|geometry| shape(geometry, builder)).transpose()?;
    let properties = builder.create_vector(properties);
    // geometry, properties
    let feature = builder.start_table();
    if let Some(shape) = shape {
        builder.push_slot_always(slot(0), shape);
    }
    builder.push_slot_always(slot(1), properties);
    let feature = builder.end_table(feature);
    builder.finish_size_prefixed(feature, None);
    Ok(builder.finished_data())
}

/// Bytes of the positions and of the list of line ends.
fn size(geometry: &Wkb) -> usize {
    match geometry {
        Wkb::Point(at) => size_of_val(at),
        Wkb::Points(points) => size_of_val(points.as_slice()),
        Wkb::Lines(lines) => lines.iter().map(|line| size_of_val(line.as_slice()) + 4).sum(),
    }
}

fn shape(
    geometry: &Wkb,
    builder: &mut FlatBufferBuilder<'static>,
) -> Result<WIPOffset<TableFinishedWIPOffset>, TooBig> {
    let (ends, xy, geometry_type) = match geometry {
        Wkb::Point(at) => (None, builder.create_vector(at), POINT),
        Wkb::Points(points) => (None, builder.create_vector(points.as_flattened()), MULTI_POINT),
        Wkb::Lines(lines) => {
            let mut count = 0;
            let ends = lines.iter().map(|line| {
                count += line.len();
                u32::try_from(count).or(Err(TooBig))
            });
            let ends = ends.collect::<Result<Vec<_>, _>>()?;
            let ends = builder.create_vector(&ends);
            (Some(ends), builder.create_vector(lines.concat().as_flattened()), MULTI_LINE_STRING)
        }
    };
    // ends, xy, z, m, t, tm, type
    let shape = builder.start_table();
    if let Some(ends) = ends {
        builder.push_slot_always(slot(0), ends);
    }
    builder.push_slot_always(slot(1), xy);
    builder.push_slot_always(slot(6), geometry_type);
    Ok(builder.end_table(shape))
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
