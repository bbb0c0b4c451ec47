//! Rows of a GeoPackage (<https://www.geopackage.org/spec140/>).

pub(in crate::source) mod failure;
pub(in crate::source) mod geometry;

use std::collections::BTreeMap;
use std::path::Path;

use arrow_schema::Field;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use self::failure::broken;
use self::geometry::{TableGeometry, geometry, quoted, wkb};
use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::known::{Clues, KnownColumns};
use super::shape;
use crate::crs::Crs;
use crate::error::{Error, Place, Result};
use crate::file::database_path;
use crate::source::layer::one_layer;
use crate::table::{ColumnKind, LAYER_KEY, Wkb, about_pairs, with_pairs};

/// Reads the rows of a file, or of one table of it.
pub(super) fn read(path: &Path, layer: Option<&str>, feed: &mut Feed) -> Result<()> {
    let database = open(path).map_err(|e| broken(e, 0))?;
    let layer = RowTable::of(&database, layer)?;
    let schema = declared::schema(layer.columns.iter().map(|column| column.field.clone()).collect())?;
    let schema = with_pairs(&schema, about(&database, &layer.table));
    let mut batches = BatchBuilder::begin(feed, &schema)?;
    let mut statement = database.prepare(&layer.select()).map_err(|e| broken(e, 0))?;
    let mut rows = statement.query([]).map_err(|e| broken(e, 0))?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|e| broken(e, count))? {
        count += 1;
        let wrong = |what: String| Error::input(what).with_place(Place::Row(count));
        let shape = layer.shape(row).map_err(|what| wrong(format!("column geometry: {what}")))?;
        let shape = shape.map(|shape| shape::placed(shape, layer.crs)).transpose();
        let shape = shape.map_err(|what| shape::misplaced(what).with_place(Place::Row(count)))?;
        let cells = layer.columns.iter().enumerate().map(|(at, column)| {
            if layer.geometry == Some(at) {
                return Ok(shape.as_ref().map_or(FileValue::Null, FileValue::Geometry));
            }
            column.cell(row, at)
        });
        let cells = cells.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        batches.row(cells, Place::Row(count))?;
    }
    batches.finish()
}

/// Opens a file that may be hostile: read-only, and without running functions that its schema defines.
pub(in crate::source) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database =
        Connection::open_with_flags(database_path(path).unwrap_or_else(|_| path.to_owned()), flags)?;
    database
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    Ok(database)
}

/// The table of the rows.
struct RowTable {
    table: String,
    /// The columns that are read.
    columns: Vec<TableColumn>,
    /// Which one is the geometry.
    geometry: Option<usize>,
    crs: Crs,
}

struct TableColumn {
    /// Its name in the file.
    name: String,
    field: Field,
}

impl RowTable {
    /// # Errors
    /// When there is no such table of rows, a choice to make, or it has what results do not have.
    fn of(database: &Connection, wanted: Option<&str>) -> Result<Self> {
        let tables = tables(database)?;
        if tables.is_empty() {
            return Err(Error::input("the GeoPackage has no table of features or attributes"));
        }
        let names: Vec<&str> = tables.iter().map(String::as_str).collect();
        let table = tables[one_layer("GeoPackage", &names, wanted)?].clone();
        let geometry = geometry(database, &table)?;
        let found = found(database, &table)?;
        let crs = geometry.as_ref().map(|found| found.crs).unwrap_or_default();
        let mut layer = Self { table, columns: Vec::new(), geometry: None, crs };
        declared::check_count(found.len())?;
        let own_name = |found: &DeclaredColumn| match &geometry {
            Some(geometry) if found.name.eq_ignore_ascii_case(&geometry.name) => "geometry".to_owned(),
            _ => found.name.clone(),
        };
        let names: Vec<String> = found.iter().map(own_name).collect();
        let known = known(&names, &found, geometry.as_ref());
        for (found, name) in found.into_iter().zip(names) {
            let field = match &geometry {
                Some(own) if found.name.eq_ignore_ascii_case(&own.name) => {
                    layer.geometry = Some(layer.columns.len());
                    shape::column(&name, own.kind, found.nullable)
                }
                _ => declared::declared(&name, found.kind()?, known.as_ref(), found.nullable),
            };
            layer.columns.push(TableColumn { name: found.name, field });
        }
        Ok(layer)
    }

    fn select(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        // A table with no column but the number of the row still has rows.
        let names = if names.is_empty() { "NULL".to_owned() } else { names.join(", ") };
        format!("SELECT {names} FROM {}", quoted(&self.table))
    }

    /// The geometry of a row, if it has one.
    fn shape(&self, row: &Row<'_>) -> Result<Option<Wkb>, String> {
        let Some(at) = self.geometry else { return Ok(None) };
        match row.get_ref(at) {
            Ok(ValueRef::Null) => Ok(None),
            Ok(ValueRef::Blob(blob)) => shape::of_wkb(wkb(blob).ok_or("this is no geometry")?),
            Ok(_) => Err("this is no geometry".to_owned()),
            Err(e) => Err(e.to_string()),
        }
    }
}

