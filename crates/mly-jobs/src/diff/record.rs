//! What is compared of a row, in few bytes, so that millions of rows fit in memory and more can be sorted on the disk.

use std::io::{self, Read, Write};
use std::num::NonZeroI64;

use crate::columns::Id;
use crate::metric::{Position, distance_m};

/// What is compared of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) id: Id,
    /// Number of the row in its input, from 0.
    pub(super) row: u64,
    /// A point; of lines the south-western corner of their box; NaN without a geometry.
    near: Position,
    /// A point; of lines the north-eastern corner of their box.
    far: Position,
    /// Of map features the number of the value; of other rows a hash of what they hold.
    pub(super) content: u64,
    /// When a map feature was last seen, in milliseconds since 1970, if it says so.
    pub(super) last_ms: Option<NonZeroI64>,
    /// The direction from a map feature to the cameras that saw it, in degrees; NaN if it is not known.
    facing: f32,
    /// Whether the service still showed it when its result was made.
    pub(super) is_shown: bool,
}

/// What is compared of a row that has an id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// A point twice, or the corners of the box of lines.
    pub(super) corners: Option<[Position; 2]>,
    pub(super) content: u64,
    pub(super) last_ms: Option<i64>,
    pub(super) facing: Option<f64>,
    pub(super) is_shown: bool,
}

impl Record {
    pub(super) fn new(id: Id, row: u64, traits: &Traits) -> Self {
        let [near, far] = traits.corners.unwrap_or([[f64::NAN; 2]; 2]);
        #[expect(clippy::cast_possible_truncation, reason = "a thousandth of a degree is enough")]
        let facing = traits.facing.map_or(f32::NAN, |angle| angle as f32);
        let last_ms = traits.last_ms.and_then(NonZeroI64::new);
        let &Traits { content, is_shown, .. } = traits;
        Self { id, row, near, far, content, last_ms, facing, is_shown }
    }

    /// The position of a point.
    pub(super) fn at(&self) -> Option<Position> {
        (!self.near[0].is_nan()).then_some(self.near)
    }

    /// The direction to the cameras that saw it, in degrees.
    pub(super) fn facing(&self) -> Option<f64> {
        (!self.facing.is_nan()).then_some(f64::from(self.facing))
    }

    /// How far it is from another one, in metres; of lines the farther of the corners of their boxes.
    pub(super) fn moved_m(&self, other: &Self) -> Option<f64> {
        self.at()?;
        other.at()?;
        Some(distance_m(self.near, other.near).max(distance_m(self.far, other.far)))
    }

    /// Writes the record.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match &self.id {
            Id::Number(number) => {
                out.write_all(&[0])?;
                out.write_all(&number.to_le_bytes())?;
            }
            Id::Text(text) => {
                out.write_all(&[1])?;
                out.write_all(&(text.len() as u64).to_le_bytes())?;
                out.write_all(text.as_bytes())?;
            }
        }
        out.write_all(&self.row.to_le_bytes())?;
        for number in [self.near, self.far].as_flattened() {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&self.content.to_le_bytes())?;
        out.write_all(&self.last_ms.map_or(0, NonZeroI64::get).to_le_bytes())?;
        out.write_all(&self.facing.to_le_bytes())?;
        out.write_all(&[u8::from(self.is_shown)])
    }

    /// Reads a record that [`Record::write`] wrote; `None` at the end.
    pub(super) fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut kind = [0];
        if input.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let id = if kind == [0] {
            Id::Number(i64::from_le_bytes(bytes(input)?))
        } else {
            let length = u64::from_le_bytes(bytes(input)?);
            let mut text = String::new();
            input.take(length).read_to_string(&mut text)?;
            Id::Text(text.into())
        };
        let row = u64::from_le_bytes(bytes(input)?);
        let mut position =
            || Ok::<_, io::Error>([f64::from_le_bytes(bytes(input)?), f64::from_le_bytes(bytes(input)?)]);
        let (near, far) = (position()?, position()?);
        let content = u64::from_le_bytes(bytes(input)?);
        let last_ms = NonZeroI64::new(i64::from_le_bytes(bytes(input)?));
        let facing = f32::from_le_bytes(bytes(input)?);
        let [flag] = bytes(input)?;
        Ok(Some(Self { id, row, near, far, content, last_ms, facing, is_shown: flag == 1 }))
    }
}

fn bytes<const N: usize>(input: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}
