//! `mly.Query`: what is asked of an area.

use mly::{Filters, Layer, Sector, ValuePattern, earliest_ms, latest_ms};
use pyo3::prelude::*;

use crate::area::Where;
use crate::arguments::{Names, Unknown, date, ids, numbers, of_argument, parsed, refuse, text};
use crate::errors::to_py;
use crate::plan::Plan;

/// What is asked of an area. A value: it can be compared, printed and pickled, and nothing is sent.
///
/// Query.images, Query.sequences, Query.points and Query.signs make one. The area is one of
///
/// - bbox=(west, south, east, north) in degrees; west > east crosses the antimeridian
/// - within= a GeoJSON file, text or dict, or anything with __geo_interface__, such as shapely's shapes
/// - near=(longitude, latitude), with radius= in metres, 50 unless given
/// - tile="Z/X/Y" or (Z, X, Y)
///
/// A point on the border is inside. Dates are text ("2021", "2021-03", "2021-03-04", "2021-03-04T05:06:07Z"), a date
/// or a datetime; without a zone they are UTC, and as an upper bound a shorter date means its end.
#[pyclass(module = "mly", name = "Query", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query(pub(crate) mly::Query);

/// One keyword with its value.
type Keyword<'a, 'py> = (&'static str, Option<&'a Bound<'py, PyAny>>);

macro_rules! query {
    ($($(#[$doc:meta])* $layer:ident = $variant:ident, $shown:literal { $($name:ident: $kind:literal,)* })*) => {
        #[pymethods]
        impl Query {
            $(
                $(#[$doc])*
                #[staticmethod]
                #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
                #[pyo3(signature = (*, $($name: $kind = None,)* **unknown) -> "Query", text_signature = $shown)]
                fn $layer(
                    py: Python<'_>,
                    $($name: Option<&Bound<'_, PyAny>>,)*
                    unknown: Option<Unknown<'_, '_>>,
                ) -> PyResult<Self> {
                    let keywords = [$((stringify!($name), $name),)*];
                    build(py, Layer::$variant, &keywords, unknown)
                }
            )*
        }
    };
}

query! {
    /// Every image inside an area.
    ///
    /// since, until: when it was taken, both ends inside
    /// image_type: "pano", "flat" or "all"
    /// compass: (min, max) in degrees clockwise from north; min > max crosses north
    /// sequence, organization, creator: one id or many
    /// creator_username, make, model: as the service writes them; answered by searches
    /// looking_at: (longitude, latitude); panoramas look everywhere
    /// fields: only these columns besides id and geometry; what tiles do not carry is fetched by id
    /// limit: at most so many rows
    /// prune: reads tiles of this zoom (6 to 13) first, and then only those that their lines touch
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

    /// Every sequence that touches an area, whole.
    ///
    /// since, until: when it was taken, both ends inside
    /// image_type: "pano", "flat" or "all"
    /// sequence, organization, creator: one id or many
    /// fields: only these columns besides id and geometry
    /// limit: at most so many rows
    /// prune: reads tiles of this zoom (6 to 13) first, and then only those that their lines touch
    /// cut: keeps only what the fetched tiles show, which asks nothing of the graph
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

    /// Every map feature that is an object inside an area: benches, poles, hydrants.
    ///
    /// value: one value or many, such as "object--bench"; * stands for any text
    /// first_seen_since, first_seen_until, last_seen_since, last_seen_until: when it was seen, both ends inside
    /// fields: only these columns besides id and geometry; what tiles do not carry is fetched by id
    /// limit: at most so many rows
    /// prune: reads tiles of this zoom (6 to 13) first, and then only those that their lines touch
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

    /// Every map feature that is a traffic sign inside an area.
    ///
    /// value: one value or many, such as "regulatory--stop--g1"; * stands for any text
    /// first_seen_since, first_seen_until, last_seen_since, last_seen_until: when it was seen, both ends inside
    /// fields: only these columns besides id and geometry; what tiles do not carry is fetched by id
    /// limit: at most so many rows
    /// prune: reads tiles of this zoom (6 to 13) first, and then only those that their lines touch
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
    /// Which requests answer it, and what they cost. Nothing is sent.
    fn plan(&self) -> PyResult<Plan> {
        self.0.plan().map(Plan).map_err(to_py)
    }

    /// "images", "sequences", "points" or "signs".
    #[getter]
    fn layer(&self) -> &'static str {
        self.0.layer().name()
    }

    /// The query as JSON, without any token.
    fn to_json(&self) -> PyResult<String> {
        serde_json::to_string(&self.0).map_err(|e| invalid(format!("this query cannot be stored: {e}")))
    }

    /// Reads what to_json wrote.
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
    unknown: Option<Unknown<'_, '_>>,
) -> PyResult<Query> {
    let known: Vec<_> = keywords.iter().map(|(name, _)| *name).collect();
    refuse(unknown, &format!("Query.{layer}"), &known)?;
    let given = |name: &str| keywords.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
    let place = Where {
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
        _ => {
            let values = value.extract::<Names>()?.0;
            let values = values.iter().map(|value| ValuePattern::new(value).map_err(to_py));
            filters.values = values.collect::<PyResult<_>>()?;
        }
    }
    Ok(())
}

fn numeric_ids(given: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    let number = |id: String| id.parse().map_err(|_| invalid(format!("`{id}` is not an id of a number")));
    ids(given)?.into_iter().map(number).collect()
}

/// The question with the values of its filters, for people.
fn describe(query: &mly::Query) -> String {
    let mut parts = vec![format!("{} in {}", query.layer(), query.area())];
    let used = serde_json::to_value(query.filters()).unwrap_or_default();
    let none = serde_json::to_value(Filters::default()).unwrap_or_default();
    for (name, value) in used.as_object().into_iter().flatten() {
        let shown = match (name.as_str(), value) {
            (_, value) if none.get(name) == Some(value) => continue,
            ("captured", _) => query.filters().captured.to_string(),
            ("first_seen", _) => query.filters().first_seen.to_string(),
            ("last_seen", _) => query.filters().last_seen.to_string(),
            (_, value) => value.to_string(),
        };
        parts.push(format!("{name} {shown}"));
    }
    parts.extend(query.fields().map(|names| format!("fields {}", names.join(","))));
    parts.extend(query.prune().map(|zoom| format!("pruned by zoom {zoom}")));
    parts.extend(query.is_cut().then(|| "cut".to_owned()));
    parts.extend(query.limit().map(|rows| format!("at most {rows}")));
    parts.join(", ")
}
