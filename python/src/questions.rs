//! Query.images, Query.sequences, Query.points and Query.signs, with a keyword for each filter of the layer.
//!
//! Signatures and docstrings are made from the library's table of filters when the class is created. PyO3's macros
//! could only take them from the source text, which does not have the table.

use std::ffi::CString;

use mly::Layer;
use mly::query::Filter;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

use crate::area::AreaKeywords;
use crate::arguments::{Names, of_argument, refuse};
use crate::errors::to_py;
use crate::filters::{annotation, read};

/// A keyword: its name, its type, and a sentence about it.
struct Keyword {
    name: String,
    annotation: &'static str,
    doc: &'static str,
    meaning: Meaning,
}

/// Makes a query an object of Python.
type Wrap = fn(Python<'_>, mly::Query) -> PyResult<Py<PyAny>>;

/// What a keyword sets.
enum Meaning {
    Area,
    Filter(&'static Filter),
    Fields,
    Limit,
    Prune,
    Cut,
    Nearest,
}

const AREA: [(&str, &str, &str); 7] = [
    (
        "bbox",
        "Sequence[float] | None",
        "West, south, east and north in degrees; west > east crosses the antimeridian.",
    ),
    (
        "within",
        "Within | None",
        "Polygons, lines or points: a file (GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, shapefile, KML, KMZ, GPX, WKT, CSV), GeoJSON \
         or WKT as text, a dict, or an object with __geo_interface__, such as those of shapely and geopandas.",
    ),
    (
        "buffer",
        "float | None",
        "Also everything within this many metres of them, which lines and points need.",
    ),
    (
        "area_column",
        "str | None",
        "Adds a column area: this property of the first feature that holds the row, or its number for \"index\".",
    ),
    ("near", "Sequence[float] | None", "Longitude and latitude of the middle of a circle."),
    ("radius", "float | None", "Radius of that circle in metres, 50 unless given."),
    ("tile", "str | tuple[int, int, int] | None", "A tile of the slippy map, as \"Z/X/Y\" or (Z, X, Y)."),
];

/// The keywords of a layer, in the order of its signature.
fn keywords(layer: Layer) -> Vec<Keyword> {
    let area = AREA.into_iter().map(|(name, annotation, doc)| Keyword {
        name: name.to_owned(),
        annotation,
        doc,
        meaning: Meaning::Area,
    });
    let filters = Filter::of_layer(layer).map(|filter| Keyword {
        name: filter.keyword(),
        annotation: annotation(filter.kind),
        doc: filter.doc,
        meaning: Meaning::Filter(filter),
    });
    let mut keywords: Vec<_> = area.collect();
    if layer != Layer::Sequences {
        let doc = "For each point of within only this many rows, the nearest ones, with area and distance_m.";
        let (name, annotation) = ("nearest".to_owned(), "int | None");
        keywords.push(Keyword { name, annotation, doc, meaning: Meaning::Nearest });
    }
    keywords.extend(filters);
    let mut add = |name: &str, annotation, doc, meaning| {
        keywords.push(Keyword { name: name.to_owned(), annotation, doc, meaning });
    };
    let columns = match layer {
        Layer::Sequences => "Names of columns to keep besides id and geometry.",
        _ => {
            "Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id."
        }
    };
    add("fields", "str | Iterable[str] | None", columns, Meaning::Fields);
    add("limit", "int | None", "The most rows.", Meaning::Limit);
    let prune = "A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch. A \
                 few images may be missed.";
    add("prune", "int | None", prune, Meaning::Prune);
    if layer == Layer::Sequences {
        let cut =
            "Whether to keep only the parts of lines in the fetched tiles, which needs no further requests.";
        add("cut", "bool | None", cut, Meaning::Cut);
    }
    keywords
}

/// The signature and the docstring of the function of a layer, in the form that CPython reads both from.
fn described(layer: Layer, keywords: &[Keyword]) -> String {
    let summary = match layer {
        Layer::Images => "Asks for the images inside an area.",
        Layer::Sequences => "Asks for the sequences that touch an area, each with its whole line.",
        Layer::Points => "Asks for the objects on the map inside an area, such as benches and hydrants.",
        Layer::Signs => "Asks for the traffic signs inside an area.",
        _ => "Asks for the rows of a layer inside an area.",
    };
    let list =
        |of: fn(&Keyword) -> String, separator| keywords.iter().map(of).collect::<Vec<_>>().join(separator);
    let signature = list(|keyword| format!("{}=None", keyword.name), ", ");
    let sentences = list(|keyword| format!("    {}: {}", keyword.name, keyword.doc), "\n");
    format!(
        "{layer}(*, {signature})\n--\n\n{summary}\n\nArgs:\n{sentences}\n\nReturns:\n    The query.\n\nRaises:\n    \
         InvalidQueryError: The area is not valid, or a filter makes no sense.\n    \
         TypeError: An argument is of another type or not known, or there is not exactly one area.\n"
    )
}

/// The static method of a layer, which makes a query and hands it to `wrap`.
pub(crate) fn static_method(py: Python<'_>, layer: Layer, wrap: Wrap) -> PyResult<Py<PyAny>> {
    // Leaked, because CPython refers to both texts as long as the class exists, which is until the process ends.
    let name: &'static _ = Box::leak(CString::new(layer.name())?.into_boxed_c_str());
    let about = described(layer, &keywords(layer));
    let about: &'static _ = Box::leak(CString::new(about)?.into_boxed_c_str());
    let ask = move |arguments: &Bound<'_, PyTuple>, given: Option<&Bound<'_, PyDict>>| {
        wrap(arguments.py(), ask(layer, arguments, given)?)
    };
    let function = PyCFunction::new_closure(py, Some(name), Some(about), ask)?;
    Ok(py.import("builtins")?.getattr("staticmethod")?.call1((function,))?.unbind())
}

/// The keywords of Query.images and so on, with their types: for `scripts/stubs`.
#[pyfunction]
#[pyo3(signature = (layer: "str") -> "list[tuple[str, str]]")]
pub(crate) fn _keywords(layer: &str) -> PyResult<Vec<(String, &'static str)>> {
    let layer: Layer = layer.parse().map_err(to_py)?;
    Ok(keywords(layer).into_iter().map(|keyword| (keyword.name, keyword.annotation)).collect())
}

fn ask(
    layer: Layer,
    arguments: &Bound<'_, PyTuple>,
    given: Option<&Bound<'_, PyDict>>,
) -> PyResult<mly::Query> {
    let py = arguments.py();
    let function = format!("Query.{layer}");
    if !arguments.is_empty() {
        return Err(PyTypeError::new_err(format!(
            "{function}() takes keywords only, such as bbox=(W, S, E, N)"
        )));
    }
    let keywords = keywords(layer);
    let given = given.map_or_else(|| Ok(PyDict::new(py)), PyDictMethods::copy)?;
    let mut values = Vec::new();
    for keyword in &keywords {
        let value = given.get_item(&keyword.name)?;
        if value.is_some() {
            given.del_item(&keyword.name)?;
        }
        values.push(value.filter(|value| !value.is_none()));
    }
    let names: Vec<_> = keywords.iter().map(|keyword| keyword.name.as_str()).collect();
    refuse(Some(&given), &function, &names)?;
    let value =
        |name: &str| names.iter().position(|known| *known == name).and_then(|place| values[place].as_ref());
    let place = AreaKeywords {
        bbox: value("bbox"),
        within: value("within"),
        buffer: value("buffer"),
        area_column: value("area_column"),
        nearest: value("nearest"),
        near: value("near"),
        radius: value("radius"),
        tile: value("tile"),
    };
    let mut query = mly::Query::new(layer, place.area(py)?);
    for (keyword, value) in keywords.iter().zip(&values) {
        let Some(value) = value else { continue };
        query = keyword.set(query, value).map_err(|e| of_argument(py, &keyword.name, e))?;
    }
    query.check().map_err(to_py)?;
    Ok(query)
}

impl Keyword {
    fn set(&self, query: mly::Query, value: &Bound<'_, PyAny>) -> PyResult<mly::Query> {
        Ok(match self.meaning {
            Meaning::Area => query,
            Meaning::Filter(filter) => {
                query.with_filter(filter.name, read(filter.kind, value)?).map_err(to_py)?
            }
            Meaning::Fields => query.with_fields(value.extract::<Names>()?.0),
            Meaning::Limit => query.with_limit(value.extract()?),
            Meaning::Prune => query.with_prune(value.extract()?),
            Meaning::Nearest => query.with_nearest(value.extract()?),
            Meaning::Cut => query.with_cut(value.extract()?),
        })
    }
}
