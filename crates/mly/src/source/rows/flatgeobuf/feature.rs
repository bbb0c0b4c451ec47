//! Features (`FlatGeobuf`, `feature.fbs`).

use super::flat::{Damage, FlatTable, take};
use super::header::{
    FeatureColumns, Header, LINE_STRING, MULTI_LINE_STRING, MULTI_POINT, POINT, ValueType, check,
};
use crate::crs::Crs;
use crate::source::rows::column::FileValue;
use crate::source::rows::shape;
use crate::table::Wkb;

/// Bytes of a position.
const POSITION: usize = 16;

/// The values of a feature.
pub(super) struct FeatureRow<'a> {
    values: Vec<FileValue<'a>>,
    geometry: Option<Wkb>,
}

impl FeatureRow<'_> {
    /// The row with its geometry in longitude and latitude.
    ///
    /// # Errors
    /// When a position is not on this earth.
    pub(super) fn placed(mut self, crs: Crs) -> Result<Self, String> {
        self.geometry = self.geometry.map(|geometry| shape::placed(geometry, crs)).transpose()?;
        Ok(self)
    }

    /// The values of a row, the geometry last.
    pub(super) fn cells(&self) -> impl Iterator<Item = FileValue<'_>> {
        let geometry = self.geometry.as_ref().map_or(FileValue::Null, FileValue::Geometry);
        self.values.iter().cloned().chain([geometry])
    }
}

/// Reads a feature.
pub(super) fn read<'a>(
    table: &FlatTable<'a>,
    header: &Header,
    columns: &FeatureColumns,
) -> Result<FeatureRow<'a>, Damage> {
    // geometry, properties, columns
    if !table.tables(2)?.is_empty() {
        return Err(Damage::Other("a feature has columns of its own, which is not supported".to_owned()));
    }
    let mut values = vec![FileValue::Null; columns.types.len()];
    let mut properties = PropertyBytes(table.vector(1, 1)?.unwrap_or_default());
    while let Some((column, value)) = properties.next(&columns.types)? {
        if let Some(place) = values.get_mut(column) {
            *place = value;
        }
    }
    let geometry = table.table(0)?.map(|shape| geometry(&shape, header)).transpose()?.flatten();
    Ok(FeatureRow { values, geometry })
}

/// A geometry; `None` for an empty point.
fn geometry(table: &FlatTable<'_>, header: &Header) -> Result<Option<Wkb>, Damage> {
    // ends, xy, z, m, t, tm, type
    let own_type = table.byte(6)?;
    let geometry_type = if header.geometry_type == 0 { own_type } else { header.geometry_type };
    check(geometry_type).map_err(Damage::Other)?;
    let mut positions = positions(table)?;
    Ok(match geometry_type {
        POINT if positions.len() > 1 => {
            return Err(Damage::Other("a point has several positions".to_owned()));
        }
        POINT => positions.pop().map(Wkb::Point),
        LINE_STRING => Some(Wkb::Lines(vec![positions])),
        MULTI_POINT => Some(Wkb::Points(positions)),
        MULTI_LINE_STRING => Some(Wkb::Lines(lines(table.vector(0, 4)?, &positions)?)),
        _ => return Err(Damage::Other("a geometry has no type".to_owned())),
    })
}

/// The positions of a geometry.
pub(in crate::source) fn positions(table: &FlatTable<'_>) -> Result<Vec<[f64; 2]>, Damage> {
    let numbers = table.vector(1, 8)?.unwrap_or_default();
    if !numbers.len().is_multiple_of(POSITION) {
        return Err(Damage::Other("a position lacks its latitude".to_owned()));
    }
    (0..numbers.len()).step_by(POSITION).map(|at| position(numbers, at)).collect()
}

/// Splits positions into lines; `ends` has the index after the last position of each line.
pub(in crate::source) fn lines(
    ends: Option<&[u8]>,
    positions: &[[f64; 2]],
) -> Result<Vec<Vec<[f64; 2]>>, Damage> {
    let wrong = || Damage::Other("the parts of a line end where there is nothing".to_owned());
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

fn position(numbers: &[u8], at: usize) -> Result<[f64; 2], Damage> {
    let position = [f64::from_le_bytes(take(numbers, at)?), f64::from_le_bytes(take(numbers, at + 8)?)];
    if position.iter().all(|n| n.is_finite()) {
        Ok(position)
    } else {
        Err(Damage::Other("a position is not two numbers".to_owned()))
    }
}

/// The encoded properties of a feature that are still to be read.
pub(in crate::source) struct PropertyBytes<'a>(pub(in crate::source) &'a [u8]);

impl<'a> PropertyBytes<'a> {
    /// The next value and its column.
    pub(in crate::source) fn next(
        &mut self,
        types: &[ValueType],
    ) -> Result<Option<(usize, FileValue<'a>)>, Damage> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let column = usize::from(u16::from_le_bytes(self.take()?));
        let Some(column_type) = types.get(column) else {
            return Err(Damage::Other(format!(
                "a feature has a value in column {column}, which is not there"
            )));
        };
        let value = match column_type {
            ValueType::Byte => FileValue::Int(i8::from_le_bytes(self.take()?).into()),
            ValueType::UByte => FileValue::Int(u8::from_le_bytes(self.take()?).into()),
            ValueType::Bool => FileValue::Bool(self.take()? != [0]),
            ValueType::Short => FileValue::Int(i16::from_le_bytes(self.take()?).into()),
            ValueType::UShort => FileValue::Int(u16::from_le_bytes(self.take()?).into()),
            ValueType::Int => FileValue::Int(i32::from_le_bytes(self.take()?).into()),
            ValueType::UInt => FileValue::Int(u32::from_le_bytes(self.take()?).into()),
            ValueType::Long => FileValue::Int(i64::from_le_bytes(self.take()?)),
            ValueType::ULong => {
                let value = i64::try_from(u64::from_le_bytes(self.take()?)).ok();
                FileValue::Int(
                    value.ok_or_else(|| Damage::Other("a number is greater than 2^63 - 1".to_owned()))?,
                )
            }
            ValueType::Float => FileValue::Float(f32::from_le_bytes(self.take()?).into()),
            ValueType::Double => FileValue::Float(f64::from_le_bytes(self.take()?)),
            ValueType::Text | ValueType::Json | ValueType::Moment => FileValue::Text(self.text()?),
        };
        Ok(Some((column, value)))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Damage::Short)?;
        self.0 = tail;
        Ok(*head)
    }

    fn text(&mut self) -> Result<&'a str, Damage> {
        let length = usize::try_from(u32::from_le_bytes(self.take()?)).or(Err(Damage::Short))?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Damage::Short)?;
        self.0 = rest;
        std::str::from_utf8(text).or(Err(Damage::Text))
    }
}
