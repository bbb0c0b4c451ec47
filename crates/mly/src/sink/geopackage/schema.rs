//! The tables of a GeoPackage.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::blob::SRS_ID;
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

/// `PRAGMA application_id` of a GeoPackage: `GPKG`.
pub(super) const APPLICATION_ID: i64 = 0x4750_4B47;

/// `PRAGMA user_version` of a GeoPackage 1.4.
pub(super) const USER_VERSION: i64 = 10_400;

/// Removes the state of the sink, the last thing that a package does not have.
pub(super) const FORGET: &str = "DROP TABLE IF EXISTS gpkg_unfinished";

/// Saves the state of the sink as JSON.
pub(super) const KEEP: &str = "REPLACE INTO gpkg_unfinished VALUES (1, ?)";

/// The saved state.
pub(super) const KEPT: &str = "SELECT known FROM gpkg_unfinished WHERE id = 1";

/// Whether there is a table of a name.
pub(super) const HAS_TABLE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE lower(name) = lower(?))";

/// The table that a database has until it is complete. No layer has such a name.
pub(super) const UNFINISHED: &str = "gpkg_unfinished";

/// For a database that a later process can resume: an interruption loses only the last window. With less than `FULL`,
/// an old journal could reappear after a loss of power, and `SQLite` would roll back a window that was committed.
pub(super) const LASTING: &str = "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;";

/// For a database that is removed when its process is interrupted: it needs no journal and no syncs.
pub(super) const PASSING: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;";

/// Version 1.4, and the tables that describe the others (GeoPackage 1.4, "Base" and "Features").
///
/// The tables of geometry columns and extensions are created for rows without a geometry too, because GDAL 3.12 does
/// not open a package that has neither.
const BEGINNING: &str = r#"
PRAGMA page_size = 4096;
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10400;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -32768;
BEGIN;
CREATE TABLE gpkg_unfinished (id INTEGER PRIMARY KEY, known TEXT);
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326,
   'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
   'longitude and latitude in decimal degrees on the WGS 84 ellipsoid');
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"#;

/// Whose metadata it is: names the meaning of its keys.
const METADATA_STANDARD: &str = env!("CARGO_PKG_REPOSITORY");

/// The tables of metadata (GeoPackage 1.4, "Metadata").
const METADATA: &str = r"
CREATE TABLE IF NOT EXISTS gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
INSERT INTO gpkg_extensions
  SELECT column1, NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec120/#extension_metadata', 'read-write'
  FROM (VALUES ('gpkg_metadata'), ('gpkg_metadata_reference'))
  WHERE NOT EXISTS (SELECT 1 FROM gpkg_extensions WHERE extension_name = 'gpkg_metadata');
";

/// The table in which QGIS looks for styles. It has to be listed among the contents, or GDAL does not find it for QGIS;
/// programs that list tables show it too.
pub(super) const STYLE_TABLE: &str = "layer_styles";

/// The table of styles, as QGIS creates it.
const STYLES: &str = r"
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
";
