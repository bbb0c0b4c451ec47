//! The query that the arguments describe.

use std::path::Path;

use mly::source::AreaReader;
use mly::{Area, Layer, Query};

use crate::args::{AreaArgs, FilterArgs, FilterFlags};
use crate::console::Console;
use crate::exit::Failure;
use crate::output::is_stream;

/// Builds the query of an area verb.
pub(crate) fn build(
    layer: Layer,
    area: AreaArgs,
    filters: FilterArgs,
    console: &mut Console,
) -> Result<Query, Failure> {
    let FilterArgs { filters: FilterFlags(filters), cut, prune, limit, fields } = filters;
    let nearest = area.nearest;
    let mut query = Query::new(layer, read_area(area, console)?).with_filters(filters).with_cut(cut);
    if let Some(rows) = nearest {
        query = query.with_nearest(rows);
    }
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
    let drawn_only = [
        ("--buffer", args.buffer.is_some()),
        ("--area-column", args.area_column.is_some()),
        ("--nearest", args.nearest.is_some()),
    ];
    if let Some((option, _)) = drawn_only.iter().find(|(_, is_given)| *is_given && args.within.is_none()) {
        return Err(Failure::usage(format!("{option} needs --within"), "add --within FILE"));
    }
    match args {
        AreaArgs { bbox: Some(area), within: None, near: None, tile: None, .. } => Ok(area),
        AreaArgs {
            bbox: None,
            within: Some(path),
            near: None,
            tile: None,
            buffer,
            area_column,
            nearest,
            ..
        } => read_drawn(&path, &reader(buffer, area_column, nearest), console),
        AreaArgs { bbox: None, within: None, near: Some([lon, lat]), tile: None, radius, .. } => {
            Ok(Area::near(lon, lat, radius.unwrap_or(Area::DEFAULT_RADIUS_M))?)
        }
        AreaArgs { bbox: None, within: None, near: None, tile: Some(tile), .. } => Ok(Area::tile(tile)),
        AreaArgs { bbox: None, within: None, near: None, tile: None, .. } => {
            Err(Failure::usage("no area given", HINT))
        }
        _ => Err(Failure::usage("more than one area given", HINT)),
    }
}

fn reader(buffer: Option<f64>, area_column: Option<String>, nearest: Option<u32>) -> AreaReader {
    let mut reader = AreaReader::new();
    if let Some(metres) = buffer {
        reader = reader.with_buffer_m(metres);
    }
    // The nearest rows of points are told apart by the numbers of the points, unless something else is named.
    match area_column.or(nearest.map(|_| "index".to_owned())) {
        Some(name) => reader.with_column(name),
        None => reader,
    }
}

fn read_drawn(path: &Path, reader: &AreaReader, console: &mut Console) -> Result<Area, Failure> {
    if is_stream(path) {
        let area = reader.stream(&mut console.input);
        return area.map_err(|error| Failure::of_input("standard input", error));
    }
    reader.file(path).map_err(|error| Failure::of_input(&path.display().to_string(), error))
}
