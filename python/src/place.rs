//! The outline of a place by its name.

use std::path::PathBuf;

use mly::Error;
use mly::env::{Environment, parse_base_url};
use mly::place::{Found, Place, Places};
use pyo3::prelude::*;

use crate::errors::to_py;
use crate::runtime;

/// Finds the outline of a place by its name, for `within=`: asks a Nominatim service.
///
/// The public service of OpenStreetMap is asked at most once a second, and its answers are kept for a month. The
/// outlines are (c) OpenStreetMap contributors, under the ODbL.
///
/// Args:
///     name: The name, such as "Herford" or "Springfield, Ohio", or an id of OpenStreetMap, such as "R62422".
///     url: Base URL of another Nominatim service; unless given, that of the variable MLY_PLACES_URL, else the
///         public one.
///     cache_dir: Folder in which answers are kept; unless given, that of the variable MLY_CACHE_DIR, else the
///         user's folder of caches for the public service.
///
/// Returns:
///     A GeoJSON feature with the outline in degrees, and the properties name, id and type.
///
/// Raises:
///     InvalidQueryError: Nothing has this name, several places have it (the message lists their ids), or it is known
///         as a point only.
///     TransportError: The service does not answer.
///     RateLimitedError: The service refuses requests from this address.
#[pyfunction]
#[pyo3(
    signature = (
        name: "str", *, url: "str | None" = None, cache_dir: "str | PathLike[str] | None" = None
    ) -> "dict[str, Any]"
)]
#[expect(clippy::needless_pass_by_value, reason = "arguments of Python are values")]
pub(crate) fn place(
    py: Python<'_>,
    name: String,
    url: Option<String>,
    cache_dir: Option<PathBuf>,
) -> PyResult<Py<PyAny>> {
    let environment = Environment::of_process();
    let given = url.as_deref().map(parse_base_url).transpose().map_err(to_py)?;
    let base = environment.places_url(given).map_err(to_py)?.value;
    let folder = environment.places_dir(cache_dir, &base);
    let places = Places::at(base, folder.as_deref());
    let found = runtime::wait(py, places.find(&name), |_| Ok(()))?;
    let place = match found {
        Found::One(place) => place,
        Found::Several(places) => return Err(to_py(ambiguous(&name, &places))),
    };
    Ok(py.import("json")?.call_method1("loads", (place.to_geojson(),))?.unbind())
}

fn ambiguous(name: &str, places: &[Place]) -> Error {
    let list: Vec<_> = places.iter().map(Place::describe).collect();
    let what = format!("{} places are named {name}: {}", places.len(), list.join("; "));
    Error::query(what).with_hint("choose one by its id")
}
