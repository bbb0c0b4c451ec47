//! Geometries as commands.

use crate::error::ErrorKind;
use crate::geometry::{Geometry, Polygon, doubled_area};
use crate::path::{CLOSE_PATH, LINE_TO, MOVE_TO};
use crate::put;

/// Appends the commands of a geometry; none of an unknown one.
pub(super) fn write(geometry: &Geometry, version: u32, out: &mut Vec<u8>) -> Result<(), ErrorKind> {
    // Tiles of version 1 hold rings of a single point and rings that go to a point and back; both are written again.
    let mut path = CommandWriter { out, cursor: [0, 0], least: if version == 1 { 2 } else { 4 } };
    match geometry {
        Geometry::Unknown => Ok(()),
        Geometry::Points(points) => path.points(points),
        Geometry::Lines(lines) => path.lines(lines),
        Geometry::Polygons(polygons) => path.polygons(polygons),
    }
}

/// Appends the commands of one point.
#[inline]
pub(super) fn write_point([x, y]: [i32; 2], out: &mut Vec<u8>) {
    for n in [MOVE_TO | 1 << 3, put::zigzag(x), put::zigzag(y)] {
        put::varint(out, u64::from(n));
    }
}

/// Writes the commands of one geometry.
struct CommandWriter<'o> {
    out: &'o mut Vec<u8>,
    cursor: [i32; 2],
    /// Least vertices of a ring, its last one included.
    least: usize,
}

impl CommandWriter<'_> {
    fn command(&mut self, id: u32, count: usize) -> Result<(), ErrorKind> {
        // 29 bits are left for the count.
        match u32::try_from(count) {
            Ok(count @ 0..0x2000_0000) => put::varint(self.out, u64::from(count << 3 | id)),
            _ => return Err(ErrorKind::Geometry("a part has 2^29 vertices or more")),
        }
        Ok(())
    }

    fn vertex(&mut self, to: [i32; 2]) -> Result<(), ErrorKind> {
        for (from, to) in self.cursor.into_iter().zip(to) {
            let Some(delta) = to.checked_sub(from) else {
                return Err(ErrorKind::Geometry("two vertices are too far apart"));
            };
            put::varint(self.out, u64::from(put::zigzag(delta)));
        }
        self.cursor = to;
        Ok(())
    }

    fn points(&mut self, points: &[[i32; 2]]) -> Result<(), ErrorKind> {
        if points.is_empty() {
            return Err(ErrorKind::Geometry("a geometry has no points"));
        }
        self.command(MOVE_TO, points.len())?;
        points.iter().try_for_each(|&point| self.vertex(point))
    }

    /// A `MoveTo` to the first vertex and one `LineTo` through the others; a ring of one vertex has no others.
    fn stroke(
        &mut self,
        first: [i32; 2],
        rest: impl ExactSizeIterator<Item = [i32; 2]>,
    ) -> Result<(), ErrorKind> {
        self.command(MOVE_TO, 1)?;
        self.vertex(first)?;
        if rest.len() > 0 {
            self.command(LINE_TO, rest.len())?;
        }
        for vertex in rest {
            self.vertex(vertex)?;
        }
        Ok(())
    }

    fn lines(&mut self, lines: &[Vec<[i32; 2]>]) -> Result<(), ErrorKind> {
        if lines.is_empty() {
            return Err(ErrorKind::Geometry("a geometry has no lines"));
        }
        for line in lines {
            let [first, _, ..] = line.as_slice() else {
                return Err(ErrorKind::Geometry("a line has fewer than two vertices"));
            };
            self.stroke(*first, line.iter().skip(1).copied())?;
        }
        Ok(())
    }

    fn polygons(&mut self, polygons: &[Polygon]) -> Result<(), ErrorKind> {
        if polygons.is_empty() {
            return Err(ErrorKind::Geometry("a geometry has no polygons"));
        }
        for (nth, polygon) in polygons.iter().enumerate() {
            let area = doubled_area(&polygon.exterior);
            // Readers tell exteriors from holes by the sign of their area, so one without area would become a hole of the
            // polygon before it.
            if area == 0 && nth > 0 {
                return Err(ErrorKind::Geometry("a polygon after the first has no area"));
            }
            // Version 2 asks for exteriors that wind clockwise on a screen and holes that wind the other way.
            self.ring(&polygon.exterior, area < 0)?;
            for interior in &polygon.interiors {
                self.ring(interior, doubled_area(interior) > 0)?;
            }
        }
        Ok(())
    }

    fn ring(&mut self, ring: &[[i32; 2]], reverse: bool) -> Result<(), ErrorKind> {
        let too_few = Err(ErrorKind::Geometry("a ring has too few vertices"));
        let [first, middle @ .., last] = ring else { return too_few };
        if ring.len() < self.least {
            return too_few;
        }
        if first != last {
            return Err(ErrorKind::Geometry("a ring is not closed"));
        }
        if reverse {
            self.stroke(*first, middle.iter().rev().copied())?;
        } else {
            self.stroke(*first, middle.iter().copied())?;
        }
        self.command(CLOSE_PATH, 1)
    }
}
