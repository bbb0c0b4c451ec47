//! The query that the arguments describe.

use std::path::Path;

use mly::source::AreaReader;
use mly::{Area, Layer, Query};

use crate::args::{AreaArgs, FilterArgs, FilterFlags};
use crate::console::Console;
use crate::exit::Failure;
use crate::output::is_stream;
use crate::place;
use crate::settings::Service;

/// Builds the query of an area verb. The service tells where to ask for a place, and which was taken is told unless that
/// is to be `quiet`.
pub(crate) fn build(
    layer: Layer,
    area: AreaArgs,
    filters: FilterArgs,
    (service, quiet): (&Service<'_>, bool),
    console: &mut Console,
) -> Result<Query, Failure> {
    let FilterArgs { filters: FilterFlags(filters), cut, prune, limit, fields } = filters;
    let nearest = area.nearest;
    let mut query =
        Query::new(layer, read_area(area, (service, quiet), console)?).with_filters(filters).with_cut(cut);
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

fn read_area(
    args: AreaArgs,
    (service, quiet): (&Service<'_>, bool),
    console: &mut Console,
) -> Result<Area, Failure> {
    const HINT: &str =
        "give one of --bbox W,S,E,N, --within FILE, --near LON,LAT, --place NAME or --tile Z/X/Y";
    check_companions(&args)?;
    let AreaArgs { bbox, within, buffer, area_column, nearest, near, radius, place, places_url, tile } = args;
    let given = [bbox.is_some(), within.is_some(), near.is_some(), place.is_some(), tile.is_some()];
    if given.iter().filter(|is_given| **is_given).count() > 1 {
        return Err(Failure::usage("more than one area given", HINT));
    }
    let reader = || reader(buffer, area_column, nearest);
    if let Some(area) = bbox {
        Ok(area)
    } else if let Some(path) = within {
        read_drawn(&path, &reader(), console)
    } else if let Some([lon, lat]) = near {
        Ok(Area::near(lon, lat, radius.unwrap_or(Area::DEFAULT_RADIUS_M))?)
    } else if let Some(name) = place {
        let outline = place::outline(&name, service.places(places_url)?, quiet, console)?;
        Ok(reader().text(&outline)?)
    } else if let Some(tile) = tile {
        Ok(Area::tile(tile))
    } else {
        Err(Failure::usage("no area given", HINT))
    }
}

/// Refuses options whose area is not given.
fn check_companions(args: &AreaArgs) -> Result<(), Failure> {
    let lone = |option: &str, needed: &str, hint: &str| {
        Err(Failure::usage(format!("{option} needs {needed}"), format!("add {hint}")))
    };
    if args.radius.is_some() && args.near.is_none() {
        return lone("--radius", "--near", "--near LON,LAT");
    }
    if args.places_url.is_some() && args.place.is_none() {
        return lone("--places-url", "--place", "--place NAME");
    }
    let is_drawn = args.within.is_some() || args.place.is_some();
    for (option, is_given) in
        [("--buffer", args.buffer.is_some()), ("--area-column", args.area_column.is_some())]
    {
        if is_given && !is_drawn {
            return lone(option, "--within or --place", "--within FILE");
        }
    }
    if args.nearest.is_some() && args.within.is_none() {
        return lone("--nearest", "--within", "--within FILE");
    }
    Ok(())
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
