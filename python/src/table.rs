//! `mly.Table`: the answer of a job, or a whole result, in memory.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use mly::sink::{self, Destination, Format};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::arguments::{UnknownKeywords, optional, refuse, value, word};
use crate::errors::to_py;
use crate::features::Memory;
use crate::{capsule, features, html, record_batch, values, write};

/// Rows of a preview.
const SHOWN_ROWS: usize = 10;

/// Rows in memory, which may be read again and again: the answer of a job.
///
/// Jobs are mly.diff, mly.streets, mly.assets and mly.osm.
///
/// Any library that knows the Arrow PyCapsule interface takes it as it is: pyarrow.table(table), polars.DataFrame(table).
#[pyclass(module = "mly", frozen)]
pub(crate) struct Table {
    pub(crate) batches: Vec<arrow_array::RecordBatch>,
    pub(crate) schema: SchemaRef,
    /// What else a job has found, such as counts.
    pub(crate) found: Option<Py<PyDict>>,
}

impl Table {
    /// A whole result.
    pub(crate) fn new(batches: Vec<arrow_array::RecordBatch>, schema: SchemaRef) -> Self {
        Self { batches, schema, found: None }
    }

    /// The answer of a job.
    pub(crate) fn of_job(table: &mly_jobs::Table, found: Option<Py<PyDict>>) -> Self {
        Self { batches: table.batches().to_vec(), schema: table.schema(), found }
    }

    /// As an input of another job.
    pub(crate) fn for_job(&self) -> mly_jobs::Table {
        mly_jobs::Table::new(SchemaRef::clone(&self.schema), self.batches.clone())
    }

    pub(crate) fn dicts(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut all = Vec::new();
        for batch in &self.batches {
            all.extend(values::dicts(py, batch, usize::MAX)?);
        }
        Ok(all.into_pyobject(py)?.unbind())
    }

    fn rows(&self) -> usize {
        self.batches.iter().map(arrow_array::RecordBatch::num_rows).sum()
    }

    fn names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }
}

/// A function of `mly/_frames.py` of the table.
fn frame(table: &Bound<'_, Table>, function: &'static str) -> PyResult<Py<PyAny>> {
    let function = table.py().import("mly._frames")?.getattr(function)?.call0()?;
    Ok(function.call1((table,))?.unbind())
}

#[pymethods]
impl Table {
    /// The schema: of pyarrow, or a mly.Schema where that is not installed.
    #[getter]
    fn schema(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        record_batch::schema_to_py(py, &self.schema)
    }

