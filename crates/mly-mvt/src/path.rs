//! The commands of a geometry, read.

use crate::error::{Error, ErrorKind};
use crate::geometry::{Geometry, GeometryKind, Polygon, doubled_area};
use crate::integers::Integers;
use crate::wire;

/// Commands, the low three bits of a command integer.
pub(crate) const MOVE_TO: u32 = 1;
pub(crate) const LINE_TO: u32 = 2;
pub(crate) const CLOSE_PATH: u32 = 7;

/// What decides how a geometry is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathRules {
    /// The version of the layer.
    pub(crate) version: u32,
    /// The most vertices of a feature.
    pub(crate) vertices: usize,
}

const NOT_MOVE_TO: &str = "a point has a command other than MoveTo";
const NO_START: &str = "a line or ring does not begin with one MoveTo";
const NO_STROKE: &str = "a line or ring has too few vertices";
const NO_END: &str = "a ring does not end with one ClosePath";

/// The first vertex of a point geometry. `feature` is the offset that an error names when there is no geometry.
#[inline]
pub(crate) fn first_point(mut integers: Integers<'_>, feature: usize) -> Result<[i32; 2], Error> {
    if integers.is_done()? {
        return Err(Error::new(ErrorKind::Missing("geometry"), feature));
    }
    let at = integers.offset();
    let command = integers.next()?;
    if command & 7 != MOVE_TO || command >> 3 == 0 {
        return Err(Error::new(ErrorKind::Command(NOT_MOVE_TO), at));
    }
    Ok([wire::unzigzag(integers.next()?), wire::unzigzag(integers.next()?)])
}

/// Reads a whole geometry. `feature` is the offset that an error names when there is no geometry.
pub(crate) fn read(
    kind: GeometryKind,
    integers: Integers<'_>,
    feature: usize,
    rules: PathRules,
) -> Result<Geometry, Error> {
    let mut path = CommandReader { integers, cursor: [0, 0], vertices: 0, rules };
    match kind {
        GeometryKind::Unknown => Ok(Geometry::Unknown),
        GeometryKind::Point => some(path.points()?, feature).map(Geometry::Points),
        GeometryKind::LineString => some(path.lines()?, feature).map(Geometry::Lines),
        GeometryKind::Polygon => some(path.polygons()?, feature).map(Geometry::Polygons),
    }
}

/// The parts of a geometry, of which there has to be one.
fn some<T>(parts: Vec<T>, feature: usize) -> Result<Vec<T>, Error> {
    if parts.is_empty() { Err(Error::new(ErrorKind::Missing("geometry"), feature)) } else { Ok(parts) }
}

/// Reads the commands of one geometry from first to last.
struct CommandReader<'a> {
    integers: Integers<'a>,
    /// The last vertex: the format writes each vertex as its distance from the one before.
    cursor: [i32; 2],
    /// Vertices so far, all parts together.
    vertices: usize,
    rules: PathRules,
}

/// A command, how often it is repeated, and its offset in the tile.
#[derive(Clone, Copy)]
struct Command {
    id: u32,
    count: u32,
    at: usize,
}

impl Command {
    fn fail<T>(&self, rule: &'static str) -> Result<T, Error> {
        Err(Error::new(ErrorKind::Command(rule), self.at))
    }
}

