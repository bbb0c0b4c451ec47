//! Rows of a shapefile (ESRI 1998, "Shapefile Technical Description"): points and lines, with the values of its table.

use arrow_schema::Field;
use shapefile::record::polyline::GenericPolyline;
use shapefile::record::traits::{GrowablePoint, HasXY, ShrinkablePoint};
use shapefile::{Shape, ShapeType};

use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::known::{Clues, KnownColumns};
use super::shape::{self, GeometryKind};
use crate::error::{Error, Place, Result};
use crate::source::dbf::{DbfColumn, DbfKind, DbfValue};
use crate::source::shapefile::Shapefile;
use crate::table::{ColumnKind, Wkb};

/// Reads the rows of a shapefile.
pub(super) fn read(file: Shapefile, feed: &mut Feed) -> Result<()> {
    let (columns, crs) = (file.columns().to_vec(), file.crs);
    declared::check_count(columns.len())?;
    let kind = kind_of(file.shape_type());
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let known = KnownColumns::of(&names, Clues { has_geometry: true, shape: kind, ..Clues::default() });
    let field = |column: &DbfColumn| -> Result<Field> {
        Ok(declared::declared(&column.name, column_kind(column)?, known.as_ref(), true))
    };
    let mut fields: Vec<Field> = columns.iter().map(field).collect::<Result<_>>()?;
    fields.push(shape::column("geometry", kind, true));
    let mut batches = BatchBuilder::begin(feed, &declared::schema(fields)?)?;
    file.each(&columns, |number, found, values| {
        let place = Place::Row(number);
        let found = geometry(found).map_err(|what| Error::input(what).with_place(place))?;
        let found = found.map(|found| shape::placed(found, crs.unwrap_or_default())).transpose();
        let found = found.map_err(|what| shape::misplaced(what).with_place(place))?;
        let shape = found.as_ref().map_or(FileValue::Null, FileValue::Geometry);
        batches.row(values.iter().map(cell).chain([shape]), place)
    })?;
    batches.finish()
}

fn kind_of(shapes: ShapeType) -> Option<GeometryKind> {
    match shapes {
        ShapeType::Point | ShapeType::PointM | ShapeType::PointZ => Some(GeometryKind::Point),
        ShapeType::Polyline | ShapeType::PolylineM | ShapeType::PolylineZ => Some(GeometryKind::Lines),
        _ => None,
    }
}

fn column_kind(column: &DbfColumn) -> Result<ColumnKind> {
    Ok(match column.kind() {
        DbfKind::Bool => ColumnKind::Bool,
        DbfKind::Int => ColumnKind::Int,
        DbfKind::Float => ColumnKind::Float,
        DbfKind::Text => ColumnKind::Text,
        DbfKind::Other(kind) => {
            let name = column.name.escape_debug();
            return Err(Error::input(format!("column {name} is of type {kind}, which is not read"))
                .with_hint("leave it out, or make it a number or text"));
        }
    })
}

fn cell(value: &DbfValue) -> FileValue<'_> {
    match value {
        DbfValue::Null => FileValue::Null,
        DbfValue::Bool(value) => FileValue::Bool(*value),
        DbfValue::Int(value) => FileValue::Int(*value),
        DbfValue::Float(value) => FileValue::Float(*value),
        DbfValue::Text(value) => FileValue::Text(value),
    }
}

/// A point or lines; `None` for a shape without a place.
fn geometry(shape: Shape) -> Result<Option<Wkb>, String> {
    Ok(Some(match shape {
        Shape::NullShape => return Ok(None),
        Shape::Point(at) => Wkb::Point([at.x, at.y]),
        Shape::PointM(at) => Wkb::Point([at.x, at.y]),
        Shape::PointZ(at) => Wkb::Point([at.x, at.y]),
        Shape::Polyline(line) => lines(&line),
        Shape::PolylineM(line) => lines(&line),
        Shape::PolylineZ(line) => lines(&line),
        other => return Err(shape::refusal(&other.shapetype().to_string().to_uppercase())),
    }))
}

fn lines<P: HasXY + ShrinkablePoint + GrowablePoint + Copy>(line: &GenericPolyline<P>) -> Wkb {
    let part = |part: &Vec<P>| part.iter().map(|at| [at.x(), at.y()]).collect();
    Wkb::Lines(line.parts().iter().map(part).collect())
}
