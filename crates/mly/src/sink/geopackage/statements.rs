//! Statements and numbers that are the same for every GeoPackage.

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
pub(super) const BEGINNING: &str = r#"
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
pub(super) const METADATA_STANDARD: &str = env!("CARGO_PKG_REPOSITORY");

/// The tables of metadata (GeoPackage 1.4, "Metadata").
pub(super) const METADATA: &str = r"
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
pub(super) const STYLES: &str = r"
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
