//! The tables of a GeoPackage.

use std::fmt::Write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::blob::SRS_ID;
use crate::sink::bounds::Bounds;
use crate::sink::text::Cells;
use crate::sink::value::ValueKind;
use crate::sink::window::{kind, main_geometry};

/// The table of the rows.
pub(super) struct FeatureTable {
    /// Its columns after the number of the row, in the order of the schema: name and definition.
    columns: Vec<(String, String)>,
    geometry: Option<usize>,
    geometry_type: &'static str,
}

impl FeatureTable {
    /// # Errors
    /// When a column is of a type that results do not have, with its name.
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, String> {
        let geometry = main_geometry(schema);
        let geometry_type = match geometry.map(|at| kind(schema, at)) {
            Some(Some("Point")) => "POINT",
            Some(Some("MultiLineString")) => "MULTILINESTRING",
            _ => "GEOMETRY",
        };
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
        Ok(Self { columns, geometry, geometry_type })
    }

    /// Index of the column that is the geometry of the features.
    pub(super) fn geometry(&self) -> Option<usize> {
        self.geometry
    }

    /// The statement that adds a row: its number, then the columns.
    pub(super) fn insert(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let values = ", ?".repeat(names.len());
        format!("INSERT INTO features (fid, {}) VALUES (?{values})", names.join(", "))
    }

    fn definition(&self) -> String {
        let columns =
            self.columns.iter().map(|(name, definition)| format!(",\n  {} {definition}", quoted(name)));
        format!(
            "CREATE TABLE features (\n  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL{});\n",
            columns.collect::<String>()
        )
    }
}

/// A name as SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The settings and tables of a new database.
pub(super) fn beginning(layer: &FeatureTable) -> String {
    let mut sql = BEGINNING.to_owned();
    sql += &layer.definition();
    if layer.geometry.is_some() {
        sql += "CREATE VIRTUAL TABLE rtree_features_geom USING rtree(id, minx, maxx, miny, maxy);\n";
    }
    sql + "COMMIT;"
}

/// Describes the rows in the tables of the package.
pub(super) fn end(layer: &FeatureTable, bounds: &Bounds, last_change: &str) -> String {
    let data_type = if layer.geometry.is_some() { "features" } else { "attributes" };
    let [west, south, east, north] =
        bounds.degrees().map(|side| if bounds.is_empty() { "NULL".to_owned() } else { format!("{side:?}") });
    let srs = if layer.geometry.is_some() { SRS_ID.to_string() } else { "NULL".to_owned() };
    let mut sql = format!(
        "INSERT INTO gpkg_contents VALUES ('features', '{data_type}', 'features', '', '{last_change}', \
         {west}, {south}, {east}, {north}, {srs});\n"
    );
    if layer.geometry.is_some() {
        // Writing into memory does not fail.
        let _ = writeln!(
            sql,
            "{EXTENSION}\nINSERT INTO gpkg_geometry_columns VALUES ('features', 'geom', '{}', {SRS_ID}, 0, 0);",
            layer.geometry_type
        );
        sql += TRIGGERS;
    }
    sql
}

/// `PRAGMA application_id` of a GeoPackage: `GPKG`.
pub(super) const APPLICATION_ID: i64 = 0x4750_4B47;

/// `PRAGMA user_version` of a GeoPackage 1.4.
pub(super) const USER_VERSION: i64 = 10_400;

/// Removes the state of the sink, the last thing that a package does not have.
pub(super) const FORGET: &str = "DROP TABLE IF EXISTS unfinished";

/// Saves the state of the sink as JSON.
pub(super) const KEEP: &str = "REPLACE INTO unfinished VALUES (1, ?)";

/// The saved state.
pub(super) const KEPT: &str = "SELECT known FROM unfinished WHERE id = 1";

/// Whether the database is begun and not complete.
pub(super) const IS_BEGUN: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'unfinished')";

/// Whether the database is begun, complete or not.
pub(super) const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'features')";

/// The number of the last row.
pub(super) const LAST_ROW: &str = "SELECT coalesce(max(fid), 0) FROM features";

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
CREATE TABLE unfinished (id INTEGER PRIMARY KEY, known TEXT);
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

/// Declares the spatial index (GeoPackage 1.4, "Extension Mechanism").
const EXTENSION: &str = r"
INSERT INTO gpkg_extensions VALUES ('features', 'geom', 'gpkg_rtree_index',
  'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
";

/// Triggers that update the index when other programs change the rows (GeoPackage 1.4, "R-tree Spatial Indexes"). They
/// are created last: the sink fills the index itself, and plain `SQLite` lacks the functions that they call.
const TRIGGERS: &str = r"
CREATE TRIGGER rtree_features_geom_insert AFTER INSERT ON features
  WHEN (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  INSERT OR REPLACE INTO rtree_features_geom VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_features_geom_update2 AFTER UPDATE OF geom ON features
  WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_features_geom WHERE id = OLD.fid;
END;
CREATE TRIGGER rtree_features_geom_update4 AFTER UPDATE ON features
  WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_features_geom WHERE id IN (OLD.fid, NEW.fid);
END;
CREATE TRIGGER rtree_features_geom_update5 AFTER UPDATE ON features
  WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
BEGIN
  DELETE FROM rtree_features_geom WHERE id = OLD.fid;
  INSERT OR REPLACE INTO rtree_features_geom VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_features_geom_update6 AFTER UPDATE OF geom ON features
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom NOTNULL AND NOT ST_IsEmpty(OLD.geom))
BEGIN
  UPDATE rtree_features_geom SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom),
    miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid;
END;
CREATE TRIGGER rtree_features_geom_update7 AFTER UPDATE OF geom ON features
  WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom))
BEGIN
  INSERT INTO rtree_features_geom VALUES
    (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom));
END;
CREATE TRIGGER rtree_features_geom_delete AFTER DELETE ON features
  WHEN OLD.geom NOTNULL
BEGIN
  DELETE FROM rtree_features_geom WHERE id = OLD.fid;
END;
";
