//! `mly.Plan`: how a question is asked, and what that costs.

use pyo3::prelude::*;

use crate::errors::to_py;
use crate::lookup::Lookup;
use crate::query::Query;

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

    /// What it is about a plan that its parts would answer otherwise, if they would.
    #[pyo3(signature = () -> "str | None")]
    fn _indivisible(&self) -> Option<&'static str> {
        Some(match self.0.indivisible()? {
            mly::Indivisible::Sequences => "sequences, which lie across parts,",
            mly::Indivisible::Pruned => "tiles that are pruned by what lies around them",
            _ => "a limited number of rows",
        })
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

/// A query, a lookup or a plan: all that a client runs.
pub(crate) struct Runnable(pub(crate) mly::Plan);

impl<'py> FromPyObject<'_, 'py> for Runnable {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(query) = given.cast::<Query>() {
            return query.get().0.plan().map(Self).map_err(to_py);
        }
        if let Ok(lookup) = given.cast::<Lookup>() {
            return lookup.get().0.plan().map(Self).map_err(to_py);
        }
        if let Ok(plan) = given.cast::<Plan>() {
            return Ok(Self(plan.get().0.clone()));
        }
        Err(crate::arguments::expected("a Query, a Lookup or a Plan", &given))
    }
}
