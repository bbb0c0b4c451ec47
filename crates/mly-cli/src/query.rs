//! The query that the arguments describe.

use std::path::Path;

use mly::{Area, Layer, Query};

use crate::args::{AreaArgs, FilterArgs, FilterFlags};
use crate::console::Console;
use crate::exit::Failure;
use crate::input::read_text;

/// Builds the query of an area verb.
pub(crate) fn build(
    layer: Layer,
    area: AreaArgs,
    filters: FilterArgs,
    console: &mut Console,
) -> Result<Query, Failure> {
    let FilterArgs { filters: FilterFlags(filters), cut, prune, limit, fields } = filters;
    let mut query = Query::new(layer, read_area(area, console)?).with_filters(filters).with_cut(cut);
    if let Some(zoom) = prune {
        query = query.with_prune(zoom);
    }
    if let Some(rows) = limit {
        query = query.with_limit(rows);
    }
    if let Some(names) = fields {
        query = query.with_fields(names);
    }
    Ok(query)
}

fn read_area(args: AreaArgs, console: &mut Console) -> Result<Area, Failure> {
    const HINT: &str = "give one of --bbox W,S,E,N, --within FILE, --near LON,LAT or --tile Z/X/Y";
    if args.radius.is_some() && args.near.is_none() {
        return Err(Failure::usage("--radius needs --near", "add --near LON,LAT"));
    }
    match args {
        AreaArgs { bbox: Some(area), within: None, near: None, tile: None, .. } => Ok(area),
        AreaArgs { bbox: None, within: Some(path), near: None, tile: None, .. } => {
            read_geojson(&path, console)
        }
        AreaArgs { bbox: None, within: None, near: Some([lon, lat]), tile: None, radius } => {
            Ok(Area::near(lon, lat, radius.unwrap_or(Area::DEFAULT_RADIUS_M))?)
        }
        AreaArgs { bbox: None, within: None, near: None, tile: Some(tile), .. } => Ok(Area::tile(tile)),
        AreaArgs { bbox: None, within: None, near: None, tile: None, .. } => {
            Err(Failure::usage("no area given", HINT))
        }
        _ => Err(Failure::usage("more than one area given", HINT)),
    }
}

fn read_geojson(path: &Path, console: &mut Console) -> Result<Area, Failure> {
    const HINT: &str = "give a GeoJSON file, or - to read standard input";
    let (name, text) = read_text(path, HINT, console)?;
    Area::geojson(&text).map_err(|e| Failure::of_input(&name, e))
}
