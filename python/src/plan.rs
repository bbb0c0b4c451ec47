//! `mly.Plan`: the requests that answer a question, and what they cost.

use mly::plan::Question;
use pyo3::prelude::*;

use crate::errors::to_py;

/// The requests that answer a query or a lookup, in order, and what they cost. Nothing is sent.
///
/// Printing a plan says what Client.run would do. Plans can be compared, stored and pickled, and split into parts for
/// several processes or machines.
#[pyclass(module = "mly", name = "Plan", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan(pub(crate) mly::Plan);

#[pymethods]
impl Plan {
    /// Numbers of the requests that are known before the first is sent.
    #[getter]
    fn cost(&self) -> Cost {
        Cost(self.0.cost())
    }

    /// What the rows of the result are, as a plural such as "images".
    #[getter]
    fn rows(&self) -> &'static str {
        self.0.rows()
    }

    /// Splits the plan into parts of nearly equal size.
    ///
    /// They share no request and together make the whole.
    ///
    /// A sequence that is in the tiles of two parts is in both results.
    ///
    /// Args:
    ///     n: Number of parts, 1 to 100,000.
    ///
    /// Returns:
    ///     The parts, in order; with more parts than requests, the last ones are empty.
    ///
    /// Raises:
    ///     InvalidQueryError: n is 0 or more than 100,000.
    #[pyo3(signature = (n: "int") -> "list[Plan]")]
    fn partitions(&self, n: u64) -> PyResult<Vec<Self>> {
        Ok(self.0.partitions(n).map_err(to_py)?.into_iter().map(Self).collect())
    }

    /// Why parts would not give what the whole gives, in one word.
    #[pyo3(signature = () -> "str | None")]
    fn _indivisible(&self) -> Option<&'static str> {
        Some(match self.0.indivisible()? {
            mly::plan::Indivisible::Sequences => "sequences",
            mly::plan::Indivisible::Pruned => "prune",
            mly::plan::Indivisible::Spacing => "spacing",
            mly::plan::Indivisible::Nearest => "nearest",
            _ => "limit",
        })
    }

    /// Whether it answers a query of an area, and not a lookup of ids.
    fn _is_of_area(&self) -> bool {
        matches!(self.0.question(), Question::Query(_))
    }

    /// Gives the plan as JSON text, which the command `mly run` takes too. It holds no token.
    fn to_json(&self) -> PyResult<String> {
        self.0.to_json().map_err(to_py)
    }

    /// Makes a plan from the text that to_json gave, or from a file of `mly plan -o`.
    ///
    /// Raises:
    ///     InvalidQueryError: The text is not that of a plan.
    #[staticmethod]
    #[pyo3(signature = (text: "str") -> "Plan")]
    fn from_json(text: &str) -> PyResult<Self> {
        mly::Plan::from_json(text).map(Self).map_err(to_py)
    }

    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json()?,)))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let requests = self.0.cost().requests();
        let first = self.0.to_string();
        let question = first.lines().next().unwrap_or_default();
        format!("<mly.Plan {question}: {requests} request{}>", if requests == 1 { "" } else { "s" })
    }

    fn _repr_html_(&self) -> String {
        format!("<pre>{}</pre>", crate::html::escaped(&self.0.to_string()))
    }
}

/// Numbers of requests of a plan, by the limit of the service that they count against.
#[pyclass(module = "mly", name = "Cost", frozen, eq)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost(mly::Cost);

#[pymethods]
impl Cost {
    /// Vector tiles; at most 10,000 a day are requested from the official service.
    #[getter]
    fn tiles(&self) -> u64 {
        self.0.tiles
    }

    /// Tiles of a lower zoom that are read first, with prune=.
    ///
    /// Fewer of the other tiles may be needed then.
    #[getter]
    fn scouts(&self) -> u64 {
        self.0.scouts
    }

    /// Look-ups by id, of up to 50 ids each; the service allows 60,000 a minute.
    #[getter]
    fn entities(&self) -> u64 {
        self.0.entities
    }

    /// Searches; the service allows 10,000 a minute.
    #[getter]
    fn searches(&self) -> u64 {
        self.0.searches
    }

    /// Requests of all kinds.
    #[getter]
    fn requests(&self) -> u64 {
        self.0.requests()
    }

    /// Days that it takes at 10,000 tiles a day: 1 for less than that, 0 for none.
    #[getter]
    fn days(&self) -> u64 {
        self.0.days()
    }

    fn __repr__(&self) -> String {
        let mly::Cost { tiles, scouts, entities, searches, .. } = self.0;
        format!("Cost(tiles={tiles}, scouts={scouts}, entities={entities}, searches={searches})")
    }
}