    /// Number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.rows()
    }

    /// Names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.names().into_iter().map(str::to_owned).collect()
    }

    /// What the job has found besides the rows: counts, lengths and notes, by name.
    #[getter]
    fn found(&self, py: Python<'_>) -> Py<PyDict> {
        self.found.as_ref().map_or_else(|| PyDict::new(py).unbind(), |found| found.clone_ref(py))
    }

    /// Gives the rows as a pyarrow.Table.
    ///
    /// Raises:
    ///     ImportError: pyarrow is not installed.
    #[pyo3(signature = () -> "pyarrow.Table")]
    fn to_arrow(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        frame(slf, "arrow")
    }

    /// Gives the rows as a pandas.DataFrame; geometries are well-known binary.
    ///
    /// Raises:
    ///     ImportError: pandas or pyarrow is not installed.
    #[pyo3(signature = () -> "pandas.DataFrame")]
    fn to_pandas(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        frame(slf, "pandas")
    }

    /// Gives the rows as a geopandas.GeoDataFrame.
    ///
    /// Its coordinates are longitude and latitude in degrees (OGC:CRS84).
    ///
    /// Raises:
    ///     ImportError: geopandas or pyarrow is not installed.
    #[pyo3(signature = () -> "geopandas.GeoDataFrame")]
    fn to_geopandas(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        frame(slf, "geopandas")
    }

    /// Gives the rows as a polars.DataFrame; geometries are well-known binary.
    ///
    /// Raises:
    ///     ImportError: polars is not installed.
    #[pyo3(signature = () -> "polars.DataFrame")]
    fn to_polars(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        frame(slf, "polars")
    }

    /// Gives the rows as a list of dicts, each like that of Client.image. Needs no other package.
    #[pyo3(signature = () -> "list[dict[str, Any]]")]
    fn to_dicts(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.dicts(py)
    }

    /// Gives the rows as the text of a GeoJSON FeatureCollection. Needs no other package.
    #[pyo3(signature = () -> "str")]
    fn to_geojson(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let memory = Memory::default();
        let destination = Destination::stream(memory.clone());
        // Members such as the description belong to files, and not to a collection of features in memory.
        let schema = Arc::new(Schema::new(self.schema.fields().clone()));
        let write = || -> mly::Result<()> {
            let mut sink = sink::open(Format::GeoJson, destination, &schema)?;
            self.batches.iter().try_for_each(|batch| sink.write(batch))?;
            sink.finish()
        };
        py.detach(write).map_err(to_py)?;
        features::to_py(py, &memory.into_bytes())
    }

    /// Writes all rows into a file, which is either complete or not there.
    ///
    /// Args:
    ///     path: The file.
    ///     format: The format; unless given, the extension of the path decides, as in Batches.write.
    ///     overwrite: Whether a file at this path is replaced.
    ///     csv_safe: Whether, in CSV, an apostrophe is written before text that spreadsheets take for a formula.
    ///     layer: Name of the table or layer, in formats that have some.
    ///     times: How text formats write times: "ms" since 1970, or "iso".
    ///     ids: How GeoJSON writes ids: "number" or "text".
    ///
    /// Raises:
    ///     InvalidQueryError: There is a file at this path, or the format is not known.
    ///     OutputError: The file cannot be written.
    #[pyo3(
        signature = (
            path: "str | PathLike[str]", format: "Format | None" = None, overwrite: "bool" = None,
            csv_safe: "bool" = None, layer: "str | None" = None, times: "Literal['ms', 'iso']" = None,
            ids: "Literal['number', 'text']" = None, **unknown
        ) -> "None",
        text_signature = "($self, path, format=None, overwrite=False, csv_safe=False, layer=None, times='ms', ids='number')"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
    fn write(
        &self,
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        format: Option<&Bound<'_, PyAny>>,
        overwrite: Option<&Bound<'_, PyAny>>,
        csv_safe: Option<&Bound<'_, PyAny>>,
        layer: Option<&Bound<'_, PyAny>>,
        times: Option<&Bound<'_, PyAny>>,
        ids: Option<&Bound<'_, PyAny>>,
        unknown: Option<UnknownKeywords<'_, '_>>,
    ) -> PyResult<()> {
        let known = ["path", "format", "overwrite", "csv_safe", "layer", "times", "ids"];
        refuse(unknown, "Table.write", &known)?;
        let path: PathBuf = value("path", path)?;
        let overwrite = optional("overwrite", overwrite)?.unwrap_or_default();
        let is_safe = optional("csv_safe", csv_safe)?.unwrap_or_default();
        let dialect = write::dialect_of(&path, word("format", format)?, is_safe).map_err(to_py)?;
        let times = word("times", times)?.unwrap_or_default();
        let dialect = dialect.with_times(times).with_ids(word("ids", ids)?.unwrap_or_default());
        let layer: Option<String> = optional("layer", layer)?;
        let table = match &layer {
            Some(name) => {
                let schema = sink::with_layer(&self.schema, name).map_err(to_py)?;
                mly_jobs::Table::new(schema, self.batches.clone())
            }
            None => self.for_job(),
        };
        let write = || table.write(dialect, Destination::file(&path, overwrite)?);
        py.detach(write).map(drop).map_err(to_py)
    }

    /// Exports the rows as an Arrow stream (the Arrow PyCapsule interface).
    #[pyo3(signature = (requested_schema: "object | None" = None) -> "object")]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore it.
        let _ = requested_schema;
        capsule::stream_of(py, self.batches.clone(), SchemaRef::clone(&self.schema))
    }

    /// Exports the schema (the Arrow PyCapsule interface).
    #[pyo3(signature = () -> "object")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.schema)
    }

    fn __len__(&self) -> usize {
        self.rows()
    }

    fn __repr__(&self) -> String {
        format!("<mly.Table of {} rows: {}>", self.rows(), self.names().join(", "))
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let mut head = Vec::new();
        for batch in &self.batches {
            head.extend(values::dicts(py, batch, SHOWN_ROWS - head.len())?);
            if head.len() == SHOWN_ROWS {
                break;
            }
        }
        Ok(format!("<p>{} rows</p>{}", self.rows(), html::table(&self.names(), &head)?))
    }
}
