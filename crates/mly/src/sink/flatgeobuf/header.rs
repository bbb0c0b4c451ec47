//! The header (`FlatGeobuf`, `header.fbs`).

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset};

use super::FgbState;
use super::feature::{self, slot};
use super::tree::NODE_SIZE;
use crate::sink::bounds::Bounds;
use crate::sink::shapes::{MULTI_LINE_STRING, MULTI_POINT, POINT};
use crate::sink::text::Cells;
use crate::sink::value::ValueKind;
use crate::sink::window::kind;
use crate::table::About;

/// The header of a file with `count` features.
pub(super) fn encode(
    schema: &SchemaRef,
    geometry: usize,
    count: u64,
    known: &FgbState,
) -> Result<Vec<u8>, String> {
    let geometry_type = match known.shapes.names(kind(schema, geometry)).as_slice() {
        [POINT] => feature::POINT,
        [MULTI_POINT] => feature::MULTI_POINT,
        [MULTI_LINE_STRING] => feature::MULTI_LINE_STRING,
        // Unknown: each feature has its own type.
        _ => 0,
    };
    let bounds = Bounds::of_sides(known.sides);
    let about = About::of(schema);
    // A file without features has no index, which a node size of 0 says.
    let node_size = if count > 0 { NODE_SIZE } else { 0 };
    let none = RecordBatch::new_empty(SchemaRef::clone(schema));
    let cells = Cells::of(&none)?;
    let others = schema.fields().iter().zip(&cells).enumerate().filter(|(at, _)| *at != geometry);
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<_> = others
        .map(|(_, (field, cells))| {
            column(field.name(), ValueKind::of(cells), field.is_nullable(), &mut builder)
        })
        .collect();
    let columns = builder.create_vector(&columns);
    let name = builder.create_string(about.layer());
    let description = about.description().map(|text| builder.create_string(&text));
    let metadata = about.to_json().map(|pairs| builder.create_string(&pairs.to_string()));
    let envelope = (!bounds.is_empty()).then(|| builder.create_vector(&bounds.degrees()));
    let crs = wgs_84(&mut builder);
    // name, envelope, geometry_type, has_z, has_m, has_t, has_tm, columns, features_count, index_node_size, crs, title,
    // description, metadata
    let header = builder.start_table();
    builder.push_slot_always(slot(0), name);
    if let Some(envelope) = envelope {
        builder.push_slot_always(slot(1), envelope);
    }
    builder.push_slot_always(slot(2), geometry_type);
    builder.push_slot_always(slot(7), columns);
    builder.push_slot_always(slot(8), count);
    builder.push_slot_always(slot(9), node_size);
    builder.push_slot_always(slot(10), crs);
    for (field, text) in [(12, description), (13, metadata)] {
        if let Some(text) = text {
            builder.push_slot_always(slot(field), text);
        }
    }
    let header = builder.end_table(header);
    builder.finish_size_prefixed(header, None);
    Ok(builder.finished_data().to_vec())
}

/// WGS 84 by its EPSG code. Coordinates are in the order longitude, latitude in this format, although EPSG:4326 defines
/// the opposite.
fn wgs_84(builder: &mut FlatBufferBuilder<'static>) -> WIPOffset<TableFinishedWIPOffset> {
    let (organization, name) = (builder.create_string("EPSG"), builder.create_string("WGS 84"));
    // org, code, name
    let crs = builder.start_table();
    builder.push_slot_always(slot(0), organization);
    builder.push_slot_always(slot(1), 4326_i32);
    builder.push_slot_always(slot(2), name);
    builder.end_table(crs)
}

fn column(
    name: &str,
    kind: ValueKind,
    is_nullable: bool,
    builder: &mut FlatBufferBuilder<'static>,
) -> WIPOffset<TableFinishedWIPOffset> {
    let column_type: u8 = match kind {
        ValueKind::Bool => 2,
        ValueKind::Int => 7,
        ValueKind::Float => 10,
        ValueKind::Text => 11,
        ValueKind::Json => 12,
        ValueKind::Time => 13,
    };
    let name = builder.create_string(name);
    // name, type, title, description, width, precision, scale, nullable
    let column = builder.start_table();
    builder.push_slot_always(slot(0), name);
    builder.push_slot_always(slot(1), column_type);
    if !is_nullable {
        builder.push_slot_always(slot(7), false);
    }
    builder.end_table(column)
}
