//! What the metadata of Arrow and Parquet files say about geometry columns: those of GeoParquet
//! (<https://geoparquet.org/releases/v1.1.0/>), which geopandas also writes into Feather files, and those of GeoArrow
//! (<https://geoarrow.org/extension-types.html>).

use arrow_schema::{Field, Schema};
use serde_json::Value;

use super::shape::{GeometryKind, refusal};
use crate::crs::{Crs, OtherCrs};
use crate::error::{Error, Hint, Result};
use crate::table::{GEOMETRY, GEOMETRY_TYPE};

/// What the geometry of the features is called.
pub(in crate::source) const GEOMETRY_NAME: &str = "geometry";

/// The metadata of the schema that describe all geometry columns.
pub(in crate::source) const GEO: &str = "geo";

/// What the metadata of a file say about its geometry columns.
#[derive(Debug, Default)]
pub(super) struct GeometryColumns {
    pub(super) columns: Vec<GeometryColumn>,
    /// The column that is the geometry of the features. In results it is called `geometry`.
    primary: Option<String>,
    /// A column that is left out: boxes around geometries.
    pub(super) covering: Option<String>,
}

/// A column of geometries.
#[derive(Debug)]
pub(super) struct GeometryColumn {
    name: String,
    /// The kind of its geometries if it is the same for all.
    pub(super) kind: Option<GeometryKind>,
    pub(super) crs: Crs,
}

impl GeometryColumns {
    /// Reads the metadata of a file: the value of [`GEO`], if there is one, and those of the fields that it does not name.
    /// `crs_of` gives what else is known of the reference system of a column.
    pub(super) fn of(
        geo: Option<&str>,
        schema: &Schema,
        crs_of: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut columns = geo.map(Self::of_geo).transpose()?.unwrap_or_default();
        for field in schema.fields() {
            if columns.column(field.name()).is_some() {
                continue;
            }
            let crs = crs_of(field.name()).map(|crs| Crs::of_text(&crs));
            let crs = crs.or_else(|| crs_of_field(field)).transpose();
            let crs =
                crs.map_err(|other| refused(field.name(), &other.to_string()).with_hint(Hint::Reproject))?;
            if crs.is_some() || is_marked(field) || field.name() == GEOMETRY_NAME {
                let (name, kind) = (field.name().clone(), GeometryKind::of(field));
                columns.columns.push(GeometryColumn { name, kind, crs: crs.unwrap_or_default() });
            }
        }
        Ok(columns)
    }

    fn of_geo(geo: &str) -> Result<Self> {
        let broken = || Error::input("the metadata `geo` of the file cannot be read");
        let geo: Value = serde_json::from_str(geo).ok().ok_or_else(broken)?;
        let columns = geo.get("columns").and_then(Value::as_object).ok_or_else(broken)?;
        let primary = geo["primary_column"].as_str().map(str::to_owned);
        let mut geometries = Self { primary, ..Self::default() };
        for (name, about) in columns {
            if let Some(other) = about["encoding"].as_str().filter(|encoding| *encoding != "WKB") {
                let what = format!("the geometries are encoded as {}, and not as WKB", other.escape_debug());
                return Err(refused(name, &what));
            }
            let crs = crs_of(&about["crs"])
                .map_err(|other| refused(name, &other.to_string()).with_hint(Hint::Reproject))?;
            let types = about["geometry_types"].as_array().map_or(&[][..], Vec::as_slice);
            let kind = kind(types).map_err(|what| refused(name, &what))?;
            geometries.columns.push(GeometryColumn { name: name.clone(), kind, crs });
            // The column of boxes is left out, since a sink computes the boxes from the geometries.
            if let Some(covering) = about["covering"]["bbox"]["xmin"][0].as_str() {
                geometries.covering = Some(covering.to_owned());
            }
        }
        Ok(geometries)
    }

    pub(super) fn column(&self, name: &str) -> Option<&GeometryColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether a column is the geometry of the features under another name, and has to be renamed. `computed_geometry`
    /// and the like keep their names even if they are the only geometry.
    pub(super) fn is_renamed(&self, name: &str, schema: &Schema) -> bool {
        let is_primary = self.primary.as_deref() == Some(name) && name != GEOMETRY_NAME;
        is_primary && !name.ends_with("_geometry") && schema.column_with_name(GEOMETRY_NAME).is_none()
    }
}

fn refused(column: &str, what: &str) -> Error {
    Error::input(format!("column {}: {what}", column.escape_debug()))
}

/// Whether the metadata of a field say that it holds geometries.
fn is_marked(field: &Field) -> bool {
    let (key, value) = GEOMETRY[0];
    field.metadata().get(key).is_some_and(|found| found == value)
        || field.metadata().contains_key(GEOMETRY_TYPE)
}

/// The reference system in the metadata of a field. Other extension types have metadata too, which are no JSON objects
/// with a member `crs`.
fn crs_of_field(field: &Field) -> Option<Result<Crs, OtherCrs>> {
    let (key, _) = GEOMETRY[1];
    let metadata: Value = serde_json::from_str(field.metadata().get(key)?).ok()?;
    metadata.get("crs").map(crs_of)
}

/// A reference system as PROJJSON or as a text. Where there is none, GeoParquet means longitude and latitude; null means
/// that it is not known, and then the numbers have to be degrees.
pub(in crate::source) fn crs_of(described: &Value) -> Result<Crs, OtherCrs> {
    match described {
        Value::Null => Ok(Crs::Degrees),
        Value::String(text) => Crs::of_text(text),
        description => Crs::of_projjson(description),
    }
}

/// The kind of the geometries; `None` when the metadata names none or several.
fn kind(types: &[Value]) -> Result<Option<GeometryKind>, String> {
    let kinds = types.iter().map(|name| match name.as_str().unwrap_or_default() {
        "Point" => Ok(GeometryKind::Point),
        "LineString" | "MultiLineString" | "MultiPoint" => Ok(GeometryKind::Lines),
        other => Err(refusal(other)),
    });
    let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
    Ok(kinds.first().copied().filter(|first| kinds.iter().all(|kind| kind == first)))
}
