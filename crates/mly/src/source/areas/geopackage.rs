//! The features of a table of a GeoPackage.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::Value;

use super::wkb;
use crate::crs::Crs;
use crate::error::{Error, Place, Result};
use crate::query::{DrawingBuilder, Shape};
use crate::source::layer::one_layer;
use crate::source::rows::geopackage::failure::broken;
use crate::source::rows::geopackage::geometry::{crs, quoted, wkb};
use crate::source::rows::geopackage::open;

/// A table of features.
struct FeatureTable {
    name: String,
    geometry: String,
    crs: Result<Crs>,
}

/// The area of a file, or of one layer of it.
pub(super) fn read(
    path: &Path,
    layer: Option<&str>,
    mut found: DrawingBuilder,
    buffer_m: Option<f64>,
) -> Result<Shape> {
    let database = open(path).map_err(|e| broken(e, 0))?;
    let mut tables = tables(&database)?;
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let FeatureTable { name, geometry, crs } = tables.swap_remove(one_layer("GeoPackage", &names, layer)?);
    let crs = crs?;
    let columns = columns(&database, &name).map_err(|e| broken(e, 0))?;
    columns.iter().filter(|column| **column != geometry).for_each(|column| found.name(column));
    let wanted = found.wanted().filter(|wanted| columns.iter().any(|column| column == wanted)).map(quoted);
    let wanted = wanted.unwrap_or_else(|| "NULL".to_owned());
    let sql = format!("SELECT {}, {wanted} FROM {}", quoted(&geometry), quoted(&name));
    let mut statement = database.prepare(&sql).map_err(|e| broken(e, 0))?;
    let mut rows = statement.query([]).map_err(|e| broken(e, 0))?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(|e| broken(e, count))? {
        count += 1;
        add(row, &mut found).map_err(|what| Error::input(what).with_place(Place::Row(count)))?;
        found.end_feature();
    }
    if found.is_empty() {
        return Err(Error::query(format!("the layer {} is empty", name.escape_debug()))
            .with_hint("an area has a polygon, line or point"));
    }
    found.finish(crs, buffer_m)
}

fn add(row: &Row<'_>, found: &mut DrawingBuilder) -> Result<(), String> {
    let value = match row.get_ref(1).map_err(|e| e.to_string())? {
        ValueRef::Integer(value) => Value::from(value),
        ValueRef::Real(value) => Value::from(value),
        ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    };
    found.value(value);
    match row.get_ref(0).map_err(|e| e.to_string())? {
        ValueRef::Null => Ok(()),
        ValueRef::Blob(blob) => wkb::add(wkb(blob).ok_or("this is no geometry")?, found),
        _ => Err("this is no geometry".to_owned()),
    }
}

/// The tables that have geometries.
fn tables(database: &Connection) -> Result<Vec<FeatureTable>> {
    let sql = "SELECT table_name, column_name, g.srs_id, organization, organization_coordsys_id \
               FROM gpkg_contents JOIN gpkg_geometry_columns g USING (table_name) \
               LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id \
               WHERE data_type = 'features' ORDER BY 1";
    let read = || -> rusqlite::Result<Vec<FeatureTable>> {
        let mut statement = database.prepare(sql)?;
        let tables = statement.query_map([], |row| {
            let system = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(FeatureTable { name: row.get(0)?, geometry: row.get(1)?, crs: crs(system) })
        })?;
        tables.take(1000).collect()
    };
    read().map_err(|e| {
        Error::input("this is no GeoPackage with features")
            .with_hint("SQLite files need the tables gpkg_contents and gpkg_geometry_columns to be one")
            .with_source(e)
    })
}

/// Names of the columns of a table.
fn columns(database: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    database.prepare("SELECT name FROM pragma_table_info(?)")?.query_map([table], |row| row.get(0))?.collect()
}
