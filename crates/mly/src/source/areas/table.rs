//! Tables in CSV: geometries in a column `wkt`, or positions in `longitude` and `latitude`, as results have them, or `lon`
//! and `lat`.

use csv::{ByteRecord, Trim};
use serde_json::Value;

use super::wkt::{self, WktCrs};
use crate::error::{Error, Place, Result};
use crate::query::{DrawingBuilder, Shape};
use crate::source::header::other_separator;
use crate::source::rows::csv::{CsvLine, each};

/// Where the geometry of a row is.
enum ShapeFields {
    Wkt(usize),
    Position(usize, usize),
}

/// The area of a table.
pub(super) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let (mut shape, mut column, mut crs) = (None, None, WktCrs::default());
    each(text.as_bytes(), 1, Trim::All, &mut |line| match line {
        CsvLine::Header(names) => {
            let names: Vec<String> =
                names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            shape = Some(shape_fields(&names)?);
            for name in &names {
                found.name(name);
            }
            column = found.wanted().and_then(|wanted| names.iter().position(|name| name == wanted));
            Ok(())
        }
        CsvLine::Row(record, number) => {
            let at_line = |error: Error| error.with_place(Place::Line(number));
            if let Some(text) = column.and_then(|at| record.get(at)) {
                found.value(value(&String::from_utf8_lossy(text)));
            }
            add(record, shape.as_ref(), &mut crs, &mut found).map_err(at_line)?;
            found.end_feature();
            Ok(())
        }
    })?;
    found.finish(crs.0.unwrap_or_default(), buffer_m)
}

fn add(
    record: &ByteRecord,
    shape: Option<&ShapeFields>,
    crs: &mut WktCrs,
    found: &mut DrawingBuilder,
) -> Result<()> {
    let field = |at: usize| str::from_utf8(record.get(at).unwrap_or_default()).unwrap_or("?");
    match shape {
        Some(ShapeFields::Wkt(at)) if !field(*at).is_empty() => wkt::add(field(*at), crs, found),
        Some(ShapeFields::Position(lon, lat)) if !field(*lon).is_empty() || !field(*lat).is_empty() => {
            let number = |at: usize| field(at).parse::<f64>().ok().filter(|n| n.is_finite());
            match number(*lon).zip(number(*lat)) {
                Some((lon, lat)) => found.point([lon, lat]),
                None => return Err(Error::input("longitude and latitude are not two numbers")),
            }
            Ok(())
        }
        // A row without a geometry.
        _ => Ok(()),
    }
}

fn shape_fields(names: &[String]) -> Result<ShapeFields> {
    let place = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    if let Some(at) = place("wkt") {
        return Ok(ShapeFields::Wkt(at));
    }
    let first = |wanted: &[&str]| wanted.iter().find_map(|name| place(name));
    if let Some((lon, lat)) = first(&["longitude", "lon", "lng", "long"]).zip(first(&["latitude", "lat"])) {
        return Ok(ShapeFields::Position(lon, lat));
    }
    if let Some(error) = other_separator(&names.join(","), 1, true) {
        return Err(error);
    }
    Err(Error::input(
        "this is no area: neither GeoJSON, KML, GPX nor well-known text, and no table with a column `wkt`",
    )
    .with_hint(
        "the header of a table names wkt, or longitude and latitude (or lon and lat), with commas between",
    ))
}

/// A field as a number if it is written as whole numbers are, so that `007` stays a text.
fn value(text: &str) -> Value {
    match text.parse::<i64>() {
        _ if text.is_empty() => Value::Null,
        Ok(number) if number.to_string() == text => Value::from(number),
        _ => Value::from(text),
    }
}
