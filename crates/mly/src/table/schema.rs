//! The columns of a result as an Arrow schema.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::kind::{Column, ColumnKind};

/// Metadata of a geometry column: the extension name of WKB, and the reference system, the same for all results
/// (GeoArrow, "Extension metadata").
pub(crate) const GEOMETRY: [(&str, &str); 2] =
    [("ARROW:extension:name", "geoarrow.wkb"), ("ARROW:extension:metadata", r#"{"crs":"OGC:CRS84"}"#)];

/// Metadata of the geometry column that names the one kind of geometry it holds.
pub(crate) const GEOMETRY_TYPE: &str = "geometry_type";

/// Metadata of a column of whole numbers that the service writes as text. The GeoJSON output writes them as text too.
pub(crate) const AS_TEXT: (&str, &str) = ("as_text", "true");

/// Arrow's name for columns of JSON (Arrow, "Canonical Extension Types").
pub(crate) const JSON: (&str, &str) = ("ARROW:extension:name", "arrow.json");

/// The column in which an update marks rows that the service shows no more.
pub(crate) const LAST_CRAWLED: &str = "last_crawled_at";

/// The column of the marks of an update.
pub(crate) fn last_crawled() -> Field {
    field(LAST_CRAWLED, ColumnKind::Time, true)
}

/// The schema of these columns.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let always = |c: &Column| matches!(c.name, "id" | "geometry");
    Arc::new(Schema::new(columns.iter().map(|c| field(c.name, c.kind, !always(c))).collect::<Vec<_>>()))
}

/// The schema of columns of the graph, which may have no geometry.
pub(crate) fn graph_schema<'a>(columns: impl IntoIterator<Item = (&'a str, ColumnKind)>) -> SchemaRef {
    let fields = columns.into_iter().map(|(name, kind)| field(name, kind, name != "id"));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

impl ColumnKind {
    /// The field of an Arrow schema for a column of this kind, with the metadata that sinks and readers look for.
    pub fn field(self, name: &str, nullable: bool) -> Field {
        field(name, self, nullable)
    }
}

/// A column of some kind.
pub(crate) fn field(name: &str, kind: ColumnKind, nullable: bool) -> Field {
    let item = |of: DataType| DataType::List(Arc::new(Field::new_list_field(of, true)));
    let data_type = match kind {
        ColumnKind::Int | ColumnKind::Id => DataType::Int64,
        ColumnKind::Float => DataType::Float64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Text | ColumnKind::Json => DataType::Utf8,
        ColumnKind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
        ColumnKind::Point | ColumnKind::Lines => DataType::Binary,
        ColumnKind::Floats => item(DataType::Float64),
        ColumnKind::Rings => {
            let position =
                DataType::FixedSizeList(Arc::new(Field::new_list_field(DataType::Float64, false)), 2);
            item(item(position))
        }
    };
    let field = Field::new(name, data_type, nullable);
    let kind = match kind {
        ColumnKind::Point => "Point",
        ColumnKind::Lines => "MultiLineString",
        ColumnKind::Id => return field.with_metadata(metadata([AS_TEXT])),
        ColumnKind::Json => return field.with_metadata(metadata([JSON])),
        _ => return field,
    };
    let [name, crs] = GEOMETRY;
    field.with_metadata(metadata([name, crs, (GEOMETRY_TYPE, kind)]))
}

/// What a column holds, which is the reverse of [`field`]; `None` for types that results do not have, and for geometries
/// that are not all of one kind.
pub(crate) fn kind_of(field: &Field) -> Option<ColumnKind> {
    let has = |(key, value): (&str, &str)| field.metadata().get(key).is_some_and(|found| found == value);
    Some(match field.data_type() {
        DataType::Int64 if has(AS_TEXT) => ColumnKind::Id,
        DataType::Int64 => ColumnKind::Int,
        DataType::Float64 => ColumnKind::Float,
        DataType::Boolean => ColumnKind::Bool,
        DataType::Utf8 if has(JSON) => ColumnKind::Json,
        DataType::Utf8 => ColumnKind::Text,
        DataType::Timestamp(TimeUnit::Millisecond, _) => ColumnKind::Time,
        DataType::Binary if has((GEOMETRY_TYPE, "Point")) => ColumnKind::Point,
        DataType::Binary if has((GEOMETRY_TYPE, "MultiLineString")) => ColumnKind::Lines,
        DataType::List(item) => match item.data_type() {
            DataType::Float64 => ColumnKind::Floats,
            DataType::List(_) => ColumnKind::Rings,
            _ => return None,
        },
        _ => return None,
    })
}

fn metadata<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Time zone of every timestamp.
pub(crate) const UTC: &str = "UTC";
