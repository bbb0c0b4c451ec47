//! The metadata `geo`, which makes a Parquet file a GeoParquet file, and by which geopandas reads Arrow files.

use std::collections::BTreeMap;

use arrow_schema::{DataType, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::bounds::Bounds;
use super::shapes::Shapes;
use super::text::UnknownGeometry;
use super::window::{Sorted, boxes, kind, main_geometry};

/// The key of the metadata.
pub(super) const GEO: &str = "geo";

/// Names of the sides of a box, in the order of [`Bounds::rounded_outward`].
pub(super) const SIDES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// The geometry columns and the boxes around their rows so far.
#[derive(Clone)]
pub(super) struct Geo {
    primary: usize,
    columns: BTreeMap<usize, GeoColumn>,
}

/// What is known of a column, for a process that resumes the file.
#[derive(Serialize, Deserialize)]
struct GeoColumnState {
    sides: Option<[f64; 4]>,
    shapes: Shapes,
}

#[derive(Clone)]
struct GeoColumn {
    name: String,
    /// The type of its geometries by its GeoJSON name, if the schema says it.
    kind: Option<String>,
    /// The box around all of them.
    bounds: Bounds,
    /// Their types.
    shapes: Shapes,
}

impl Geo {
    /// `None` for rows without a geometry.
    pub(super) fn new(schema: &Schema) -> Option<Self> {
        let column = |(at, field): (usize, &arrow_schema::FieldRef)| {
            let kind = kind(schema, at).map(str::to_owned);
            let (name, shapes) = (field.name().clone(), Shapes::default());
            let column = GeoColumn { name, kind, bounds: Bounds::EMPTY, shapes };
            (*field.data_type() == DataType::Binary).then_some((at, column))
        };
        let columns = schema.fields().iter().enumerate().filter_map(column).collect();
        Some(Self { primary: main_geometry(schema)?, columns })
    }

    /// Restores the boxes and types that an earlier process saved with [`Geo::state`].
    pub(super) fn resume(&mut self, state: Value) {
        let mut known: BTreeMap<String, GeoColumnState> = serde_json::from_value(state).unwrap_or_default();
        for column in self.columns.values_mut() {
            if let Some(known) = known.remove(&column.name) {
                (column.bounds, column.shapes) = (Bounds::of_sides(known.sides), known.shapes);
            }
        }
    }

    /// The boxes and types as JSON, for a process that resumes the file.
    pub(super) fn state(&self) -> Value {
        let state =
            |column: &GeoColumn| GeoColumnState { sides: column.bounds.sides(), shapes: column.shapes };
        self.columns.values().map(|column| (column.name.clone(), json!(state(column)))).collect()
    }

    /// Index of the column that is the geometry of the features.
    pub(super) fn primary(&self) -> usize {
        self.primary
    }

    /// A copy whose boxes also contain these rows.
    ///
    /// # Errors
    /// When a geometry is not one of those that results have.
    pub(super) fn with(&self, sorted: &Sorted) -> Result<Self, UnknownGeometry> {
        let mut geo = self.clone();
        for (at, column) in &mut geo.columns {
            let others;
            let (bounds, shapes) = if *at == self.primary {
                (&sorted.bounds, sorted.shapes)
            } else {
                others = boxes(sorted.rows.column(*at), column.kind.as_deref())?;
                (&others.0, others.1)
            };
            bounds.iter().flatten().for_each(|one| column.bounds.join(one));
            column.shapes.join(shapes);
        }
        Ok(geo)
    }

    /// Extends the boxes to contain those of other rows.
    pub(super) fn join(&mut self, other: &Self) {
        for (column, other) in self.columns.values_mut().zip(other.columns.values()) {
            column.bounds.join(&other.bounds);
            column.shapes.join(other.shapes);
        }
    }

    /// The metadata as JSON; `covering` is the name of the column of boxes, if there is one.
    ///
    /// No `crs` is written. Left out, it means OGC:CRS84, which is right here, and readers handle the default more
    /// reliably than a definition that they have to parse.
    pub(super) fn metadata(&self, covering: Option<&str>) -> String {
        let columns = self.columns.iter().map(|(at, column)| {
            let mut about = json!({
                "encoding": "WKB",
                "geometry_types": column.shapes.names(column.kind.as_deref()),
            });
            if !column.bounds.is_empty() {
                about["bbox"] = json!(column.bounds.degrees());
            }
            if let Some(covering) = covering.filter(|_| *at == self.primary) {
                let side = |side: &str| (side.to_owned(), json!([covering, side]));
                about["covering"] = json!({"bbox": SIDES.map(side).into_iter().collect::<Map<_, _>>()});
            }
            (column.name.clone(), about)
        });
        let columns: Map<String, Value> = columns.collect();
        let primary = self.columns.get(&self.primary).map(|column| &*column.name);
        json!({"version": "1.1.0", "primary_column": primary, "columns": columns}).to_string()
    }
}
