//! `mly.Plan`: how a question is asked, and what that costs.

use mly::{Layer, Question};
use pyo3::prelude::*;

use crate::errors::to_py;

/// How a question is asked: the requests in order, and what they cost. Nothing is sent.
///
/// Printing it says what Client.run would do. It can be compared, stored and pickled, and split into parts for several
/// processes or machines.
#[pyclass(module = "mly", name = "Plan", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan(pub(crate) mly::Plan);

#[pymethods]
impl Plan {
    /// What the requests that are known beforehand cost.
    #[getter]
    fn cost(&self) -> Cost {
        Cost(self.0.cost())
    }

    /// What the rows of the result are, a plural such as "images".
    #[getter]
    fn rows(&self) -> &'static str {
        self.0.rows()
    }

    /// Splits it into n parts of nearly equal size that share no request and together make the whole.
    ///
    /// A sequence that is in the tiles of two parts is in both results.
    #[pyo3(signature = (n: "int") -> "list[Plan]")]
    fn partitions(&self, n: u64) -> PyResult<Vec<Self>> {
        Ok(self.0.partitions(n).map_err(to_py)?.into_iter().map(Self).collect())
    }

    /// Why partitions of this plan together would not give what the whole gives: "sequences", "prune" or "limit"; None
    /// where they do.
    fn _indivisible(&self) -> Option<&'static str> {
        let limit = match self.0.question() {
            Question::Query(query) if query.layer() == Layer::Sequences => return Some("sequences"),
            Question::Query(query) if query.pruned_by().is_some() => return Some("prune"),
            Question::Query(query) => query.row_limit(),
            Question::Lookup(lookup) => lookup.row_limit(),
            // Taken as whole, which is always right.
            _ => return Some("limit"),
        };
        limit.map(|_| "limit")
    }

    /// Whether it answers a query of an area, and not a lookup of ids.
    fn _is_of_area(&self) -> bool {
        matches!(self.0.question(), Question::Query(_))
    }

    /// The plan as JSON, without any token. `mly run` takes it too.
    fn to_json(&self) -> PyResult<String> {
        self.0.to_json().map_err(to_py)
    }

    /// Reads what to_json wrote.
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

/// Number of requests of a plan by the limit that they count against.
#[pyclass(module = "mly", name = "Cost", frozen, eq)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost(mly::Cost);

#[pymethods]
impl Cost {
    /// Vector tiles; the service allows 50,000 a day.
    #[getter]
    fn tiles(&self) -> u64 {
        self.0.tiles
    }

    /// Tiles of a lower zoom that are read first; then fewer of the others may be asked for.
    #[getter]
    fn scouts(&self) -> u64 {
        self.0.scouts
    }

    /// Look-ups by id; the service allows 60,000 a minute.
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

    /// Days of quota: 1 for anything that fits into one day, 0 for nothing.
    #[getter]
    fn days(&self) -> u64 {
        self.0.days()
    }

    fn __repr__(&self) -> String {
        let mly::Cost { tiles, scouts, entities, searches, .. } = self.0;
        format!("Cost(tiles={tiles}, scouts={scouts}, entities={entities}, searches={searches})")
    }
}
