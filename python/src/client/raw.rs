//! Bodies of answers as they were sent, for the low-level modules of the package `mapillary`.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::Client;
use crate::ask::Ask;

#[pymethods]
impl Client {
    /// Requests a path of the graph or of the tiles, and gives the body of the answer.
    #[pyo3(signature = (path: "str", query: "str", is_tile: "bool") -> "bytes")]
    fn _body(&self, py: Python<'_>, path: String, query: String, is_tile: bool) -> PyResult<Py<PyAny>> {
        let client = self.0.client(py)?;
        let work = async move {
            if is_tile { client.get_tile(&path, &query).await } else { client.get_json(&path, &query).await }
        };
        Ask::new(work, |py, body| Ok(PyBytes::new(py, &body).into_any().unbind())).wait(py)
    }
}
