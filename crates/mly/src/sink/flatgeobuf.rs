//! `FlatGeobuf` (<https://flatgeobuf.org>) with its packed R-tree.
//!
//! The index stands before the features, so these wait in a temporary file until the end; about 150 bytes a feature of
//! the index are in memory then.

use std::io::BufWriter;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flatgeobuf::geozero::error::Result as GeozeroResult;
use flatgeobuf::geozero::{ColumnValue, GeomProcessor, GeozeroGeometry, PropertyProcessor};
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};

use super::bounds::check;
use super::destination::{Destination, failed, finish};
use super::text::Cells;
use super::value::{Kind, Value};
use super::window::{kind, main_geometry};
use super::{Format, Sink};
use crate::error::{Error, Result};
use crate::rows::Wkb;

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 20;

/// Name of the layer in the file.
const LAYER: &str = "features";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes features behind an index of their places.
pub(super) struct FlatGeobuf {
    destination: Destination,
    /// Made for the first row: a file without rows has no index, and says so.
    writer: Option<FgbWriter<'static>>,
    schema: SchemaRef,
    /// The column that is the geometry of the features.
    geometry: usize,
}

impl FlatGeobuf {
    /// # Errors
    /// [`Error::InvalidQuery`] when the rows have no geometry.
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let Some(geometry) = main_geometry(schema) else {
            return Err(Error::query("cannot write fgb: the rows have no geometry")
                .with_hint("ask for the geometry too, or choose another format"));
        };
        // Columns of other types are an error before there are rows.
        let none = RecordBatch::new_empty(SchemaRef::clone(schema));
        Cells::of(&none).map_err(|e| failed(destination.path().as_ref(), Format::FlatGeobuf, e))?;
        Ok(Self { destination, writer: None, schema: SchemaRef::clone(schema), geometry })
    }

    fn put(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(writer(&self.schema, self.geometry, true)?),
        };
        let cells = Cells::of(batch)?;
        let shapes = cells.get(self.geometry);
        let shape_kind = kind(&self.schema, self.geometry);
        let properties = || cells.iter().enumerate().filter(|(at, _)| *at != self.geometry);
        let mut text = Vec::new();
        for row in 0..batch.num_rows() {
            let found = shapes.map(|cells| cells.geometry(row)).transpose()?.flatten();
            let geometry = match (found, shape_kind) {
                (Some(geometry), kind) => Shape::Some(check(geometry, kind)?),
                (None, Some("Point")) => Shape::NoPoint,
                (None, _) => Shape::NoLines,
            };
            let mut said = Ok(());
            writer.add_feature_geom(geometry, |feature| {
                said = properties().enumerate().try_for_each(|(number, (_, cells))| {
                    match Value::of(cells, row, &mut text)? {
                        Some(value) => feature.property(number, "", &column_value(&value)).map(drop)?,
                        None => {}
                    }
                    Ok::<_, Failure>(())
                });
            })?;
            said?;
        }
        Ok(())
    }
}

impl Sink for FlatGeobuf {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.put(batch).map_err(|e| failed(self.destination.path().as_ref(), Format::FlatGeobuf, e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.destination.path();
        let error = |e: Failure| failed(path.as_ref(), Format::FlatGeobuf, e);
        let writer = match self.writer {
            Some(writer) => writer,
            None => writer(&self.schema, self.geometry, false).map_err(error)?,
        };
        let mut buffer = BufWriter::with_capacity(BUFFER, self.destination);
        writer.write(&mut buffer).map_err(|e| error(cause(e)))?;
        let written = buffer.into_inner().map_err(std::io::IntoInnerError::into_error);
        finish(written.map_err(|e| error(e.into()))?, Format::FlatGeobuf)
    }
}

/// A writer for rows of a schema.
fn writer(schema: &SchemaRef, geometry: usize, write_index: bool) -> Result<FgbWriter<'static>, Failure> {
    let geometry_type = match kind(schema, geometry) {
        Some("Point") => GeometryType::Point,
        Some("MultiLineString") => GeometryType::MultiLineString,
        _ => GeometryType::Unknown,
    };
    let options = FgbWriterOptions {
        write_index,
        detect_type: false,
        promote_to_multi: false,
        // The number of WGS 84; coordinates are longitude and latitude in this format, whatever the system says.
        crs: FgbCrs { org: Some("EPSG"), code: 4326, name: Some("WGS 84"), ..FgbCrs::default() },
        ..FgbWriterOptions::default()
    };
    let mut writer = FgbWriter::create_with_options(LAYER, geometry_type, options).map_err(cause)?;
    let none = RecordBatch::new_empty(SchemaRef::clone(schema));
    for (at, (field, cells)) in schema.fields().iter().zip(Cells::of(&none)?).enumerate() {
        if at != geometry {
            let nullable = field.is_nullable();
            writer.add_column(field.name(), column_type(Kind::of(&cells)), |_, column| {
                column.nullable = nullable
            });
        }
    }
    Ok(writer)
}

fn column_type(kind: Kind) -> ColumnType {
    match kind {
        Kind::Int => ColumnType::Long,
        Kind::Float => ColumnType::Double,
        Kind::Bool => ColumnType::Bool,
        Kind::Text => ColumnType::String,
        Kind::Time => ColumnType::DateTime,
        Kind::Json => ColumnType::Json,
    }
}

fn column_value<'a>(value: &Value<'a>) -> ColumnValue<'a> {
    match *value {
        Value::Int(value) => ColumnValue::Long(value),
        Value::Float(value) => ColumnValue::Double(value),
        Value::Bool(value) => ColumnValue::Bool(value),
        Value::Text(text) => ColumnValue::String(text),
        Value::Time(text) => ColumnValue::DateTime(text),
        Value::Json(text) => ColumnValue::Json(text),
    }
}

/// What the system said, where it was the system.
fn cause(error: flatgeobuf::Error) -> Failure {
    match error {
        flatgeobuf::Error::IO(error) => error.into(),
        error => error.into(),
    }
}

/// The geometry of a feature. An index has no place for features without one, and an empty one stands for it: a point whose
/// coordinates are not numbers, as in well-known binary, or no lines. The index finds neither.
enum Shape {
    Some(Wkb),
    NoPoint,
    NoLines,
}

impl GeozeroGeometry for Shape {
    fn process_geom<P: GeomProcessor>(&self, out: &mut P) -> GeozeroResult<()> {
        match self {
            Self::Some(Wkb::Point([lon, lat])) => {
                out.point_begin(0)?;
                out.xy(*lon, *lat, 0)?;
                out.point_end(0)
            }
            Self::Some(Wkb::Lines(lines)) => {
                out.multilinestring_begin(lines.len(), 0)?;
                for (number, line) in lines.iter().enumerate() {
                    out.linestring_begin(false, line.len(), number)?;
                    for (at, [lon, lat]) in line.iter().enumerate() {
                        out.xy(*lon, *lat, at)?;
                    }
                    out.linestring_end(false, number)?;
                }
                out.multilinestring_end(0)
            }
            Self::NoPoint => {
                out.point_begin(0)?;
                out.xy(f64::NAN, f64::NAN, 0)?;
                out.point_end(0)
            }
            Self::NoLines => {
                out.multilinestring_begin(0, 0)?;
                out.multilinestring_end(0)
            }
        }
    }
}
