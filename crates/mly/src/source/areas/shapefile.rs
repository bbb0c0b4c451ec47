//! Areas of shapefiles.

use serde_json::Value;
use shapefile::record::polygon::GenericPolygon;
use shapefile::record::polyline::GenericPolyline;
use shapefile::record::traits::HasXY;
use shapefile::{PolygonRing, Shape};

use crate::error::{Error, Place, Result};
use crate::query::{self, DrawingBuilder};
use crate::source::dbf::{DbfColumn, DbfValue};
use crate::source::shapefile::Shapefile;

/// The area of a shapefile.
pub(super) fn read(
    file: Shapefile,
    mut found: DrawingBuilder,
    buffer_m: Option<f64>,
) -> Result<query::Shape> {
    let crs = file.crs;
    for column in file.columns() {
        found.name(&column.name);
    }
    let is_wanted = |column: &&DbfColumn| found.wanted() == Some(&column.name);
    let wanted: Vec<DbfColumn> = file.columns().iter().find(is_wanted).cloned().into_iter().collect();
    file.each(&wanted, |number, shape, values| {
        if let Some(value) = values.into_iter().next() {
            found.value(json(value));
        }
        add(shape, &mut found).map_err(|what| Error::input(what).with_place(Place::Feature(number)))?;
        found.end_feature();
        Ok(())
    })?;
    let area = found.finish(crs.unwrap_or_default(), buffer_m);
    match (&area, crs) {
        (Err(error), None) if error.hint().is_some_and(|hint| hint.to_string().contains("-s_srs")) => {
            let what = format!("there is no .prj beside it, and its numbers cannot be degrees: {error}");
            Err(Error::query(what)
                .with_hint("if you know what they are: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN"))
        }
        _ => area,
    }
}

fn json(value: DbfValue) -> Value {
    match value {
        DbfValue::Null => Value::Null,
        DbfValue::Bool(value) => Value::from(value),
        DbfValue::Int(value) => Value::from(value),
        // Numbers of columns with decimals that are whole, as `7.000`.
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        DbfValue::Float(value) if value.fract() == 0.0 && value.abs() < 2_f64.powi(53) => {
            Value::from(value as i64)
        }
        DbfValue::Float(value) => Value::from(value),
        DbfValue::Text(value) => Value::from(value),
    }
}

fn add(shape: Shape, found: &mut DrawingBuilder) -> Result<(), String> {
    match shape {
        Shape::NullShape => Ok(()),
        Shape::Point(at) => add_points(&[at], found),
        Shape::PointM(at) => add_points(&[at], found),
        Shape::PointZ(at) => add_points(&[at], found),
        Shape::Multipoint(all) => add_points(all.points(), found),
        Shape::MultipointM(all) => add_points(all.points(), found),
        Shape::MultipointZ(all) => add_points(all.points(), found),
        Shape::Polyline(line) => add_lines(&line, found),
        Shape::PolylineM(line) => add_lines(&line, found),
        Shape::PolylineZ(line) => add_lines(&line, found),
        Shape::Polygon(polygon) => add_polygon(&polygon, found),
        Shape::PolygonM(polygon) => add_polygon(&polygon, found),
        Shape::PolygonZ(polygon) => add_polygon(&polygon, found),
        Shape::Multipatch(_) => Err("the geometry is a multipatch, which is not read".to_owned()),
    }
}

fn position(at: &impl HasXY) -> [f64; 2] {
    [at.x(), at.y()]
}

#[expect(clippy::unnecessary_wraps, reason = "as of the other kinds")]
fn add_points(points: &[impl HasXY], found: &mut DrawingBuilder) -> Result<(), String> {
    for at in points {
        found.point(position(at));
    }
    Ok(())
}

fn add_lines<
    P: HasXY + shapefile::record::traits::ShrinkablePoint + shapefile::record::traits::GrowablePoint + Copy,
>(
    line: &GenericPolyline<P>,
    found: &mut DrawingBuilder,
) -> Result<(), String> {
    line.parts().iter().try_for_each(|part| found.line(part.iter().map(position).collect()))
}

/// Adds the polygons of a shape. Each outer ring begins one; an inner ring belongs to the outer ring around it, which need
/// not be the one before it.
fn add_polygon<P: HasXY>(polygon: &GenericPolygon<P>, found: &mut DrawingBuilder) -> Result<(), String>
where
    GenericPolygon<P>: RingsOf<P>,
{
    let (mut polygons, mut holes) = (Vec::new(), Vec::new());
    for ring in polygon.rings_of() {
        match ring {
            PolygonRing::Outer(points) => {
                polygons.push(vec![points.iter().map(position).collect::<Vec<_>>()]);
            }
            PolygonRing::Inner(points) => holes.push(points.iter().map(position).collect::<Vec<_>>()),
        }
    }
    for hole in holes {
        let around = match (hole.first(), polygons.len()) {
            (_, 0 | 1) | (None, _) => 0,
            (Some(at), _) => {
                polygons.iter().position(|rings| encloses(&rings[0], *at)).unwrap_or(polygons.len() - 1)
            }
        };
        match polygons.get_mut(around) {
            Some(rings) => rings.push(hole),
            // Some programs wind all rings the wrong way.
            None => polygons.push(vec![hole]),
        }
    }
    polygons.into_iter().try_for_each(|rings| found.polygon(rings))
}

/// Gives the rings of polygons of any kind of points.
trait RingsOf<P> {
    fn rings_of(&self) -> &[PolygonRing<P>];
}

impl<
    P: HasXY
        + shapefile::record::traits::ShrinkablePoint
        + shapefile::record::traits::GrowablePoint
        + Copy
        + PartialEq,
> RingsOf<P> for GenericPolygon<P>
{
    fn rings_of(&self) -> &[PolygonRing<P>] {
        self.rings()
    }
}

/// Whether a ring goes around a position; which of the two a position on it counts for does not matter here.
fn encloses(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crossed = ring.windows(2).filter(|edge| {
        let ([x0, y0], [x1, y1]) = (edge[0], edge[1]);
        (y0 > y) != (y1 > y) && x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
    });
    crossed.count() % 2 == 1
}
