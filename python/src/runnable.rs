//! What a client can run.

use pyo3::prelude::*;

use crate::arguments::expected;
use crate::errors::to_py;
use crate::lookup::Lookup;
use crate::plan::Plan;
use crate::query::Query;

/// The plan of a query, a lookup or a plan.
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
        Err(expected("a Query, a Lookup or a Plan", &given))
    }
}
