//! The geometry column of a GeoPackage.

use rusqlite::{Connection, OptionalExtension, Row};

use super::failure::broken;
use crate::crs::Crs;
use crate::error::{Error, Hint, Result};
use crate::source::rows::shape::{self, GeometryKind, refusal};

/// A name as SQL.
pub(in crate::source) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The column of geometries.
pub(super) struct TableGeometry {
    pub(super) name: String,
    /// The kind of its geometries if it is the same for all.
    pub(super) kind: Option<GeometryKind>,
    pub(super) crs: Crs,
}

/// The geometry column, if there is one.
pub(super) fn geometry(database: &Connection, table: &str) -> Result<Option<TableGeometry>> {
    let has_geometries = "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_geometry_columns'";
    if database.query_row(has_geometries, [], |_| Ok(())).optional().map_err(|e| broken(e, 0))?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT column_name, geometry_type_name, z, m, g.srs_id, organization, organization_coordsys_id \
               FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s USING (srs_id) WHERE table_name = ?";
    let found = database.query_row(sql, [table], |row| {
        let dimensions: (i64, i64) = (row.get(2)?, row.get(3)?);
        let system: (i64, Option<String>, Option<i64>) = (row.get(4)?, row.get(5)?, row.get(6)?);
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, dimensions, system))
    });
    let Some((name, kind, (z, m), system)) = found.optional().map_err(|e| broken(e, 0))? else {
        return Ok(None);
    };
    let crs = crs(system)?;
    if z == 1 || m == 1 {
        return Err(Error::input("the geometries have more than two dimensions, and results have two")
            .with_hint("ogr2ogr -dim XY OUT IN leaves heights out"));
    }
    let kind = match kind.to_ascii_uppercase().as_str() {
        "POINT" => Some(GeometryKind::Point),
        "LINESTRING" | "MULTILINESTRING" | "MULTIPOINT" => Some(GeometryKind::Lines),
        // The tables of other lines are declared so too, since results have points in place of lines that would lead
        // nowhere.
        "GEOMETRY" => common_kind(database, table, &name).map_err(|e| broken(e, 0))?,
        other => return Err(Error::input(refusal(other))),
    };
    Ok(Some(TableGeometry { name, kind, crs }))
}

/// The kind of the geometries of a column, if it is the same for all.
fn common_kind(database: &Connection, table: &str, column: &str) -> rusqlite::Result<Option<GeometryKind>> {
    let column = quoted(column);
    let sql = format!("SELECT {column} FROM {} WHERE {column} IS NOT NULL", quoted(table));
    let mut statement = database.prepare(&sql)?;
    let kind = |row: &Row<'_>| Ok(row.get_ref(0)?.as_blob().ok().and_then(wkb).and_then(shape::kind_of_wkb));
    // A row that cannot be read is told when its values are read.
    Ok(shape::common(statement.query_map([], kind)?.map(|kind| kind.ok().flatten())))
}

/// The reference system with a number of the file, which stands for a code of an organization (GeoPackage 1.4, "Spatial
/// Reference Systems").
pub(in crate::source) fn crs(
    (number, organization, code): (i64, Option<String>, Option<i64>),
) -> Result<Crs> {
    /// Positions on a plane in a system that is not known.
    const UNDEFINED_CARTESIAN: i64 = -1;
    let refused = |what: String| Error::input(what).with_hint(Hint::Reproject);
    match (organization, code) {
        _ if number == UNDEFINED_CARTESIAN => {
            Err(refused("the coordinates are on a plane, and not in longitude and latitude".to_owned()))
        }
        // Other systems that are not known have this organization. Their numbers have to be degrees.
        (Some(organization), _) if organization.eq_ignore_ascii_case("NONE") => Ok(Crs::Degrees),
        (Some(organization), Some(code)) => {
            Crs::of_code(&organization, &code.to_string()).map_err(|other| refused(other.to_string()))
        }
        // Without a row of their own, numbers are those of EPSG.
        _ if number > 0 => {
            Crs::of_code("EPSG", &number.to_string()).map_err(|other| refused(other.to_string()))
        }
        _ => Ok(Crs::Degrees),
    }
}

/// The well-known binary in a blob (GeoPackage 1.4, "Geometry Encoding").
pub(in crate::source) fn wkb(blob: &[u8]) -> Option<&[u8]> {
    /// Bytes of the envelope by its code in the flags.
    const ENVELOPES: [usize; 5] = [0, 32, 48, 48, 64];
    let (head, rest) = blob.split_first_chunk::<8>()?;
    let [b'G', b'P', _, flags, ..] = head else { return None };
    let is_extended = flags & 0b10_0000 != 0;
    let envelope = ENVELOPES.get(usize::from(flags >> 1 & 0b111))?;
    rest.get(*envelope..).filter(|_| !is_extended)
}
