//! What a job found besides its rows.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A dict that is filled one by one.
pub(super) struct FoundBuilder<'py>(Bound<'py, PyDict>);

impl<'py> FoundBuilder<'py> {
    pub(super) fn new(py: Python<'py>) -> Self {
        Self(PyDict::new(py))
    }

    pub(super) fn with(self, name: &str, value: impl IntoPyObject<'py>) -> PyResult<Self> {
        self.0.set_item(name, value)?;
        Ok(self)
    }

    pub(super) fn build(self) -> Py<PyDict> {
        self.0.unbind()
    }
}
