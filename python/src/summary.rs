//! `mly.Summary` and `mly.Downloaded`: what was done.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::values;

/// What a run has done, and what it cost.
#[pyclass(module = "mly", name = "Summary", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary(pub(crate) mly::Summary);

#[pymethods]
impl Summary {
    /// Rows of the result.
    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows
    }

    /// Rows among them that an update has taken over from the earlier result.
    #[getter]
    fn kept(&self) -> u64 {
        self.0.kept
    }

    /// Rows of the earlier result whose ids an update has found again.
    #[getter]
    fn replaced(&self) -> u64 {
        self.0.replaced
    }

    /// Rows among these that are the same as before.
    #[getter]
    fn unchanged(&self) -> u64 {
        self.0.unchanged
    }

    /// Tile requests sent, retries included.
    #[getter]
    fn tiles(&self) -> u64 {
        self.0.tiles
    }

    /// Look-ups by id sent, retries included.
    #[getter]
    fn entities(&self) -> u64 {
        self.0.entities
    }

    /// Searches sent, retries included.
    #[getter]
    fn searches(&self) -> u64 {
        self.0.searches
    }

    /// Photos and other files requested, retries included.
    #[getter]
    fn files(&self) -> u64 {
        self.0.files
    }

    /// Requests of all kinds, retries included.
    #[getter]
    fn requests(&self) -> u64 {
        self.0.requests()
    }

    /// Bytes of all answers, as they were sent.
    #[getter]
    fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Tiles that came from the cache and were not requested.
    #[getter]
    fn cache_hits(&self) -> u64 {
        self.0.cache_hits
    }

    /// Requests that were sent again after a failure.
    #[getter]
    fn retries(&self) -> u64 {
        self.0.retries
    }

    /// Seconds spent waiting for budgets and before retries, added up over all requests.
    #[getter]
    fn waited(&self) -> f64 {
        self.0.waited.as_secs_f64()
    }

    /// Seconds since the run began.
    #[getter]
    fn elapsed(&self) -> f64 {
        self.0.elapsed.as_secs_f64()
    }

    /// Tiles, as zoom, x and y, that answered 404 at every attempt and were taken as empty.
    #[getter]
    fn missing(&self) -> Vec<(u8, u32, u32)> {
        self.0.missing.iter().map(|t| (t.z(), t.x(), t.y())).collect()
    }

    /// Ids that were not found.
    #[getter]
    fn not_found(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.0.not_found.iter().map(|id| values::id(py, id)).collect()
    }

    /// Ids that the service could not answer while it answered others, with the reason.
    #[getter]
    fn failed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        by_id(py, &self.0.failed)
    }

    /// Features that were left out and values that were left empty, because they cannot be read.
    ///
    /// Such features have no id or a geometry of another kind; such values are not what their column holds.
    #[getter]
    fn misfits(&self) -> u64 {
        self.0.misfits
    }

    /// The values among the misfits, by the name of their column.
    #[getter]
    fn unread(&self) -> BTreeMap<String, u64> {
        self.0.unread.clone()
    }

    /// What of the result is not in its file, because its format cannot hold it.
    ///
    /// How many values are null, how many rows are left out, and the first of both with reasons.
    #[getter]
    fn losses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(self.to_dict(py)?.get_item("losses")?.cast_into()?)
    }

    /// Gives the summary as a dict, as --summary of the command writes it.
    #[pyo3(signature = () -> "dict[str, Any]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (self.0.to_json().to_string(),))
    }

    fn __repr__(&self) -> String {
        let mly::Summary { rows, bytes, retries, .. } = self.0;
        format!(
            "<mly.Summary {rows} rows from {} requests, {bytes} bytes, {retries} retries, {:.1} s>",
            self.0.requests(),
            self.elapsed()
        )
    }
}

/// Reasons by id.
fn by_id<'py>(py: Python<'py>, failed: &[(String, String)]) -> PyResult<Bound<'py, PyDict>> {
    let reasons = PyDict::new(py);
    for (id, why) in failed {
        reasons.set_item(values::id(py, id)?, why)?;
    }
    Ok(reasons)
}

/// What a download has done.
#[pyclass(module = "mly", name = "Downloaded", frozen, eq)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Downloaded(pub(crate) mly::Downloaded);

#[pymethods]
impl Downloaded {
    /// Photos or clouds written.
    #[getter]
    fn written(&self) -> u64 {
        self.0.written
    }

    /// Photos or clouds that were in the folder already.
    #[getter]
    fn skipped(&self) -> u64 {
        self.0.skipped
    }

    /// Ids whose photo or cloud could not be written, with the reason.
    #[getter]
    fn failed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        by_id(py, &self.0.failed)
    }

    /// The requests of the download, and what they cost.
    #[getter]
    fn summary(&self) -> Summary {
        Summary(self.0.summary.clone())
    }

    fn __repr__(&self) -> String {
        let mly::Downloaded { written, skipped, failed, .. } = &self.0;
        format!("<mly.Downloaded {written} written, {skipped} there already, {} failed>", failed.len())
    }
}