impl TableColumn {
    fn cell<'r>(&self, row: &'r Row<'_>, at: usize) -> Result<FileValue<'r>, String> {
        Ok(match row.get_ref(at).map_err(|e| e.to_string())? {
            ValueRef::Null => FileValue::Null,
            ValueRef::Integer(value) => FileValue::Int(value),
            ValueRef::Real(value) => FileValue::Float(value),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => FileValue::Text(text),
                Err(_) => {
                    return Err(format!(
                        "column {}: a text is not in UTF-8",
                        self.field.name().escape_debug()
                    ));
                }
            },
            ValueRef::Blob(_) => {
                return Err(format!("column {}: there are bytes", self.field.name().escape_debug()));
            }
        })
    }
}

/// What the package says about the result in a table: its name, and the metadata of a package that this library wrote.
fn about(database: &Connection, table: &str) -> BTreeMap<String, String> {
    let sql = "SELECT metadata FROM gpkg_metadata WHERE mime_type = 'application/json' AND length(metadata) < 10000000";
    // Most packages have no such table.
    let json = database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap_or_default();
    let mut about = about_pairs(&json);
    about.insert(LAYER_KEY.to_owned(), table.to_owned());
    about
}

/// Names of the tables of rows.
fn tables(database: &Connection) -> Result<Vec<String>> {
    // Styles of QGIS are a table too, which is listed beside those of rows.
    let sql = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') \
               AND table_name <> 'layer_styles' ORDER BY 1";
    let read = || -> rusqlite::Result<Vec<String>> {
        database.prepare(sql)?.query_map([], |row| row.get(0))?.take(100).collect()
    };
    read().map_err(|e| {
        Error::input("this is no GeoPackage that can be read")
            .with_hint("SQLite files need the table gpkg_contents to be a GeoPackage")
            .with_source(e)
    })
}

/// A column as the file describes it.
struct DeclaredColumn {
    name: String,
    data_type: String,
    nullable: bool,
}

impl DeclaredColumn {
    /// The kind of the declared type (GeoPackage 1.4, "GeoPackage Data Types").
    fn kind(&self) -> Result<ColumnKind> {
        let upper = self.data_type.to_ascii_uppercase();
        let base = upper.split('(').next().unwrap_or_default().trim();
        Ok(match base {
            "BOOLEAN" => ColumnKind::Bool,
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" => ColumnKind::Int,
            "FLOAT" | "DOUBLE" | "REAL" => ColumnKind::Float,
            "TEXT" | "DATE" => ColumnKind::Text,
            "JSON" => ColumnKind::Json,
            "DATETIME" => ColumnKind::Time,
            _ => {
                let (name, data_type) = (self.name.escape_debug(), self.data_type.escape_debug());
                let what = format!("column {name} is of type {data_type}, which results do not have");
                return Err(Error::input(what).with_hint("leave it out, or make it a number or text"));
            }
        })
    }
}

/// The columns of a table except the number of the row.
fn found(database: &Connection, table: &str) -> Result<Vec<DeclaredColumn>> {
    let sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)";
    let read = || -> rusqlite::Result<Vec<(DeclaredColumn, bool)>> {
        let mut statement = database.prepare(sql)?;
        let rows = statement.query_map([table], |row| {
            let (name, is_key): (String, bool) = (row.get(0)?, row.get::<_, i64>(3)? > 0);
            let is_number = is_key && ["fid", "ogc_fid"].iter().any(|fid| name.eq_ignore_ascii_case(fid));
            Ok((
                DeclaredColumn { name, data_type: row.get(1)?, nullable: row.get::<_, i64>(2)? == 0 },
                is_number,
            ))
        })?;
        rows.collect()
    };
    let columns = read().map_err(|e| broken(e, 0))?;
    if columns.is_empty() {
        let what = format!("the table {} of the GeoPackage is not there", table.escape_debug());
        return Err(Error::input(what));
    }
    Ok(columns.into_iter().filter(|(_, is_number)| !is_number).map(|(found, _)| found).collect())
}

/// The columns of the kind of rows that the table is recognised as.
fn known(
    names: &[String],
    found: &[DeclaredColumn],
    geometry: Option<&TableGeometry>,
) -> Option<KnownColumns> {
    let is_always = |name: &str| {
        names.iter().zip(found).find(|(other, _)| *other == name).map(|(_, found)| !found.nullable)
    };
    // In files of this library `id` is never null, and `geometry` can be null only in rows that were looked up by id.
    // Other programs declare all columns nullable, which says nothing.
    let of_graph =
        if is_always("id") == Some(true) { is_always("geometry").map(|always| !always) } else { None };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let shape = geometry.and_then(|geometry| geometry.kind);
    KnownColumns::of(&names, Clues { has_geometry: geometry.is_some(), shape, id_is_text: None, of_graph })
}
