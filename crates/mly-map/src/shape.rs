//! Geometries of a layer as columns of numbers.
//!
//! A row has parts, and a part has positions: one part of one position for a point, a part for each line, a part for
//! each of several points. Polygons are kept as the lines of their rings, since the page draws outlines.

use crate::json::{append_bytes, append_key};

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const COLLECTIONS: [u32; 3] = [4, 5, 6];

/// Bit of the type that says that a reference system follows, and flags of further dimensions (EWKB).
const FLAGS: u32 = 0xE000_0000;

/// Codes of what a row is.
const NOTHING: u8 = 0;
const PLACES: u8 = 1;
const LINES: u8 = 2;

/// The geometries of the rows so far.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// What each row is.
    kinds: Vec<u8>,
    /// How many parts each row has.
    parts: Vec<u32>,
    /// How many positions each part has.
    lengths: Vec<u32>,
    /// Longitude and latitude of all positions.
    positions: Vec<f64>,
}

/// Why a geometry cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShapeError {
    /// It is of a type that is not read, or cut off.
    Unknown,
    /// Its numbers are no longitude and latitude.
    Place,
}

impl ShapeError {
    /// What is wrong with the geometry.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Unknown => "its geometry is neither points nor lines nor polygons in well-known binary",
            Self::Place => "its geometry is not in degrees of longitude and latitude",
        }
    }
}

impl Shapes {
    /// Adds a row without a geometry.
    pub(crate) fn push_nothing(&mut self) {
        self.kinds.push(NOTHING);
        self.parts.push(0);
    }

    /// Adds a geometry in well-known binary. Empty ones count as none.
    pub(crate) fn push(&mut self, wkb: &[u8]) -> Result<(), ShapeError> {
        let (parts, numbers) = (self.lengths.len(), self.positions.len());
        let kind = self.read(&mut &*wkb, 0)?;
        let added = self.positions.get(numbers..).unwrap_or_default();
        if added.iter().any(|number| !number.is_finite()) || added.is_empty() {
            self.lengths.truncate(parts);
            self.positions.truncate(numbers);
            self.push_nothing();
            return Ok(());
        }
        let is_place = |at: &[f64]| matches!(at, [lon, lat] if lon.abs() <= 360.0 && lat.abs() <= 90.0);
        if !added.chunks_exact(2).all(is_place) {
            return Err(ShapeError::Place);
        }
        self.kinds.push(kind);
        self.parts.push(u32::try_from(self.lengths.len() - parts).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Bytes in the page, nearly.
    pub(crate) fn size(&self) -> usize {
        (self.positions.len() * 8 + self.lengths.len() * 4 + self.parts.len() * 5) / 3 * 4
    }

    /// How many rows have a place.
    pub(crate) fn placed(&self) -> usize {
        self.kinds.iter().filter(|kind| **kind != NOTHING).count()
    }

    /// Whether any row is lines.
    pub(crate) fn has_lines(&self) -> bool {
        self.kinds.contains(&LINES)
    }

    /// Appends the members of a JSON object. What follows from the rest is left out: a layer where every row is one
    /// point has positions alone.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        append_bytes("positions", &bytes_of_floats(&self.positions), out);
        let are_points =
            self.kinds.iter().all(|kind| *kind == PLACES) && self.lengths.len() == self.kinds.len();
        if !are_points {
            append_bytes("kinds", &self.kinds, out);
            append_bytes("parts", &bytes_of_counts(&self.parts), out);
            append_bytes("lengths", &bytes_of_counts(&self.lengths), out);
        }
        append_key("rows", out);
        out.extend_from_slice(self.kinds.len().to_string().as_bytes());
        out.push(b'}');
    }

    /// Reads one geometry, which may be in another one.
    fn read(&mut self, rest: &mut &[u8], depth: u8) -> Result<u8, ShapeError> {
        let is_little = match take::<1>(rest)? {
            [0] => false,
            [1] => true,
            _ => return Err(ShapeError::Unknown),
        };
        match number(rest, is_little)? {
            code if code & FLAGS != 0 => Err(ShapeError::Unknown),
            POINT => {
                self.read_positions(rest, 1, is_little)?;
                Ok(PLACES)
            }
            LINE => {
                let count = number(rest, is_little)?;
                self.read_positions(rest, count, is_little)?;
                Ok(LINES)
            }
            POLYGON => {
                for _ in 0..number(rest, is_little)? {
                    let count = number(rest, is_little)?;
                    self.read_positions(rest, count, is_little)?;
                }
                Ok(LINES)
            }
            code if COLLECTIONS.contains(&code) && depth == 0 => {
                let mut kind = PLACES;
                for _ in 0..number(rest, is_little)? {
                    kind = kind.max(self.read(rest, depth + 1)?);
                }
                Ok(kind)
            }
            _ => Err(ShapeError::Unknown),
        }
    }

    fn read_positions(&mut self, rest: &mut &[u8], count: u32, is_little: bool) -> Result<(), ShapeError> {
        // The count is from the file, so it is compared with what is there before anything is allocated.
        let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(16));
        let size = size.filter(|size| *size <= rest.len()).ok_or(ShapeError::Unknown)?;
        let (own, after) = rest.split_at(size);
        let (numbers, _) = own.as_chunks::<8>();
        let read = if is_little { f64::from_le_bytes } else { f64::from_be_bytes };
        self.positions.extend(numbers.iter().map(|bytes| read(*bytes)));
        if count > 0 {
            self.lengths.push(count);
        }
        *rest = after;
        Ok(())
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ShapeError> {
    let (own, after) = rest.split_first_chunk::<N>().ok_or(ShapeError::Unknown)?;
    *rest = after;
    Ok(*own)
}

fn number(rest: &mut &[u8], is_little: bool) -> Result<u32, ShapeError> {
    let bytes = take::<4>(rest)?;
    Ok(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
}

/// Numbers as bytes, the least significant one first, as typed arrays of browsers have them.
pub(crate) fn bytes_of_floats(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn bytes_of_counts(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
