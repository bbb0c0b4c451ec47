//! The tables of a GeoPackage.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::blob::SRS_ID;
use super::statements::{BEGINNING, METADATA, METADATA_STANDARD, STYLE_TABLE, STYLES};
use super::style::Style;
use super::triggers::triggers;
use crate::sink::bounds::Bounds;
use crate::sink::shapes::POINT;
use crate::sink::text::Cells;
use crate::sink::value::ValueKind;
use crate::sink::window::{kind, main_geometry};
use crate::table::About;

/// Most columns of a table (`SQLite`, "Limits"), one of which is the number of the row.
const MOST_COLUMNS: usize = 2000;

/// The table of the rows.
pub(super) struct FeatureTable {
    /// Its name: that of the layer.
    name: String,
    /// What the result is, in words.
    description: String,
    /// What the result is, as JSON, if anything is known.
    metadata: Option<String>,
    /// Its columns after the number of the row, in the order of the schema: name and definition.
    columns: Vec<(String, String)>,
    geometry: Option<usize>,
    geometry_type: &'static str,
    /// How QGIS draws it.
    style: Option<Style>,
}

impl FeatureTable {
    /// # Errors
    /// When there are too many columns, or one is of a type that results do not have, with its name.
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, String> {
        let geometry = main_geometry(schema);
        // The type of the column is declared before the first row, and a column of lines may have points too.
        let geometry_type = match geometry.map(|at| kind(schema, at)) {
            Some(Some(POINT)) => "POINT",
            _ => "GEOMETRY",
        };
        if schema.fields().len() >= MOST_COLUMNS {
            return Err(format!("a table has fewer than {MOST_COLUMNS} columns"));
        }
        let none = RecordBatch::new_empty(SchemaRef::clone(schema));
        let mut columns: Vec<(String, String)> = Vec::new();
        for (at, (field, cells)) in schema.fields().iter().zip(Cells::of(&none)?).enumerate() {
            let (name, column_type) = match ValueKind::of(&cells) {
                _ if Some(at) == geometry => ("geom".to_owned(), geometry_type),
                ValueKind::Int => (field.name().clone(), "INTEGER"),
                ValueKind::Float => (field.name().clone(), "REAL"),
                ValueKind::Bool => (field.name().clone(), "BOOLEAN"),
                ValueKind::Text | ValueKind::Json => (field.name().clone(), "TEXT"),
                ValueKind::Time => (field.name().clone(), "DATETIME"),
            };
            let is_geometry = Some(at) == geometry;
            let taken = |name: &str| {
                let is = |other: &str| other.eq_ignore_ascii_case(name);
                let reserved = is("fid") || (is("geom") && !is_geometry);
                reserved || columns.iter().any(|(other, _)| is(other))
            };
            // SQLite does not distinguish upper and lower case in names of columns.
            let mut name = name;
            while taken(&name) {
                name.push('_');
            }
            let always = if field.is_nullable() { "" } else { " NOT NULL" };
            columns.push((name, format!("{column_type}{always}")));
        }
        let about = About::of(schema);
        Ok(Self {
            name: about.layer().to_owned(),
            description: about.description().unwrap_or_default(),
            metadata: about.to_json().map(|pairs| pairs.to_string()),
            columns,
            geometry,
            geometry_type,
            style: geometry.and_then(|_| Style::of(schema, geometry_type == "POINT")),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Name of the spatial index, and of its tables, which end with `part`.
    pub(super) fn index(&self, part: &str) -> String {
        quoted(&format!("rtree_{}_geom{part}", self.name))
    }

    /// Index of the column that is the geometry of the features.
    pub(super) fn geometry(&self) -> Option<usize> {
        self.geometry
    }

    /// The statement that adds a row: its number, then the columns.
    pub(super) fn insert(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let values = ", ?".repeat(names.len());
        format!("INSERT INTO {} (fid, {}) VALUES (?{values})", quoted(&self.name), names.join(", "))
    }

    /// The question for the number of the last row.
    pub(super) fn last_row(&self) -> String {
        format!("SELECT coalesce(max(fid), 0) FROM {}", quoted(&self.name))
    }

    fn definition(&self) -> String {
        let columns =
            self.columns.iter().map(|(name, definition)| format!(",\n  {} {definition}", quoted(name)));
        format!(
            "CREATE TABLE {} (\n  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL{});\n",
            quoted(&self.name),
            columns.collect::<String>()
        )
    }
}

/// A name as SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The settings and tables of a new database.
pub(super) fn beginning(layer: &FeatureTable) -> String {
    [BEGINNING, &table(layer), "COMMIT;"].concat()
}

/// The table of a layer, and its index.
pub(super) fn table(layer: &FeatureTable) -> String {
    let mut sql = layer.definition();
    if layer.geometry.is_some() {
        let index = layer.index("");
        sql += &["CREATE VIRTUAL TABLE ", &index, " USING rtree(id, minx, maxx, miny, maxy);\n"].concat();
    }
    sql
}

/// Describes the rows in the tables of the package.
pub(super) fn end(layer: &FeatureTable, bounds: &Bounds, last_change: &str) -> String {
    let data_type = if layer.geometry.is_some() { "features" } else { "attributes" };
    let [west, south, east, north] =
        bounds.degrees().map(|side| if bounds.is_empty() { "NULL".to_owned() } else { format!("{side:?}") });
    let srs = if layer.geometry.is_some() { SRS_ID.to_string() } else { "NULL".to_owned() };
    let (name, description) = (literal(&layer.name), literal(&layer.description));
    let contents = format!(
        "INSERT INTO gpkg_contents VALUES ({name}, '{data_type}', {name}, {description}, '{last_change}', \
         {west}, {south}, {east}, {north}, {srs});\n"
    );
    let geometry = layer.geometry.map_or_else(String::new, |_| geometry(layer));
    let metadata = layer.metadata.as_ref().map_or_else(String::new, |json| {
        let json = literal(json);
        format!(
            "{METADATA}
             INSERT INTO gpkg_metadata SELECT coalesce(max(id), 0) + 1, 'dataset', '{METADATA_STANDARD}',
              'application/json', {json} FROM gpkg_metadata;
             INSERT INTO gpkg_metadata_reference SELECT 'table', {name}, NULL, NULL, '{last_change}', max(id), NULL
              FROM gpkg_metadata;\n"
        )
    });
    let style = layer.style.as_ref().map_or_else(String::new, |style| {
        let qml = literal(&style.qml());
        format!(
            "{STYLES}
             INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change)
              VALUES ('{STYLE_TABLE}', 'attributes', '{STYLE_TABLE}', '{last_change}');
             INSERT INTO {STYLE_TABLE} SELECT coalesce(max(id), 0) + 1, '', '', {name}, 'geom', {name}, {qml}, '', 1,
              {description}, '', NULL, '{last_change}' FROM {STYLE_TABLE};\n"
        )
    });
    contents + &geometry + &metadata + &style
}

/// Declares the column of geometries and its spatial index (GeoPackage 1.4, "Extension Mechanism").
fn geometry(layer: &FeatureTable) -> String {
    let (name, geometry_type) = (literal(&layer.name), layer.geometry_type);
    let triggers = triggers(&quoted(&layer.name), |part| layer.index(part));
    format!(
        "INSERT INTO gpkg_extensions VALUES ({name}, 'geom', 'gpkg_rtree_index',
         'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
         INSERT INTO gpkg_geometry_columns VALUES ({name}, 'geom', '{geometry_type}', {SRS_ID}, 0, 0);\n{triggers}"
    )
}
