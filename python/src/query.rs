//! `mly.Query`: a question about an area.

use mly::Layer;
use pyo3::prelude::*;

use crate::errors::to_py;
use crate::plan::Plan;
use crate::questions::static_method;

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

/// The functions that make queries; `scripts/stubs` knows their keywords from the same place.
#[pymethods]
impl Query {
    #[classattr]
    fn images(py: Python<'_>) -> PyResult<Py<PyAny>> {
        static_method(py, Layer::Images, Self::wrap)
    }

    #[classattr]
    fn sequences(py: Python<'_>) -> PyResult<Py<PyAny>> {
        static_method(py, Layer::Sequences, Self::wrap)
    }

    #[classattr]
    fn points(py: Python<'_>) -> PyResult<Py<PyAny>> {
        static_method(py, Layer::Points, Self::wrap)
    }

    #[classattr]
    fn signs(py: Python<'_>) -> PyResult<Py<PyAny>> {
        static_method(py, Layer::Signs, Self::wrap)
    }
}

impl Query {
    fn wrap(py: Python<'_>, query: mly::Query) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self(query))?.into_any())
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

/// The question with the values of its filters, for people.
fn describe(query: &mly::Query) -> String {
    let mut parts = vec![format!("{} in {}", query.layer(), query.area())];
    if !query.filters().is_empty() {
        parts.push(query.filters().to_string());
    }
    parts.extend(query.fields().map(|names| format!("fields {}", names.join(","))));
    parts.extend(query.prune().map(|zoom| format!("pruned by zoom {zoom}")));
    parts.extend(query.is_cut().then(|| "cut".to_owned()));
    parts.extend(query.limit().map(|rows| format!("at most {rows}")));
    parts.join(", ")
}
