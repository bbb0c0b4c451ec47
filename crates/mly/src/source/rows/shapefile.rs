//! Rows of a shapefile (ESRI 1998, "Shapefile Technical Description"): points and lines, with the values of its table.

use std::io::{Read, Seek, SeekFrom};

use arrow_schema::Field;
use shapefile::dbase::{FieldError, FieldIterator, FieldType, FieldValue, ReadableRecord, Reader};
use shapefile::record::polyline::GenericPolyline;
use shapefile::record::traits::{GrowablePoint, HasXY, ShrinkablePoint};
use shapefile::{Shape, ShapeReader, ShapeType};

use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::known::{Clues, KnownColumns};
use super::shape::{self, GeometryKind};
use crate::error::{Error, Place, Result};
use crate::source::beginning::unreadable;
use crate::source::shapefile::{ShapeInput, ShapeParts, broken, broken_table, table};
use crate::table::{ColumnKind, Wkb};

/// Bytes of the header of a table, and of the description of each column in it.
const HEADER: u64 = 32;

/// Where such a description tells how many digits come after the point.
const DECIMALS: u64 = 17;

/// Whole numbers below are exact in the floating point numbers that tables are read into.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the rows of a shapefile.
pub(super) fn read(parts: ShapeParts, feed: &mut Feed) -> Result<()> {
    let ShapeParts { shapes, table: values, crs } = parts;
    let mut shapes = ShapeReader::new(shapes).map_err(broken)?;
    let kind = kind_of(shapes.header().shape_type);
    let mut values = values.map(ShapeTable::open).transpose()?;
    let columns = values.as_ref().map_or(&[][..], |values| &values.columns);
    let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let named: Vec<&str> = names.iter().map(String::as_str).collect();
    let known = KnownColumns::of(&named, Clues { has_geometry: true, shape: kind, ..Clues::default() });
    let field = |(name, kind): &(String, ColumnKind)| declared::declared(name, *kind, known.as_ref(), true);
    let mut fields: Vec<Field> = columns.iter().map(field).collect();
    fields.push(shape::column("geometry", kind, true));
    let mut batches = BatchBuilder::begin(feed, &declared::schema(fields)?)?;
    let mut records = values.as_mut().map(|values| values.reader.iter_records_as::<ShapeRecord>());
    for (number, found) in (1..).zip(shapes.iter_shapes()) {
        let place = Place::Row(number);
        let found = found.map_err(|e| broken(e).with_place(Place::AfterRow(number - 1)))?;
        let found = geometry(found).map_err(|what| Error::input(what).with_place(place))?;
        let found = found.map(|found| shape::placed(found, crs.unwrap_or_default())).transpose();
        let found = found.map_err(|what| shape::misplaced(what).with_place(place))?;
        let record = records.as_mut().and_then(Iterator::next).transpose();
        let ShapeRecord(record) = record.map_err(|e| broken_table(e).with_place(place))?.unwrap_or_default();
        if let Some((_, name)) = record.iter().zip(&names).find(|(value, _)| is_rounded(value)) {
            let what =
                format!("column {}: this reader rounds numbers of more than 15 digits", name.escape_debug());
            return Err(Error::input(what)
                .with_place(place)
                .with_hint("ogr2ogr OUT.gpkg IN.shp keeps all of them"));
        }
        let texts: Vec<Option<String>> = record.iter().map(text).collect();
        let cells = record.iter().zip(&texts).map(|(value, text)| cell(value, text.as_deref()));
        let missing = names.len() - record.len().min(names.len());
        let cells = cells.chain(std::iter::repeat_n(FileValue::Null, missing));
        let shape = found.as_ref().map_or(FileValue::Null, FileValue::Geometry);
        batches.row(cells.chain([shape]), place)?;
    }
    batches.finish()
}

fn kind_of(shapes: ShapeType) -> Option<GeometryKind> {
    match shapes {
        ShapeType::Point | ShapeType::PointM | ShapeType::PointZ => Some(GeometryKind::Point),
        ShapeType::Polyline | ShapeType::PolylineM | ShapeType::PolylineZ => Some(GeometryKind::Lines),
        _ => None,
    }
}

/// The table beside the shapes.
struct ShapeTable {
    reader: Reader<Box<dyn ShapeInput>>,
    columns: Vec<(String, ColumnKind)>,
}

impl ShapeTable {
    fn open(mut input: Box<dyn ShapeInput>) -> Result<Self> {
        let mut header = Vec::new();
        // A table has at most 255 columns; the reader does not tell how many decimals they have.
        input.by_ref().take(HEADER * 256).read_to_end(&mut header).map_err(unreadable)?;
        input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let reader = table(input)?;
        let decimals = |column: u64| {
            let at = usize::try_from(HEADER + column * HEADER + DECIMALS).unwrap_or(usize::MAX);
            header.get(at).copied().unwrap_or_default()
        };
        let kind = |column: u64, kind: FieldType| match kind {
            FieldType::Numeric | FieldType::Float if decimals(column) == 0 => ColumnKind::Int,
            FieldType::Integer => ColumnKind::Int,
            FieldType::Numeric | FieldType::Float | FieldType::Double | FieldType::Currency => {
                ColumnKind::Float
            }
            FieldType::Logical => ColumnKind::Bool,
            _ => ColumnKind::Text,
        };
        let columns = (0..).zip(reader.fields());
        let columns =
            columns.map(|(at, field)| (field.name().to_owned(), kind(at, field.field_type()))).collect();
        Ok(Self { reader, columns })
    }
}

/// The values of a record, in the order of the columns.
#[derive(Default)]
struct ShapeRecord(Vec<FieldValue>);

impl ReadableRecord for ShapeRecord {
    fn read_using<S: Read + Seek, M: Read + Seek>(
        fields: &mut FieldIterator<'_, S, M>,
    ) -> Result<Self, FieldError> {
        fields.map(|field| field.map(|field| field.value)).collect::<Result<_, _>>().map(Self)
    }
}

/// Values that are texts, or are told as one.
fn text(value: &FieldValue) -> Option<String> {
    match value {
        FieldValue::Character(text) => text.clone(),
        FieldValue::Memo(text) => Some(text.clone()),
        FieldValue::Date(date) => {
            date.map(|date| format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
        }
        _ => None,
    }
}

/// Whether a number may have had more digits than floating point numbers have.
fn is_rounded(value: &FieldValue) -> bool {
    matches!(value, FieldValue::Numeric(Some(number)) if number.abs() >= EXACT)
}

fn cell<'a>(value: &FieldValue, text: Option<&'a str>) -> FileValue<'a> {
    match value {
        _ if text.is_some() => FileValue::Text(text.unwrap_or_default()),
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        FieldValue::Numeric(Some(number)) if number.fract() == 0.0 => FileValue::Int(*number as i64),
        FieldValue::Float(Some(number)) => FileValue::Float((*number).into()),
        FieldValue::Numeric(Some(number)) | FieldValue::Double(number) | FieldValue::Currency(number) => {
            FileValue::Float(*number)
        }
        FieldValue::Integer(number) => FileValue::Int((*number).into()),
        FieldValue::Logical(Some(is_so)) => FileValue::Bool(*is_so),
        _ => FileValue::Null,
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
