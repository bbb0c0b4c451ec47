//! The features of a `FlatGeobuf` file, in the order of the file.

use std::fs::File;
use std::io::{BufReader, Read};

use serde_json::Value;

use crate::error::{Error, Place, Result};
use crate::query::{DrawingBuilder, Shape};
use crate::source::rows::column::FileValue;
use crate::source::rows::flatgeobuf::feature::{PropertyBytes, lines, positions};
use crate::source::rows::flatgeobuf::flat::{Damage, FlatTable};
use crate::source::rows::flatgeobuf::header::{
    Header, LINE_STRING, MULTI_LINE_STRING, MULTI_POINT, POINT, ValueType,
};
use crate::source::rows::flatgeobuf::{LONGEST_FEATURE, LONGEST_HEADER, MAGIC, broken, sized};

const POLYGON: u8 = 3;
const MULTI_POLYGON: u8 = 6;
const COLLECTION: u8 = 7;

/// How deep collections may nest.
const DEEPEST: usize = 32;

/// The area of a file.
pub(super) fn read(file: File, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let mut input = BufReader::with_capacity(1 << 20, file);
    let header = begin(&mut input).map_err(|e| broken(e, 0))?;
    header.names().for_each(|name| found.name(name));
    let types = header.types();
    let wanted = found.wanted().and_then(|wanted| header.names().position(|name| name == wanted));
    let mut count = 0;
    while header.count == 0 || count < header.count {
        let Some(bytes) = sized(&mut input, LONGEST_FEATURE).map_err(|e| broken(e, count))? else {
            if header.count == 0 {
                break;
            }
            return Err(broken(Damage::Short, count));
        };
        count += 1;
        let at_feature = |error: Damage| match error {
            Damage::Other(what) => Error::input(what).with_place(Place::Feature(count)),
            damage => broken(damage, count - 1),
        };
        add(&bytes, &header, &types, wanted, &mut found).map_err(at_feature)?;
        found.end_feature();
    }
    found.finish(header.crs, buffer_m)
}

/// Reads the header, and skips the index.
fn begin(input: &mut BufReader<File>) -> Result<Header, Damage> {
    let mut magic = [0; 8];
    input.read_exact(&mut magic)?;
    if !magic.starts_with(&MAGIC) {
        return Err(Damage::Other("it is of another version".to_owned()));
    }
    let bytes = sized(input, LONGEST_HEADER)?.ok_or(Damage::Short)?;
    let header = Header::of_any(&FlatTable::root(&bytes)?)?;
    let index = header.index_size().and_then(|size| i64::try_from(size).ok()).ok_or(Damage::Short)?;
    input.seek_relative(index)?;
    Ok(header)
}

fn add(
    bytes: &[u8],
    header: &Header,
    types: &[ValueType],
    wanted: Option<usize>,
    found: &mut DrawingBuilder,
) -> Result<(), Damage> {
    // geometry, properties, columns
    let feature = FlatTable::root(bytes)?;
    let mut properties = PropertyBytes(feature.vector(1, 1)?.unwrap_or_default());
    while let Some(wanted) = wanted {
        let Some((column, value)) = properties.next(types)? else { break };
        if column == wanted {
            found.value(match value {
                FileValue::Bool(value) => Value::from(value),
                FileValue::Int(value) => Value::from(value),
                FileValue::Float(value) => Value::from(value),
                FileValue::Text(value) => Value::from(value),
                _ => Value::Null,
            });
            break;
        }
    }
    match feature.table(0)? {
        Some(geometry) => add_geometry(&geometry, header.geometry_type, found, DEEPEST),
        None => Ok(()),
    }
}

/// Adds a geometry; `declared` is the type of all geometries of the file, or 0.
fn add_geometry(
    table: &FlatTable<'_>,
    declared: u8,
    found: &mut DrawingBuilder,
    depth: usize,
) -> Result<(), Damage> {
    // ends, xy, z, m, t, tm, type, parts
    let kind = if declared == 0 { table.byte(6)? } else { declared };
    let ends = table.vector(0, 4)?;
    match kind {
        POINT | MULTI_POINT => {
            positions_or_empty(table, kind)?.into_iter().for_each(|at| found.point(at));
            Ok(())
        }
        LINE_STRING => found.line(positions(table)?).map_err(Damage::Other),
        MULTI_LINE_STRING => {
            let lines = lines(ends, &positions(table)?)?;
            lines.into_iter().try_for_each(|line| found.line(line)).map_err(Damage::Other)
        }
        POLYGON => found.polygon(lines(ends, &positions(table)?)?).map_err(Damage::Other),
        MULTI_POLYGON | COLLECTION => {
            let too_deep = || Damage::Other("the geometry is nested too deeply".to_owned());
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            let declared = if kind == MULTI_POLYGON { POLYGON } else { 0 };
            table.tables(7)?.iter().try_for_each(|part| add_geometry(part, declared, found, depth))
        }
        other => Err(Damage::Other(format!("the geometry is of type {other}, which is not read"))),
    }
}

/// The positions of points. An empty point has none, or numbers that are none.
fn positions_or_empty(table: &FlatTable<'_>, kind: u8) -> Result<Vec<[f64; 2]>, Damage> {
    match table.vector(1, 8)? {
        Some(numbers)
            if kind == POINT
                && numbers.chunks(8).all(|n| n.try_into().is_ok_and(|n| f64::from_le_bytes(n).is_nan())) =>
        {
            Ok(Vec::new())
        }
        _ => positions(table),
    }
}
