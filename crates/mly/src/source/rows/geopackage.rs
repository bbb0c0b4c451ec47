//! Rows of a GeoPackage (<https://www.geopackage.org/spec140/>).

use std::path::Path;

use arrow_schema::Field;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::known::{Clues, KnownColumns};
use super::shape::{self, GeometryKind, refusal};
use crate::error::{Error, Place, Result};
use crate::table::{ColumnKind, Wkb};

/// Reads the rows of a file.
pub(super) fn read(path: &Path, feed: &mut Feed) -> Result<()> {
    let database = open(path).map_err(|e| broken(e, 0))?;
    let layer = RowTable::of(&database)?;
    let schema = declared::schema(layer.columns.iter().map(|column| column.field.clone()).collect())?;
    let mut batches = BatchBuilder::begin(feed, &schema)?;
    let mut statement = database.prepare(&layer.select()).map_err(|e| broken(e, 0))?;
    let mut rows = statement.query([]).map_err(|e| broken(e, 0))?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|e| broken(e, count))? {
        count += 1;
        let wrong = |what: String| Error::input(what).with_place(Place::Row(count));
        let shape = layer.shape(row).map_err(|what| wrong(format!("column geometry: {what}")))?;
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
fn open(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite reads a name that begins with `file:` as a URI. An absolute path never does.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags)?;
    database
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    Ok(database)
}

fn broken(error: rusqlite::Error, rows: u64) -> Error {
    Error::input("the GeoPackage cannot be read").with_place(Place::AfterRow(rows)).with_source(error)
}

/// The table of the rows.
struct RowTable {
    table: String,
    /// The columns that are read.
    columns: Vec<TableColumn>,
    /// Which one is the geometry.
    geometry: Option<usize>,
}

struct TableColumn {
    /// Its name in the file.
    name: String,
    field: Field,
}

impl RowTable {
    /// # Errors
    /// When there is not one table of rows, or it has what results do not have.
    fn of(database: &Connection) -> Result<Self> {
        let tables = tables(database)?;
        let table = match tables.as_slice() {
            [table] => table.clone(),
            [] => return Err(Error::input("the GeoPackage has no table of features or attributes")),
            several => {
                let names: Vec<_> =
                    several.iter().take(8).map(|name| name.escape_debug().to_string()).collect();
                let what = format!("the GeoPackage has {} tables: {}", several.len(), names.join(", "));
                return Err(Error::input(what).with_hint("give a file with one table"));
            }
        };
        let geometry = geometry(database, &table)?;
        let found = found(database, &table)?;
        let mut layer = Self { table, columns: Vec::new(), geometry: None };
        declared::check_count(found.len())?;
        let own_name = |found: &DeclaredColumn| match &geometry {
            Some((name, _)) if found.name.eq_ignore_ascii_case(name) => "geometry".to_owned(),
            _ => found.name.clone(),
        };
        let names: Vec<String> = found.iter().map(own_name).collect();
        let known = known(&names, &found, geometry.as_ref());
        for (found, name) in found.into_iter().zip(names) {
            let field = match &geometry {
                Some((own, kind)) if found.name.eq_ignore_ascii_case(own) => {
                    layer.geometry = Some(layer.columns.len());
                    shape::column(&name, *kind, found.nullable)
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

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names of the tables of rows.
fn tables(database: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') ORDER BY 1";
    let read = || -> rusqlite::Result<Vec<String>> {
        database.prepare(sql)?.query_map([], |row| row.get(0))?.take(100).collect()
    };
    read().map_err(|e| {
        Error::input("this is no GeoPackage that can be read")
            .with_hint("SQLite files need the table gpkg_contents to be a GeoPackage")
            .with_source(e)
    })
}

/// The geometry column, and the kind of its geometries if it is the same for all.
fn geometry(database: &Connection, table: &str) -> Result<Option<(String, Option<GeometryKind>)>> {
    let has_geometries = "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_geometry_columns'";
    if database.query_row(has_geometries, [], |_| Ok(())).optional().map_err(|e| broken(e, 0))?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT column_name, geometry_type_name, z, m, organization, organization_coordsys_id \
               FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s USING (srs_id) WHERE table_name = ?";
    let found = database.query_row(sql, [table], |row| {
        let dimensions: (i64, i64) = (row.get(2)?, row.get(3)?);
        let system: (Option<String>, Option<i64>) = (row.get(4)?, row.get(5)?);
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, dimensions, system))
    });
    let Some((name, kind, (z, m), system)) = found.optional().map_err(|e| broken(e, 0))? else {
        return Ok(None);
    };
    let is_in_degrees = match &system {
        (Some(organization), Some(4326)) => organization.eq_ignore_ascii_case("EPSG"),
        // Undefined reference systems, -1 and 0, have this organization.
        (Some(organization), _) => organization.eq_ignore_ascii_case("NONE"),
        (None, _) => true,
    };
    if !is_in_degrees {
        return Err(Error::input("the geometries are not in longitude and latitude")
            .with_hint("transform them to EPSG:4326 first"));
    }
    if z == 1 || m == 1 {
        return Err(Error::input("the geometries have more than two dimensions, and results have two"));
    }
    let kind = match kind.to_ascii_uppercase().as_str() {
        "POINT" => Some(GeometryKind::Point),
        "LINESTRING" | "MULTILINESTRING" => Some(GeometryKind::Lines),
        "GEOMETRY" => None,
        other => return Err(Error::input(refusal(other))),
    };
    Ok(Some((name, kind)))
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
    geometry: Option<&(String, Option<GeometryKind>)>,
) -> Option<KnownColumns> {
    let is_always = |name: &str| {
        names.iter().zip(found).find(|(other, _)| *other == name).map(|(_, found)| !found.nullable)
    };
    // In files of this library `id` is never null, and `geometry` can be null only in rows that were looked up by id.
    // Other programs declare all columns nullable, which says nothing.
    let of_graph =
        if is_always("id") == Some(true) { is_always("geometry").map(|always| !always) } else { None };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let shape = geometry.and_then(|(_, kind)| *kind);
    KnownColumns::of(&names, Clues { has_geometry: geometry.is_some(), shape, id_is_text: None, of_graph })
}

/// The well-known binary in a blob (GeoPackage 1.4, "Geometry Encoding").
fn wkb(blob: &[u8]) -> Option<&[u8]> {
    /// Bytes of the envelope by its code in the flags.
    const ENVELOPES: [usize; 5] = [0, 32, 48, 48, 64];
    let (head, rest) = blob.split_first_chunk::<8>()?;
    let [b'G', b'P', _, flags, ..] = head else { return None };
    let is_extended = flags & 0b10_0000 != 0;
    let envelope = ENVELOPES.get(usize::from(flags >> 1 & 0b111))?;
    rest.get(*envelope..).filter(|_| !is_extended)
}
