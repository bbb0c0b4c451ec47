//! Geometries of every kind in well-known binary (OGC 06-103r4), also the extended one of `PostGIS`.

use crate::crs::Crs;
use crate::query::DrawingBuilder;

/// How deep collections may nest.
const DEEPEST: usize = 32;

/// Bits of a type in extended well-known binary.
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;

/// Adds a geometry to the current feature.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn add(bytes: &[u8], found: &mut DrawingBuilder) -> Result<(), String> {
    let mut rest = WkbBytes { bytes, is_big: false };
    rest.geometry(found, DEEPEST)?;
    if rest.bytes.is_empty() { Ok(()) } else { Err("there is more behind the geometry".to_owned()) }
}

/// The bytes that are still to be read.
struct WkbBytes<'a> {
    bytes: &'a [u8],
    is_big: bool,
}

/// The type of a geometry, and how many numbers a position has.
struct WkbType {
    code: u32,
    numbers: usize,
}

impl WkbBytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, tail) = self.bytes.split_first_chunk().ok_or("the geometry ends too early")?;
        self.bytes = tail;
        let mut bytes = *head;
        if self.is_big {
            bytes.reverse();
        }
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, String> {
        self.take().map(u32::from_le_bytes)
    }

    fn header(&mut self) -> Result<WkbType, String> {
        let [order] = self.take()?;
        self.is_big = match order {
            0 => true,
            1 => false,
            _ => return Err("the geometry is not well-known binary".to_owned()),
        };
        let code = self.number()?;
        if code & HAS_SRID != 0 {
            let srid = self.number()?;
            if srid != 0 && Crs::of_code("EPSG", &srid.to_string()) != Ok(Crs::Degrees) {
                return Err(format!(
                    "the geometry is in EPSG:{srid}, and not in longitude and latitude on WGS 84"
                ));
            }
        }
        let plain = code & 0x1FFF_FFFF;
        let more = match (plain / 1000, code & HAS_Z != 0, code & HAS_M != 0) {
            (0, z, m) => usize::from(z) + usize::from(m),
            (1 | 2, ..) => 1,
            (3, ..) => 2,
            _ => return Err(format!("the geometry is of type {plain}, which is not read")),
        };
        Ok(WkbType { code: plain % 1000, numbers: 2 + more })
    }

    fn position(&mut self, numbers: usize) -> Result<[f64; 2], String> {
        let at = [f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)];
        for _ in 2..numbers {
            self.take::<8>()?;
        }
        Ok(at)
    }

    /// Positions. Memory grows with the bytes that are read and not with the count, which may be false.
    fn positions(&mut self, numbers: usize) -> Result<Vec<[f64; 2]>, String> {
        let count = self.number()?;
        let known = self.bytes.len() / (8 * numbers);
        let mut positions = Vec::with_capacity(known.min(count as usize));
        for _ in 0..count {
            positions.push(self.position(numbers)?);
        }
        Ok(positions)
    }

    fn geometry(&mut self, found: &mut DrawingBuilder, depth: usize) -> Result<(), String> {
        let WkbType { code, numbers } = self.header()?;
        match code {
            1 => {
                let at = self.position(numbers)?;
                // Two NaNs are how an empty point is encoded.
                if !at.iter().all(|n| n.is_nan()) {
                    found.point(at);
                }
            }
            2 => found.line(self.positions(numbers)?)?,
            3 => {
                let count = self.number()?;
                let rings = (0..count).map(|_| self.positions(numbers)).collect::<Result<_, _>>()?;
                found.polygon(rings)?;
            }
            // Collections of points, lines, polygons or anything.
            4..=7 => {
                let depth = depth.checked_sub(1).ok_or("the geometry is nested too deeply")?;
                for _ in 0..self.number()? {
                    self.geometry(found, depth)?;
                }
            }
            8..=14 => return Err("the geometry has curves, which are not read".to_owned()),
            other => return Err(format!("the geometry is of type {other}, which is not read")),
        }
        Ok(())
    }
}
