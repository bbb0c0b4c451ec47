//! `mly.RecordBatch` and `mly.Schema`, where pyarrow is not installed.

use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict};

use crate::{capsule, values};

/// Some rows of a result, where pyarrow is not installed.
///
/// Else results are made of pyarrow.RecordBatch.
#[pyclass(module = "mly", name = "RecordBatch", frozen)]
pub(crate) struct RecordBatch(arrow_array::RecordBatch);

#[pymethods]
impl RecordBatch {
    /// Number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    /// Names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.0.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Gives the rows as dicts, each like that of Client.image.
    #[pyo3(signature = () -> "list[dict[str, Any]]")]
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        values::dicts(py, &self.0, usize::MAX)
    }

    /// Exports the rows as an Arrow array (the Arrow PyCapsule interface).
    #[pyo3(signature = (requested_schema: "object | None" = None) -> "tuple[object, object]")]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        // The interface lets a producer ignore it.
        let _ = requested_schema;
        capsule::array(py, &self.0)
    }

    /// Exports the schema (the Arrow PyCapsule interface).
    #[pyo3(signature = () -> "object")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.0.schema())
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<mly.RecordBatch of {} rows: {}>", self.0.num_rows(), self.column_names().join(", "))
    }
}

/// The columns of a result, where pyarrow is not installed.
#[pyclass(module = "mly", name = "Schema", frozen)]
pub(crate) struct SchemaCapsule(SchemaRef);

#[pymethods]
impl SchemaCapsule {
    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Exports the schema (the Arrow PyCapsule interface).
    #[pyo3(signature = () -> "object")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let columns = self.0.fields().iter().map(|f| format!("{}: {}", f.name(), f.data_type()));
        columns.collect::<Vec<_>>().join("\n")
    }
}

/// A batch of pyarrow, or ours where that is not installed.
pub(crate) fn to_py(py: Python<'_>, batch: arrow_array::RecordBatch) -> PyResult<Py<PyAny>> {
    let batch = Bound::new(py, RecordBatch(batch))?;
    match pyarrow(py) {
        Some(pyarrow) => Ok(pyarrow.call_method1(py, "record_batch", (batch,))?),
        None => Ok(batch.into_any().unbind()),
    }
}

/// A schema of pyarrow, or ours where that is not installed.
pub(crate) fn schema_to_py(py: Python<'_>, schema: &SchemaRef) -> PyResult<Py<PyAny>> {
    let schema = Bound::new(py, SchemaCapsule(SchemaRef::clone(schema)))?;
    match pyarrow(py) {
        Some(pyarrow) => pyarrow.call_method1(py, "schema", (schema,)),
        None => Ok(schema.into_any().unbind()),
    }
}

/// The package pyarrow, if it can be imported.
fn pyarrow(py: Python<'_>) -> Option<&'static Py<PyAny>> {
    static PYARROW: PyOnceLock<Option<Py<PyAny>>> = PyOnceLock::new();
    PYARROW.get_or_init(py, || py.import("pyarrow").ok().map(|module| module.into_any().unbind())).as_ref()
}
