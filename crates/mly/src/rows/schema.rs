//! The columns of a result as an Arrow schema.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::query::{Column, ColumnKind, Query};

/// Arrow's name for WKB geometry, and the reference system of all of ours (GeoArrow, "Extension metadata").
const GEOMETRY: [(&str, &str); 2] =
    [("ARROW:extension:name", "geoarrow.wkb"), ("ARROW:extension:metadata", r#"{"crs":"OGC:CRS84"}"#)];

/// Metadata of the geometry column that names the one kind of geometry it holds.
pub(crate) const GEOMETRY_TYPE: &str = "geometry_type";

/// Metadata of a column of whole numbers that the service writes as text, which GeoJSON therefore does too.
pub(crate) const AS_TEXT: (&str, &str) = ("as_text", "true");

/// Arrow's name for columns of JSON (Arrow, "Canonical Extension Types").
pub(crate) const JSON: (&str, &str) = ("ARROW:extension:name", "arrow.json");

/// The columns a query gives: all of its layer, or the selected ones besides `id` and `geometry`.
pub(crate) fn selected(query: &Query) -> Vec<Column> {
    let wanted = |name: &str| match query.selected_fields() {
        Some(fields) => matches!(name, "id" | "geometry") || fields.iter().any(|f| f == name),
        None => true,
    };
    query.layer().columns().iter().copied().filter(|c| wanted(c.name)).collect()
}

/// The schema of these columns.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn field(column: &Column) -> Field {
    let data_type = match column.kind {
        ColumnKind::Int => DataType::Int64,
        ColumnKind::Float => DataType::Float64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Text => DataType::Utf8,
        ColumnKind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
        ColumnKind::Point | ColumnKind::Lines => DataType::Binary,
    };
    let always = matches!(column.name, "id" | "geometry");
    let field = Field::new(column.name, data_type, !always);
    let kind = match column.kind {
        ColumnKind::Point => "Point",
        ColumnKind::Lines => "MultiLineString",
        _ => return field,
    };
    let [name, crs] = GEOMETRY;
    let metadata = [name, crs, (GEOMETRY_TYPE, kind)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    field.with_metadata(HashMap::from(metadata))
}

/// Time zone of every timestamp.
pub(crate) const UTC: &str = "UTC";
