//! The question that the arguments ask.

use std::io::Read;
use std::path::Path;

use mly::{Area, Filters, Layer, Query, Sector, TimeRange, ValuePattern, earliest_ms, latest_ms};

use crate::args::{AreaArgs, FilterArgs};
use crate::console::Console;
use crate::exit::Failure;

/// Radius of `--near` when none is given; the search endpoints of the service take no larger one.
const RADIUS_M: f64 = 50.0;

const AREA_HINT: &str = "give one of --bbox W,S,E,N, --within FILE, --near LON,LAT or --tile Z/X/Y";

/// Builds the query of an area verb.
pub(crate) fn build(
    layer: Layer,
    area: &AreaArgs,
    filters: &FilterArgs,
    console: &mut Console,
) -> Result<Query, Failure> {
    let mut query = Query::new(layer, read_area(area, console)?).filters(read_filters(filters)?).cut(filters.cut);
    if let Some(limit) = &filters.limit {
        query = query.limit(number("--limit", limit, "give a whole number of rows")?);
    }
    if let Some(fields) = &filters.fields {
        query = query.fields(fields.iter().map(|f| f.trim()).filter(|f| !f.is_empty()));
    }
    Ok(query)
}

fn read_area(args: &AreaArgs, console: &mut Console) -> Result<Area, Failure> {
    let given = [args.bbox.is_some(), args.within.is_some(), args.near.is_some(), args.tile.is_some()];
    match given.into_iter().filter(|g| *g).count() {
        0 => return Err(Failure::usage("no area given", AREA_HINT)),
        1 => {}
        _ => return Err(Failure::usage("more than one area given", AREA_HINT)),
    }
    if args.radius.is_some() && args.near.is_none() {
        return Err(Failure::usage("--radius goes with --near only", "add --near LON,LAT"));
    }
    if let Some(text) = &args.bbox {
        let [west, south, east, north] = numbers("--bbox", text, "--bbox 8.98,51.98,9.03,52.01 (west,south,east,north)")?;
        return Ok(Area::bbox(west, south, east, north)?);
    }
    if let Some(path) = &args.within {
        return Ok(Area::geojson(&read_text(path, console)?)?);
    }
    if let Some(text) = &args.near {
        let [lon, lat] = numbers("--near", text, "--near 9.0,52.0 (longitude,latitude)")?;
        let radius_m = match &args.radius {
            Some(text) => number("--radius", text, "give metres, such as --radius 200")?,
            None => RADIUS_M,
        };
        return Ok(Area::near(lon, lat, radius_m)?);
    }
    let text = args.tile.as_deref().unwrap_or_default();
    let tile = text.parse().map_err(|e: String| Failure::usage(format!("--tile: {e}"), "give zoom/column/row, such as --tile 14/8601/5411"))?;
    Ok(Area::tile(tile))
}

fn read_text(path: &Path, console: &mut Console) -> Result<String, Failure> {
    let hint = "give a GeoJSON file, or - to read one from standard input";
    if path == Path::new("-") {
        let mut text = String::new();
        let read = console.input.read_to_string(&mut text);
        return read.map(|_| text).map_err(|e| Failure::usage(format!("cannot read standard input: {e}"), hint));
    }
    std::fs::read_to_string(path).map_err(|e| Failure::usage(format!("cannot read {}: {e}", path.display()), hint))
}

fn read_filters(args: &FilterArgs) -> Result<Filters, Failure> {
    let mut filters = Filters::default();
    filters.captured = range("", args.since.as_ref(), args.until.as_ref())?;
    filters.first_seen = range("first-seen-", args.first_seen_since.as_ref(), args.first_seen_until.as_ref())?;
    filters.last_seen = range("last-seen-", args.last_seen_since.as_ref(), args.last_seen_until.as_ref())?;
    if let Some(text) = &args.image_type {
        filters.image_type = text.parse()?;
    }
    if let Some(text) = &args.compass {
        let [min, max] = numbers("--compass", text, "--compass 350,10 (degrees clockwise from north)")?;
        filters.compass = Some(Sector::new(min, max)?);
    }
    if let Some(text) = &args.looking_at {
        let [lon, lat] = numbers("--looking-at", text, "--looking-at 9.0,52.0 (longitude,latitude)")?;
        filters.looking_at = Some([lon, lat]);
    }
    filters.sequence_ids = named("--sequence", &args.sequence)?;
    filters.organization_ids = ids("--organization", &args.organization)?;
    filters.creator_ids = ids("--creator", &args.creator)?;
    filters.values = args.value.iter().map(|v| ValuePattern::new(v)).collect::<Result<_, _>>()?;
    Ok(filters)
}

fn range(prefix: &str, since: Option<&String>, until: Option<&String>) -> Result<TimeRange, Failure> {
    let moment = |name: &str, text: Option<&String>, read: fn(&str) -> mly::Result<i64>| {
        text.map(|t| read(t).map_err(|e| named_argument(&format!("--{prefix}{name}"), e))).transpose()
    };
    Ok(TimeRange {
        since_ms: moment("since", since, earliest_ms)?,
        until_ms: moment("until", until, latest_ms)?,
    })
}

/// The error of the library, with the argument that caused it in front.
fn named_argument(name: &str, error: mly::Error) -> Failure {
    match error {
        mly::Error::InvalidQuery { what, hint } => {
            mly::Error::InvalidQuery { what: format!("{name}: {what}"), hint }.into()
        }
        other => other.into(),
    }
}

fn named(name: &str, given: &[String]) -> Result<Vec<String>, Failure> {
    let ids: Vec<_> = given.iter().map(|id| id.trim().to_owned()).collect();
    if ids.iter().any(String::is_empty) {
        return Err(Failure::usage(format!("{name}: an id is empty"), "separate ids by single commas"));
    }
    Ok(ids)
}

fn ids(name: &str, given: &[String]) -> Result<Vec<i64>, Failure> {
    given.iter().map(|id| number(name, id, "ids of organizations and creators are whole numbers")).collect()
}

fn number<T: std::str::FromStr>(name: &str, text: &str, hint: &str) -> Result<T, Failure> {
    text.trim().parse().map_err(|_| Failure::usage(format!("{name}: `{text}` is not a number that fits here"), hint))
}

/// Exactly `N` numbers with commas between them.
fn numbers<const N: usize>(name: &str, text: &str, example: &str) -> Result<[f64; N], Failure> {
    let hint = format!("such as {example}");
    let values = text.split(',').map(|part| number(name, part, &hint)).collect::<Result<Vec<f64>, _>>()?;
    let count = values.len();
    values.try_into().map_err(|_| Failure::usage(format!("{name}: expected {N} numbers, found {count}"), hint))
}
