//! Shapefiles (ESRI 1998, "Shapefile Technical Description"), alone or in a zip archive.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use serde_json::Value;
use shapefile::dbase::{self, FieldValue, UnicodeLossy};
use shapefile::record::polygon::GenericPolygon;
use shapefile::record::polyline::GenericPolyline;
use shapefile::record::traits::HasXY;
use shapefile::{PolygonRing, Shape, ShapeReader};
use zip::ZipArchive;

use super::choice::one_layer;
use crate::crs::Crs;
use crate::error::{Cause, Error, Hint, Place, Result};
use crate::query::{self, DrawingBuilder};

/// Most bytes that a file of an archive may have unpacked.
const LARGEST: u64 = 4 << 30;

/// The parts of a shapefile that are read.
struct Parts<R> {
    shapes: R,
    /// The values of the features.
    table: Option<R>,
    /// The description of the reference system.
    prj: Option<String>,
}

/// The area of a `.shp` file; `.dbf` and `.prj` stand beside it, if they are there.
pub(super) fn read(
    file: File,
    path: &Path,
    found: DrawingBuilder,
    buffer_m: Option<f64>,
) -> Result<query::Shape> {
    let beside = |suffix: &str| -> Option<PathBuf> {
        let names = [suffix.to_owned(), suffix.to_uppercase()];
        names.iter().map(|suffix| path.with_extension(suffix)).find(|path| path.is_file())
    };
    let text =
        |path: PathBuf| std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let table = beside("dbf").filter(|_| found.wanted().is_some()).map(File::open).transpose();
    let table = table.map_err(|e| Error::input("the .dbf cannot be read").with_source(e))?;
    let prj = beside("prj").and_then(text);
    read_parts(Parts { shapes: BufReader::new(file), table: table.map(BufReader::new), prj }, found, buffer_m)
}

/// The area of a shapefile in an archive.
pub(super) fn read_zip(
    file: File,
    layer: Option<&str>,
    found: DrawingBuilder,
    buffer_m: Option<f64>,
) -> Result<query::Shape> {
    let broken = |e: zip::result::ZipError| Error::input("the zip archive cannot be read").with_source(e);
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    let files: Vec<String> = archive
        .file_names()
        .map(|name| name.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(broken)?;
    let stem = |name: &str| Path::new(name).with_extension("").display().to_string();
    let is = |name: &str, suffix: &str| {
        // Archives made by macOS have copies that begin with `._`.
        Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(suffix))
            && !name.starts_with("__MACOSX")
    };
    let mut layers: Vec<String> =
        files.iter().filter(|name| is(name, "shp")).map(|name| stem(name)).collect();
    layers.sort_unstable();
    let names: Vec<&str> = layers.iter().map(String::as_str).collect();
    if names.is_empty() {
        return Err(
            Error::input("the zip archive holds no shapefile").with_hint("unpack it, and give the file")
        );
    }
    let layer = &layers[one_layer("zip archive", &names, layer)?];
    let mut part = |suffix: &str| -> Result<Option<Vec<u8>>> {
        let Some(name) = files.iter().find(|name| is(name, suffix) && stem(name) == *layer) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        archive.by_name(name).map_err(broken)?.take(LARGEST).read_to_end(&mut bytes).map_err(|e| {
            Error::input(format!("{} of the zip archive cannot be read", name.escape_debug())).with_source(e)
        })?;
        Ok(Some(bytes))
    };
    let shapes = Cursor::new(part("shp")?.unwrap_or_default());
    let table = if found.wanted().is_some() { part("dbf")?.map(Cursor::new) } else { None };
    let prj = part("prj")?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    read_parts(Parts { shapes, table, prj }, found, buffer_m)
}

fn read_parts<R: Read + Seek>(
    parts: Parts<R>,
    mut found: DrawingBuilder,
    buffer_m: Option<f64>,
) -> Result<query::Shape> {
    let Parts { shapes, table, prj } = parts;
    let broken =
        |e: shapefile::Error| Error::input("the shapefile cannot be read").with_source(Cause::from(e));
    // Without a description, the numbers have to be degrees.
    let crs = prj.as_deref().filter(|text| !text.trim().is_empty()).map(Crs::of_text).transpose();
    let crs = crs.map_err(|other| Error::input(other.to_string()).with_hint(Hint::Reproject))?;
    let mut values =
        table.map(|table| values(table, &mut found)).transpose()?.unwrap_or_default().into_iter();
    let mut shapes = ShapeReader::new(shapes).map_err(broken)?;
    for (number, shape) in (1..).zip(shapes.iter_shapes()) {
        let shape = shape.map_err(|e| broken(e).with_place(Place::AfterFeature(number - 1)))?;
        if let Some(value) = values.next() {
            found.value(value);
        }
        add(shape, &mut found).map_err(|what| Error::input(what).with_place(Place::Feature(number)))?;
        found.end_feature();
    }
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

/// The wanted value of each record.
fn values<R: Read + Seek>(table: R, found: &mut DrawingBuilder) -> Result<Vec<Value>> {
    let broken = |e: dbase::Error| Error::input("the .dbf cannot be read").with_source(Cause::from(e));
    let reader = dbase::ReaderBuilder::new().with_encoding(UnicodeLossy).build(table);
    let mut reader = reader.map_err(broken)?;
    let names: Vec<String> = reader.fields().iter().map(|field| field.name().to_owned()).collect();
    for name in &names {
        found.name(name);
    }
    let Some(wanted) = found.wanted().filter(|wanted| names.iter().any(|name| name == wanted)) else {
        return Ok(Vec::new());
    };
    let record = |record: Result<dbase::Record, dbase::Error>| {
        let record = record.map_err(broken)?;
        Ok(record.get(wanted).map(value).unwrap_or_default())
    };
    reader.iter_records().map(record).collect()
}

fn value(field: &FieldValue) -> Value {
    /// Whole numbers up to here are exact in the floating point numbers that the format is read into.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match field {
        FieldValue::Character(text) => text.clone().map_or(Value::Null, Value::from),
        FieldValue::Numeric(Some(number)) if number.fract() == 0.0 && number.abs() < EXACT =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
            Value::from(*number as i64)
        }
        FieldValue::Numeric(number) => number.map_or(Value::Null, Value::from),
        FieldValue::Float(number) => number.map_or(Value::Null, Value::from),
        FieldValue::Double(number) | FieldValue::Currency(number) => Value::from(*number),
        FieldValue::Integer(number) => Value::from(*number),
        FieldValue::Logical(value) => value.map_or(Value::Null, Value::from),
        FieldValue::Date(Some(date)) => {
            Value::from(format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
        }
        _ => Value::Null,
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
