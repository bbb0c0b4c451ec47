//! The metadata that makes a Parquet file a GeoParquet file.

use std::collections::BTreeMap;

use arrow_schema::{DataType, Schema};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use serde_json::{Value, json};

use super::covering::SIDES;
use crate::sink::bounds::Bounds;
use crate::sink::window::{Sorted, boxes, kind, main_geometry};

/// The geometry columns and the boxes around their rows so far.
#[derive(Clone)]
pub(super) struct Geo {
    primary: usize,
    columns: BTreeMap<usize, GeoColumn>,
}

/// The boxes of columns by name.
type BoundsByName = BTreeMap<String, Option<[f64; 4]>>;

#[derive(Clone)]
struct GeoColumn {
    name: String,
    /// The type of its geometries by its GeoJSON name, if the schema says it.
    kind: Option<String>,
    /// The box around all of them.
    bounds: Bounds,
}

impl Geo {
    /// `None` for rows without a geometry.
    pub(super) fn new(schema: &Schema) -> Option<Self> {
        let column = |(at, field): (usize, &arrow_schema::FieldRef)| {
            let kind = kind(schema, at).map(str::to_owned);
            let column = GeoColumn { name: field.name().clone(), kind, bounds: Bounds::EMPTY };
            (*field.data_type() == DataType::Binary).then_some((at, column))
        };
        let columns = schema.fields().iter().enumerate().filter_map(column).collect();
        Some(Self { primary: main_geometry(schema)?, columns })
    }

    /// Restores the boxes that an earlier process saved with [`Geo::state`].
    pub(super) fn resume(&mut self, state: Value) {
        let mut known: BoundsByName = serde_json::from_value(state).unwrap_or_default();
        for column in self.columns.values_mut() {
            column.bounds = Bounds::of_sides(known.remove(&column.name).flatten());
        }
    }

    /// The boxes as JSON, for a process that resumes the file.
    pub(super) fn state(&self) -> Value {
        self.columns.values().map(|column| (column.name.clone(), json!(column.bounds.sides()))).collect()
    }

    /// Index of the column that is the geometry of the features.
    pub(super) fn primary(&self) -> usize {
        self.primary
    }

    /// A copy whose boxes also contain these rows.
    ///
    /// # Errors
    /// When a geometry is not one of those that results have.
    pub(super) fn with(&self, sorted: &Sorted) -> Result<Self, ParquetError> {
        let mut geo = self.clone();
        for (at, column) in &mut geo.columns {
            let others;
            let bounds = if *at == self.primary {
                &sorted.bounds
            } else {
                others = boxes(sorted.rows.column(*at), column.kind.as_deref())
                    .map_err(|e| ParquetError::External(Box::new(e)))?;
                &others
            };
            bounds.iter().flatten().for_each(|one| column.bounds.join(one));
        }
        Ok(geo)
    }

    /// Extends the boxes to contain those of other rows.
    pub(super) fn join(&mut self, other: &Self) {
        for (column, other) in self.columns.values_mut().zip(other.columns.values()) {
            column.bounds.join(&other.bounds);
        }
    }

    /// The `geo` metadata, which refers to the column of boxes by its name.
    ///
    /// No `crs` is written. Left out, it means OGC:CRS84, which is right here, and readers handle the default more
    /// reliably than a definition that they have to parse.
    pub(super) fn metadata(&self, covering: &str) -> KeyValue {
        let columns = self.columns.iter().map(|(at, column)| {
            let mut about = json!({
                "encoding": "WKB",
                "geometry_types": Vec::from_iter(&column.kind),
            });
            if !column.bounds.is_empty() {
                about["bbox"] = json!(column.bounds.degrees());
            }
            if *at == self.primary {
                let side = |side: &str| (side.to_owned(), json!([covering, side]));
                about["covering"] =
                    json!({"bbox": SIDES.map(side).into_iter().collect::<serde_json::Map<_, _>>()});
            }
            (column.name.clone(), about)
        });
        let columns: serde_json::Map<String, Value> = columns.collect();
        let primary = self.columns.get(&self.primary).map(|column| &*column.name);
        let geo = json!({"version": "1.1.0", "primary_column": primary, "columns": columns});
        KeyValue::new("geo".to_owned(), geo.to_string())
    }
}
