//! `mly.Query`: a question about an area.

use mly::{Filters, Layer, Sector, ValuePattern, earliest_ms, latest_ms};
use pyo3::prelude::*;

use crate::area::AreaKeywords;
use crate::arguments::{Names, UnknownKeywords, date, ids, numbers, of_argument, parsed, refuse, text};
use crate::errors::{internal, to_py};
use crate::plan::Plan;

/// A question about an area: which layer, where, and with which filters.
///
/// Query.images, Query.sequences, Query.points and Query.signs make one, and nothing is sent. Queries are values: they can
/// be compared, printed and pickled. The area is exactly one of bbox, within, near and tile; a point on its border is
/// inside.
///
/// Dates are text ("2021", "2021-03", "2021-03-04", "2021-03-04T05:06:07Z"), a date or a datetime. Without a zone they are
/// UTC, and as an upper bound a shorter date means its end.
#[pyclass(module = "mly", name = "Query", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query(pub(crate) mly::Query);

/// One keyword with its value.
type Keyword<'a, 'py> = (&'static str, Option<&'a Bound<'py, PyAny>>);

macro_rules! query {
    ($(
        $(#[$doc:meta])*
        filters { $(#[$filter:meta])* }
        $layer:ident = $variant:ident, $shown:literal { $($name:ident: $kind:literal,)* }
    )*) => {
        #[pymethods]
        impl Query {
            $(
                $(#[$doc])*
                ///
                /// Args:
                ///     bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
                ///     within: Polygons of a GeoJSON file, text or dict, or of an object with __geo_interface__, such as
                ///         those of shapely.
                ///     near: Longitude and latitude of the middle of a circle.
                ///     radius: Radius of that circle in metres, 50 unless given.
                ///     tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
                $(#[$filter])*
                ///
                /// Returns:
                ///     The query.
                ///
                /// Raises:
                ///     InvalidQueryError: The area is not valid, or a filter makes no sense.
                ///     InputError: The file of within cannot be read.
                ///     TypeError: An argument is of another type or not known, or there is not exactly one area.
                #[staticmethod]
                #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
                #[pyo3(signature = (*, $($name: $kind = None,)* **unknown) -> "Query", text_signature = $shown)]
                fn $layer(
                    py: Python<'_>,
                    $($name: Option<&Bound<'_, PyAny>>,)*
                    unknown: Option<UnknownKeywords<'_, '_>>,
                ) -> PyResult<Self> {
                    let keywords = [$((stringify!($name), $name),)*];
                    build(py, Layer::$variant, &keywords, unknown)
                }
            )*
        }
    };
}

query! {
    /// Asks for the images inside an area.
    filters {
        ///     since: Taken at this time or later.
        ///     until: Taken at this time or earlier.
        ///     image_type: "pano" for panoramas, "flat" for all others, "all" for both.
        ///     compass: Smallest and largest compass angle, in degrees clockwise from north; min > max crosses north.
        ///     sequence: Ids of sequences, one or many.
        ///     organization: Ids of organizations, one or many.
        ///     creator: Ids of the users who uploaded, one or many.
        ///     creator_username: Name of the user who uploaded, as the service writes it; answered by searches.
        ///     make: Make of the camera, as the service writes it; answered by searches.
        ///     model: Model of the camera, as the service writes it; answered by searches.
        ///     looking_at: Longitude and latitude of a point that is in view; panoramas look everywhere.
        ///     fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
        ///     limit: The most rows.
        ///     prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch.
        ///         A few images may be missed.
    }
    images = Images, "(*, bbox=None, within=None, near=None, radius=None, tile=None, since=None, until=None, image_type=None, compass=None, sequence=None, organization=None, creator=None, creator_username=None, make=None, model=None, looking_at=None, fields=None, limit=None, prune=None)" {
        bbox: "Sequence[float] | None",
        within: "Within | None",
        near: "Sequence[float] | None",
        radius: "float | None",
        tile: "str | tuple[int, int, int] | None",
        since: "str | date | None",
        until: "str | date | None",
        image_type: "Literal['all', 'pano', 'flat'] | None",
        compass: "Sequence[float] | None",
        sequence: "str | Iterable[str] | None",
        organization: "Ids | None",
        creator: "Ids | None",
        creator_username: "str | None",
        make: "str | None",
        model: "str | None",
        looking_at: "Sequence[float] | None",
        fields: "str | Iterable[str] | None",
        limit: "int | None",
        prune: "int | None",
    }

    /// Asks for the sequences that touch an area, each with its whole line.
    filters {
        ///     since: Taken at this time or later.
        ///     until: Taken at this time or earlier.
        ///     image_type: "pano" for panoramas, "flat" for all others, "all" for both.
        ///     sequence: Ids of sequences, one or many.
        ///     organization: Ids of organizations, one or many.
        ///     creator: Ids of the users who uploaded, one or many.
        ///     fields: Names of columns to keep besides id and geometry.
        ///     limit: The most rows.
        ///     prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch.
        ///         A few images may be missed.
        ///     cut: Whether to keep only the parts of lines in the fetched tiles, which needs no further requests.
    }
    sequences = Sequences, "(*, bbox=None, within=None, near=None, radius=None, tile=None, since=None, until=None, image_type=None, sequence=None, organization=None, creator=None, fields=None, limit=None, prune=None, cut=None)" {
        bbox: "Sequence[float] | None",
        within: "Within | None",
        near: "Sequence[float] | None",
        radius: "float | None",
        tile: "str | tuple[int, int, int] | None",
        since: "str | date | None",
        until: "str | date | None",
        image_type: "Literal['all', 'pano', 'flat'] | None",
        sequence: "str | Iterable[str] | None",
        organization: "Ids | None",
        creator: "Ids | None",
        fields: "str | Iterable[str] | None",
        limit: "int | None",
        prune: "int | None",
        cut: "bool | None",
    }

    /// Asks for the objects on the map inside an area, such as benches and hydrants.
    filters {
        ///     value: Values such as "object--bench", one or many; * stands for any text.
        ///     first_seen_since: First seen at this time or later.
        ///     first_seen_until: First seen at this time or earlier.
        ///     last_seen_since: Last seen at this time or later.
        ///     last_seen_until: Last seen at this time or earlier.
        ///     fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
        ///     limit: The most rows.
        ///     prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch.
        ///         A few images may be missed.
    }
    points = Points, "(*, bbox=None, within=None, near=None, radius=None, tile=None, value=None, first_seen_since=None, first_seen_until=None, last_seen_since=None, last_seen_until=None, fields=None, limit=None, prune=None)" {
        bbox: "Sequence[float] | None",
        within: "Within | None",
        near: "Sequence[float] | None",
        radius: "float | None",
        tile: "str | tuple[int, int, int] | None",
        value: "str | Iterable[str] | None",
        first_seen_since: "str | date | None",
        first_seen_until: "str | date | None",
        last_seen_since: "str | date | None",
        last_seen_until: "str | date | None",
        fields: "str | Iterable[str] | None",
        limit: "int | None",
        prune: "int | None",
    }

    /// Asks for the traffic signs inside an area.
    filters {
        ///     value: Values such as "regulatory--stop--g1", one or many; * stands for any text.
        ///     first_seen_since: First seen at this time or later.
        ///     first_seen_until: First seen at this time or earlier.
        ///     last_seen_since: Last seen at this time or later.
        ///     last_seen_until: Last seen at this time or earlier.
        ///     fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
        ///     limit: The most rows.
        ///     prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch.
        ///         A few images may be missed.
    }
    signs = Signs, "(*, bbox=None, within=None, near=None, radius=None, tile=None, value=None, first_seen_since=None, first_seen_until=None, last_seen_since=None, last_seen_until=None, fields=None, limit=None, prune=None)" {
        bbox: "Sequence[float] | None",
        within: "Within | None",
        near: "Sequence[float] | None",
        radius: "float | None",
        tile: "str | tuple[int, int, int] | None",
        value: "str | Iterable[str] | None",
        first_seen_since: "str | date | None",
        first_seen_until: "str | date | None",
        last_seen_since: "str | date | None",
        last_seen_until: "str | date | None",
        fields: "str | Iterable[str] | None",
        limit: "int | None",
        prune: "int | None",
    }
}

#[pymethods]
impl Query {
    /// Plans the requests that answer the query, and what they cost. Nothing is sent.
    ///
    /// Raises:
    ///     InvalidQueryError: A filter makes no sense.
    fn plan(&self) -> PyResult<Plan> {
        self.0.plan().map(Plan).map_err(to_py)
    }

    /// The layer: "images", "sequences", "points" or "signs".
    #[getter]
    fn layer(&self) -> &'static str {
        self.0.layer().name()
    }

    /// Gives the query as JSON text. It holds no token.
    fn to_json(&self) -> PyResult<String> {
        serde_json::to_string(&self.0).map_err(|e| invalid(format!("this query cannot be stored: {e}")))
    }

    /// Makes a query from the text that to_json gave.
    ///
    /// Raises:
    ///     InvalidQueryError: The text is not that of a query.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "Query")]
    fn from_json(text: &str) -> PyResult<Self> {
        let query: mly::Query =
            serde_json::from_str(text).map_err(|e| invalid(format!("this is not a stored query: {e}")))?;
        query.check().map_err(to_py)?;
        Ok(Self(query))
    }

    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json()?,)))
    }

    fn __repr__(&self) -> String {
        format!("<mly.Query {}>", describe(&self.0))
    }
}

fn invalid(what: String) -> PyErr {
    to_py(mly::Error::InvalidQuery { what, hint: None })
}

fn build(
    py: Python<'_>,
    layer: Layer,
    keywords: &[Keyword<'_, '_>],
    unknown: Option<UnknownKeywords<'_, '_>>,
) -> PyResult<Query> {
    let known: Vec<_> = keywords.iter().map(|(name, _)| *name).collect();
    refuse(unknown, &format!("Query.{layer}"), &known)?;
    let given = |name: &str| keywords.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
    let place = AreaKeywords {
        bbox: given("bbox"),
        within: given("within"),
        near: given("near"),
        radius: given("radius"),
        tile: given("tile"),
    };
    let mut query = mly::Query::new(layer, place.area(py)?);
    let mut filters = Filters::default();
    for &(name, value) in keywords {
        let Some(value) = value else { continue };
        let set = match name {
            "bbox" | "within" | "near" | "radius" | "tile" => Ok(()),
            "fields" => value.extract().map(|Names(names)| query = query.clone().fields(names)),
            "limit" => value.extract().map(|rows| query = query.clone().limit(rows)),
            "prune" => value.extract().map(|zoom| query = query.clone().prune(zoom)),
            "cut" => value.extract().map(|cut| query = query.clone().cut(cut)),
            _ => filter(&mut filters, name, value),
        };
        set.map_err(|e| of_argument(py, name, e))?;
    }
    let query = query.filters(filters);
    query.check().map_err(to_py)?;
    Ok(Query(query))
}

fn filter(filters: &mut Filters, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let first = || earliest_ms(&date(value)?).map(Some).map_err(to_py);
    let last = || latest_ms(&date(value)?).map(Some).map_err(to_py);
    match name {
        "since" => filters.captured.since_ms = first()?,
        "until" => filters.captured.until_ms = last()?,
        "first_seen_since" => filters.first_seen.since_ms = first()?,
        "first_seen_until" => filters.first_seen.until_ms = last()?,
        "last_seen_since" => filters.last_seen.since_ms = first()?,
        "last_seen_until" => filters.last_seen.until_ms = last()?,
        "image_type" => filters.image_type = parsed(&text(value, "\"all\", \"pano\" or \"flat\"")?)?,
        "compass" => {
            let [min, max] = numbers(value, "two angles in degrees: min, max")?;
            filters.compass = Some(Sector::new(min, max).map_err(to_py)?);
        }
        "sequence" => filters.sequence_ids = value.extract::<Names>()?.0,
        "organization" => filters.organization_ids = numeric_ids(value)?,
        "creator" => filters.creator_ids = numeric_ids(value)?,
        "creator_username" => filters.creator_username = Some(text(value, "a name")?),
        "make" => filters.make = Some(text(value, "a make of cameras")?),
        "model" => filters.model = Some(text(value, "a model of cameras")?),
        "looking_at" => filters.looking_at = Some(numbers(value, "two numbers: longitude, latitude")?),
        "value" => {
            let values = value.extract::<Names>()?.0;
            let values = values.iter().map(|value| ValuePattern::new(value).map_err(to_py));
            filters.values = values.collect::<PyResult<_>>()?;
        }
        // A keyword that is listed above and not read here must not pass for another filter, or for none.
        _ => return Err(internal(format!("no filter reads the keyword `{name}`"))),
    }
    Ok(())
}

fn numeric_ids(given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    let number = |id: String| id.parse().map_err(|_| invalid(format!("`{id}` is not an id of a number")));
    ids(given)?.into_iter().map(number).collect()
}

/// The query and the values of its filters on one line.
fn describe(query: &mly::Query) -> String {
    let mut parts = vec![format!("{} in {}", query.layer(), query.area())];
    let used = serde_json::to_value(query.applied_filters()).unwrap_or_default();
    let none = serde_json::to_value(Filters::default()).unwrap_or_default();
    for (name, value) in used.as_object().into_iter().flatten() {
        let shown = match (name.as_str(), value) {
            (_, value) if none.get(name) == Some(value) => continue,
            ("captured", _) => query.applied_filters().captured.to_string(),
            ("first_seen", _) => query.applied_filters().first_seen.to_string(),
            ("last_seen", _) => query.applied_filters().last_seen.to_string(),
            (_, value) => value.to_string(),
        };
        parts.push(format!("{name} {shown}"));
    }
    parts.extend(query.selected_fields().map(|names| format!("fields {}", names.join(","))));
    parts.extend(query.pruned_by().map(|zoom| format!("pruned by zoom {zoom}")));
    parts.extend(query.is_cut().then(|| "cut".to_owned()));
    parts.extend(query.row_limit().map(|rows| format!("at most {rows}")));
    parts.join(", ")
}
