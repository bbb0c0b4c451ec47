//! Features (`FlatGeobuf`, `feature.fbs`).

use super::flat::{Broken, Table, take};
use super::header::{Columns, Header, LINE_STRING, MULTI_LINE_STRING, POINT, Type, check};
use crate::source::rows::column::Cell;
use crate::table::Wkb;

/// Bytes of a position.
const POSITION: usize = 16;

/// The values of a feature.
pub(super) struct Feature<'a> {
    values: Vec<Cell<'a>>,
    geometry: Option<Wkb>,
}

impl Feature<'_> {
    /// The values of a row, the geometry last.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let geometry = self.geometry.as_ref().map_or(Cell::Null, Cell::Geometry);
        self.values.iter().cloned().chain([geometry])
    }
}

/// Reads a feature.
pub(super) fn read<'a>(table: &Table<'a>, header: &Header, columns: &Columns) -> Result<Feature<'a>, Broken> {
    // geometry, properties, columns
    if !table.tables(2)?.is_empty() {
        return Err(Broken::Other("a feature has columns of its own, which is not supported".to_owned()));
    }
    let mut values = vec![Cell::Null; columns.types.len()];
    let mut properties = Properties(table.vector(1, 1)?.unwrap_or_default());
    while let Some((column, value)) = properties.next(&columns.types)? {
        if let Some(place) = values.get_mut(column) {
            *place = value;
        }
    }
    let geometry = table.table(0)?.map(|shape| geometry(&shape, header)).transpose()?.flatten();
    Ok(Feature { values, geometry })
}

/// A geometry; `None` for a point without a position.
fn geometry(table: &Table<'_>, header: &Header) -> Result<Option<Wkb>, Broken> {
    // ends, xy, z, m, t, tm, type
    let own_type = table.byte(6)?;
    let geometry_type = if header.geometry_type == 0 { own_type } else { header.geometry_type };
    check(geometry_type).map_err(Broken::Other)?;
    let numbers = table.vector(1, 8)?.unwrap_or_default();
    if !numbers.len().is_multiple_of(POSITION) {
        return Err(Broken::Other("a position lacks its latitude".to_owned()));
    }
    let positions = (0..numbers.len()).step_by(POSITION).map(|at| position(numbers, at));
    let mut positions = positions.collect::<Result<Vec<_>, _>>()?;
    Ok(match geometry_type {
        POINT if positions.len() > 1 => {
            return Err(Broken::Other("a point has several positions".to_owned()));
        }
        POINT => positions.pop().map(Wkb::Point),
        LINE_STRING => Some(Wkb::Lines(vec![positions])),
        MULTI_LINE_STRING => Some(Wkb::Lines(lines(table.vector(0, 4)?, &positions)?)),
        _ => return Err(Broken::Other("a geometry has no type".to_owned())),
    })
}

/// The lines that end before the given positions.
fn lines(ends: Option<&[u8]>, positions: &[[f64; 2]]) -> Result<Vec<Vec<[f64; 2]>>, Broken> {
    let wrong = || Broken::Other("the parts of a line end where there is nothing".to_owned());
    let Some(ends) = ends else {
        // Some writers do not say where a single line ends.
        return Ok(if positions.is_empty() { Vec::new() } else { vec![positions.to_vec()] });
    };
    let (mut begin, mut lines) = (0, Vec::new());
    for at in (0..ends.len()).step_by(4) {
        let end = usize::try_from(u32::from_le_bytes(take(ends, at)?)).or(Err(wrong()))?;
        lines.push(positions.get(begin..end).ok_or_else(wrong)?.to_vec());
        begin = end;
    }
    if begin == positions.len() { Ok(lines) } else { Err(wrong()) }
}

fn position(numbers: &[u8], at: usize) -> Result<[f64; 2], Broken> {
    let position = [f64::from_le_bytes(take(numbers, at)?), f64::from_le_bytes(take(numbers, at + 8)?)];
    if position.iter().all(|n| n.is_finite()) {
        Ok(position)
    } else {
        Err(Broken::Other("a position is not two numbers".to_owned()))
    }
}

/// Values that are not read yet.
struct Properties<'a>(&'a [u8]);

impl<'a> Properties<'a> {
    /// The next value and its column.
    fn next(&mut self, types: &[Type]) -> Result<Option<(usize, Cell<'a>)>, Broken> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let column = usize::from(u16::from_le_bytes(self.take()?));
        let Some(column_type) = types.get(column) else {
            return Err(Broken::Other(format!(
                "a feature has a value in column {column}, which is not there"
            )));
        };
        let value = match column_type {
            Type::Byte => Cell::Int(i8::from_le_bytes(self.take()?).into()),
            Type::UByte => Cell::Int(u8::from_le_bytes(self.take()?).into()),
            Type::Bool => Cell::Bool(self.take()? != [0]),
            Type::Short => Cell::Int(i16::from_le_bytes(self.take()?).into()),
            Type::UShort => Cell::Int(u16::from_le_bytes(self.take()?).into()),
            Type::Int => Cell::Int(i32::from_le_bytes(self.take()?).into()),
            Type::UInt => Cell::Int(u32::from_le_bytes(self.take()?).into()),
            Type::Long => Cell::Int(i64::from_le_bytes(self.take()?)),
            Type::ULong => {
                let value = i64::try_from(u64::from_le_bytes(self.take()?)).ok();
                Cell::Int(value.ok_or_else(|| Broken::Other("a number is greater than 2^63 - 1".to_owned()))?)
            }
            Type::Float => Cell::Float(f32::from_le_bytes(self.take()?).into()),
            Type::Double => Cell::Float(f64::from_le_bytes(self.take()?)),
            Type::Text | Type::Json | Type::Moment => Cell::Text(self.text()?),
        };
        Ok(Some((column, value)))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Broken::Short)?;
        self.0 = tail;
        Ok(*head)
    }

    fn text(&mut self) -> Result<&'a str, Broken> {
        let length = usize::try_from(u32::from_le_bytes(self.take()?)).or(Err(Broken::Short))?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Broken::Short)?;
        self.0 = rest;
        std::str::from_utf8(text).or(Err(Broken::Text))
    }
}
