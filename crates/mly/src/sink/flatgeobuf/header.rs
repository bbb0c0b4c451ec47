//! The header (`FlatGeobuf`, `header.fbs`).

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::Failure;
use super::feature::{MULTI_LINE_STRING, POINT};
use super::flat::Field::{Absent, Byte, Int, Long, Reference, Short};
use super::flat::{Flat, Slot, TooBig};
use super::tree::NODE_SIZE;
use crate::sink::bounds::Bounds;
use crate::sink::text::Cells;
use crate::sink::value::ValueKind;
use crate::sink::window::kind;

/// Name of the layer.
const NAME: &str = "features";

/// The header of a file with so many features.
pub(super) fn encode(
    schema: &SchemaRef,
    geometry: usize,
    count: u64,
    bounds: &Bounds,
) -> Result<Vec<u8>, Failure> {
    let geometry_type = match kind(schema, geometry) {
        Some("Point") => POINT,
        Some("MultiLineString") => MULTI_LINE_STRING,
        // Each feature tells its own.
        _ => 0,
    };
    let envelope = if bounds.is_empty() { Absent } else { Reference };
    // A file without features has no index.
    let node_size = if count > 0 { NODE_SIZE } else { 0 };
    let mut flat = Flat::default();
    let root = flat.begin();
    // name, envelope, geometry_type, has_z, has_m, has_t, has_tm, columns, features_count, index_node_size, crs
    let fields = [
        Reference,
        envelope,
        Byte(geometry_type),
        Absent,
        Absent,
        Absent,
        Absent,
        Reference,
        Long(count),
        Short(node_size),
        Reference,
    ];
    let [name, sides, _, _, _, _, _, columns, _, _, crs] = flat.table(root, fields)?;
    flat.text(name, NAME)?;
    if !bounds.is_empty() {
        flat.numbers(sides, 4, bounds.degrees().iter().map(|side| side.to_le_bytes()))?;
    }
    // The number of WGS 84; coordinates are longitude and latitude in this format, whatever the system says.
    let [organisation, _, title] = flat.table(crs, [Reference, Int(4326), Reference])?;
    flat.text(organisation, "EPSG")?;
    flat.text(title, "WGS 84")?;

    let none = RecordBatch::new_empty(SchemaRef::clone(schema));
    let cells = Cells::of(&none)?;
    let others = schema.fields().iter().zip(&cells).enumerate().filter(|(at, _)| *at != geometry);
    let slots = flat.references(columns, cells.len() - 1)?;
    for (slot, (_, (field, cells))) in slots.into_iter().zip(others) {
        add_column(&mut flat, slot, field.name(), ValueKind::of(cells), field.is_nullable())?;
    }
    Ok(flat.finish()?.to_vec())
}

fn add_column(
    flat: &mut Flat,
    at: Slot,
    name: &str,
    kind: ValueKind,
    is_nullable: bool,
) -> Result<(), TooBig> {
    let column_type = match kind {
        ValueKind::Bool => 2,
        ValueKind::Int => 7,
        ValueKind::Float => 10,
        ValueKind::Text => 11,
        ValueKind::Json => 12,
        ValueKind::Time => 13,
    };
    // name, type, title, description, width, precision, scale, nullable
    let nullable = if is_nullable { Absent } else { Byte(0) };
    let fields = [Reference, Byte(column_type), Absent, Absent, Absent, Absent, Absent, nullable];
    let [slot, ..] = flat.table(at, fields)?;
    flat.text(slot, name)
}
