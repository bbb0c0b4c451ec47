//! Geometries in well-known text, one a line; also the extended one of `PostGIS`, which names a reference system.

use std::str::FromStr;

use wkt::Wkt;
use wkt::types::{Coord, LineString, Polygon};

use crate::crs::Crs;
use crate::error::{Error, Hint, Place, Result};
use crate::query::{DrawingBuilder, Shape};

/// How deep collections may nest; the parser takes memory of the stack for each.
const DEEPEST: usize = 64;

/// First words of geometries.
const WORDS: [&str; 8] = [
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "SRID",
];

/// Whether a text begins as well-known text does.
pub(super) fn is_wkt(text: &str) -> bool {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
        && rest.trim_start().starts_with(|c: char| matches!(c, '(' | '=') || c.is_ascii_alphabetic())
}

/// The area of a text with one geometry a line.
pub(super) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let mut crs = WktCrs::default();
    for (number, line) in (1..).zip(text.lines()) {
        if !line.trim().is_empty() {
            add(line, &mut crs, &mut found).map_err(|error| error.with_place(Place::Line(number)))?;
            found.end_feature();
        }
    }
    found.finish(crs.0.unwrap_or_default(), buffer_m)
}

/// The reference system that the geometries of a file name, which has to be the same for all.
#[derive(Default)]
pub(super) struct WktCrs(pub(super) Option<Crs>);

impl WktCrs {
    fn set(&mut self, crs: Crs) -> Result<()> {
        if self.0.replace(crs).is_some_and(|before| before != crs) {
            return Err(Error::input("its parts are in different reference systems")
                .with_hint("give each of them a file of its own"));
        }
        Ok(())
    }
}

/// Adds the geometry of a text to the current feature.
pub(super) fn add(text: &str, crs: &mut WktCrs, found: &mut DrawingBuilder) -> Result<()> {
    let text = text.trim();
    let (named, geometry) = match text.split_once(';') {
        Some((head, rest)) if head.trim().to_ascii_uppercase().starts_with("SRID") => {
            let code = head.split_once('=').map(|(_, code)| code.trim()).unwrap_or_default();
            let known = Crs::of_code("EPSG", code);
            (known.map_err(|other| Error::input(other.to_string()).with_hint(Hint::Reproject))?, rest)
        }
        _ => (Crs::Degrees, text),
    };
    crs.set(named)?;
    let nested = geometry.bytes().scan(0_usize, |depth, byte| {
        match byte {
            b'(' => *depth += 1,
            b')' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    if nested.max().unwrap_or_default() > DEEPEST {
        return Err(Error::input("the geometry is nested too deeply"));
    }
    let wkt = Wkt::<f64>::from_str(geometry).map_err(|what| {
        let start: String = geometry.trim().chars().take(30).collect();
        Error::input(format!("this is no well-known text: {what}, in `{}`", start.escape_debug()))
            .with_hint("a geometry is such as POINT(9 52) or POLYGON((9 52, 9.1 52, 9.1 52.1, 9 52))")
    })?;
    add_parsed(wkt, found).map_err(Error::input)
}

fn add_parsed(wkt: Wkt<f64>, found: &mut DrawingBuilder) -> Result<(), String> {
    match wkt {
        Wkt::Point(point) => point.coord().into_iter().for_each(|at| found.point([at.x, at.y])),
        Wkt::MultiPoint(points) => {
            points.points().iter().filter_map(|point| point.coord()).for_each(|at| found.point([at.x, at.y]));
        }
        Wkt::LineString(line) => found.line(positions(&line))?,
        Wkt::MultiLineString(lines) => {
            lines.line_strings().iter().try_for_each(|line| found.line(positions(line)))?;
        }
        Wkt::Polygon(polygon) => found.polygon(rings(&polygon))?,
        Wkt::MultiPolygon(polygons) => {
            polygons.polygons().iter().try_for_each(|polygon| found.polygon(rings(polygon)))?;
        }
        Wkt::GeometryCollection(all) => {
            all.into_inner().0.into_iter().try_for_each(|part| add_parsed(part, found))?;
        }
    }
    Ok(())
}

fn rings(polygon: &Polygon<f64>) -> Vec<Vec<[f64; 2]>> {
    polygon.rings().iter().map(positions).collect()
}

fn positions(line: &LineString<f64>) -> Vec<[f64; 2]> {
    line.coords().iter().map(|Coord { x, y, .. }| [*x, *y]).collect()
}