impl CommandReader<'_> {
    /// Version 1 left open how paths begin and end. Its tiles have rings of one or two vertices, paths that close with
    /// a count of 0 or 2, and paths that close before they open.
    fn is_lenient(&self) -> bool {
        self.rules.version == 1
    }

    fn command(&mut self) -> Result<Option<Command>, Error> {
        if self.integers.is_done()? {
            return Ok(None);
        }
        let at = self.integers.offset();
        let n = self.integers.next()?;
        Ok(Some(Command { id: n & 7, count: n >> 3, at }))
    }

    /// How many vertices the command has. A count that the bytes left cannot hold is refused here, before anything is
    /// allocated for it.
    fn count(&mut self, command: Command) -> Result<usize, Error> {
        let count = command.count as usize;
        // Each vertex takes two bytes at least.
        if count > self.integers.at_most() / 2 {
            return command.fail("a command has fewer vertices than it says");
        }
        self.vertices += count;
        if self.vertices > self.rules.vertices {
            let kind = ErrorKind::Limit { what: "vertices", limit: self.rules.vertices };
            return Err(Error::new(kind, command.at));
        }
        Ok(count)
    }

    fn vertex(&mut self) -> Result<[i32; 2], Error> {
        let [x, y] = self.cursor;
        let dx = wire::unzigzag(self.integers.next()?);
        let dy = wire::unzigzag(self.integers.next()?);
        self.cursor = [x.saturating_add(dx), y.saturating_add(dy)];
        Ok(self.cursor)
    }

    fn points(&mut self) -> Result<Vec<[i32; 2]>, Error> {
        let mut points = Vec::new();
        while let Some(command) = self.command()? {
            if command.id != MOVE_TO || command.count == 0 {
                return command.fail(NOT_MOVE_TO);
            }
            let count = self.count(command)?;
            points.reserve_exact(count);
            for _ in 0..count {
                points.push(self.vertex()?);
            }
        }
        Ok(points)
    }

    /// A line, or a ring without its last vertex: `MoveTo`, and a `LineTo` of `least` vertices or more, which may be
    /// missing when that is 0. Also gives the command that follows.
    fn stroke(&mut self, start: Command, least: u32) -> Result<(Vec<[i32; 2]>, Option<Command>), Error> {
        if start.id != MOVE_TO || start.count != 1 {
            return start.fail(NO_START);
        }
        self.count(start)?;
        let first = self.vertex()?;
        let mut next = self.command()?;
        let line_to = next.filter(|command| command.id == LINE_TO && command.count >= least);
        if line_to.is_none() && least > 0 {
            return next.unwrap_or(start).fail(NO_STROKE);
        }
        let count = line_to.map_or(Ok(0), |line_to| self.count(line_to))?;
        // One more for the end of a ring.
        let mut vertices = Vec::with_capacity(count + 2);
        vertices.push(first);
        for _ in 0..count {
            vertices.push(self.vertex()?);
        }
        if line_to.is_some() {
            next = self.command()?;
        }
        Ok((vertices, next))
    }

    fn lines(&mut self) -> Result<Vec<Vec<[i32; 2]>>, Error> {
        let mut lines = Vec::new();
        let mut next = self.command()?;
        while let Some(start) = next {
            let mut line;
            (line, next) = self.stroke(start, 1)?;
            if self.is_lenient() && next.is_some_and(|command| command.id == CLOSE_PATH) {
                line.extend(line.first().copied());
                next = self.command()?;
            }
            lines.push(line);
        }
        Ok(lines)
    }

    fn polygons(&mut self) -> Result<Vec<Polygon>, Error> {
        let mut polygons: Vec<Polygon> = Vec::new();
        // Exteriors wind as the first ring does. Version 2 says which way that has to be, version 1 does not, and
        // encoders of both get it wrong for all rings together, not ring by ring.
        let mut outward = None;
        while let Some(start) = self.command()? {
            if self.is_lenient() && start.id == CLOSE_PATH {
                continue;
            }
            let ring = self.ring(start)?;
            let area = doubled_area(&ring).signum();
            let outward = *outward.get_or_insert(if area < 0 { -1 } else { 1 });
            match polygons.last_mut() {
                Some(polygon) if area != outward => polygon.interiors.push(ring),
                _ => polygons.push(Polygon { exterior: ring, interiors: Vec::new() }),
            }
        }
        Ok(polygons)
    }

    fn ring(&mut self, start: Command) -> Result<Vec<[i32; 2]>, Error> {
        let (mut ring, end) = self.stroke(start, if self.is_lenient() { 0 } else { 2 })?;
        if !end.is_some_and(|end| end.id == CLOSE_PATH && (end.count == 1 || self.is_lenient())) {
            return end.unwrap_or(start).fail(NO_END);
        }
        ring.extend(ring.first().copied());
        Ok(ring)
    }
}
