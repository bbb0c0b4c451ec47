//! `mly.Batches` and `mly.aio.Batches`: the result of a run.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arguments::{UnknownKeywords, optional, refuse, value, word};
use crate::ask::Ask;
use crate::errors::to_py;
use crate::progress::Watch;
use crate::record_batch;
use crate::running::Running;
use crate::summary::Summary;
use crate::table::Table;
use crate::{capsule, features, html, values, write};

/// Rows that a notebook shows.
const SHOWN_ROWS: usize = 10;

/// The result of a run: record batches of one schema, as they arrive. Nothing is sent before the first is needed.
///
/// It is read once, by a loop or by one of its methods, and not kept, so that it may be larger than memory; reading it again
/// raises UsedUpError. Whatever reads Arrow streams reads it: pyarrow.table(batches), polars.DataFrame(batches), duckdb.
///
/// Reading raises AuthError, RateLimitedError, ApiError, TransportError or DecodeError if a request fails for good.
#[pyclass(module = "mly", name = "Batches", frozen)]
pub(crate) struct Batches {
    running: Arc<Running>,
    watch: Option<Arc<Watch>>,
}

/// The result of a run, for an event loop.
///
/// Read it by `async for batch in batches`, or `await` one of its methods.
#[pyclass(module = "mly.aio", name = "AsyncBatches", frozen)]
pub(crate) struct AsyncBatches {
    running: Arc<Running>,
    watch: Option<Arc<Watch>>,
}

/// The iterator over the batches of a result.
#[pyclass(module = "mly", name = "BatchIterator", frozen)]
pub(crate) struct BatchIterator {
    running: Arc<Running>,
    watch: Option<Arc<Watch>>,
}

fn next(running: &Arc<Running>, watch: Option<&Arc<Watch>>, is_async: bool) -> PyResult<Ask> {
    let mut held = running.hold()?;
    let work = async move { held.peek().await };
    let taken = {
        let running = Arc::clone(running);
        move || running.pass_first()
    };
    let read = Arc::clone(running);
    let ask = Ask::new(work, move |py, batch| {
        if let Some(batch) = batch {
            return record_batch::to_py(py, batch);
        }
        read.warn_if_empty(py)?;
        Err(if is_async { PyStopAsyncIteration::new_err(()) } else { PyStopIteration::new_err(()) })
    });
    Ok(ask.watched(watch.map(Arc::clone)).when_taken(taken))
}

fn all(
    running: &Arc<Running>,
    watch: Option<&Arc<Watch>>,
    give: impl FnOnce(Python<'_>, Table) -> PyResult<Py<PyAny>> + Send + 'static,
) -> PyResult<Ask> {
    running.claim()?;
    let held = running.hold()?;
    let schema = Arc::clone(&running.schema);
    let work = async move { Ok(Table::new(held.all().await?, schema)) };
    let read = Arc::clone(running);
    let give = move |py: Python<'_>, table| {
        read.warn_if_empty(py)?;
        give(py, table)
    };
    Ok(Ask::new(work, give).watched(watch.map(Arc::clone)))
}

/// A function of `mly/_frames.py` of the whole result.
fn frame(
    py: Python<'_>,
    running: &Arc<Running>,
    watch: Option<&Arc<Watch>>,
    function: &'static str,
) -> PyResult<Ask> {
    // A package that is not installed raises ImportError before anything is sent.
    let function = py.import("mly._frames")?.getattr(function)?.call0()?.unbind();
    all(running, watch, move |py, table| function.call1(py, (table,)))
}

macro_rules! batches {
    ($class:ident, $end:ident, $method:literal) => {
        impl $class {
            pub(crate) fn new(running: Arc<Running>, watch: Option<Arc<Watch>>) -> Self {
                Self { running, watch }
            }
        }

        #[pymethods]
        impl $class {
            /// The schema of every batch: of pyarrow, or a mly.Schema where that is not installed.
            #[getter]
            fn schema(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                record_batch::schema_to_py(py, &self.running.schema)
            }

            /// What the run has done so far.
            #[getter]
            fn summary(&self) -> Summary {
                Summary(self.running.progress.summary())
            }

            /// Reads everything into a pyarrow.Table.
            ///
            /// Raises:
            ///     ImportError: pyarrow is not installed.
            #[pyo3(signature = () -> "Given[pyarrow.Table]")]
            fn to_arrow(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                frame(py, &self.running, self.watch.as_ref(), "arrow")?.$end(py)
            }

            /// Reads everything into a pandas.DataFrame; geometries are well-known binary.
            ///
            /// Raises:
            ///     ImportError: pandas or pyarrow is not installed.
            #[pyo3(signature = () -> "Given[pandas.DataFrame]")]
            fn to_pandas(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                frame(py, &self.running, self.watch.as_ref(), "pandas")?.$end(py)
            }

            /// Reads everything into a geopandas.GeoDataFrame.
            ///
            /// Its coordinates are longitude and latitude in degrees (OGC:CRS84).
            ///
            /// Raises:
            ///     ImportError: geopandas or pyarrow is not installed.
            #[pyo3(signature = () -> "Given[geopandas.GeoDataFrame]")]
            fn to_geopandas(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                frame(py, &self.running, self.watch.as_ref(), "geopandas")?.$end(py)
            }

            /// Reads everything into a polars.DataFrame; geometries are well-known binary.
            ///
            /// Raises:
            ///     ImportError: polars is not installed.
            #[pyo3(signature = () -> "Given[polars.DataFrame]")]
            fn to_polars(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                frame(py, &self.running, self.watch.as_ref(), "polars")?.$end(py)
            }

            /// Reads everything into a list of dicts, each like that of Client.image. Needs no other package.
            #[pyo3(signature = () -> "Given[list[dict[str, Any]]]")]
            fn to_dicts(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                all(&self.running, self.watch.as_ref(), |py, table| table.dicts(py))?.$end(py)
            }

            /// Reads everything into the text of a GeoJSON FeatureCollection. Needs no other package.
            #[pyo3(signature = () -> "Given[str]")]
            fn to_geojson(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                self.running.claim()?;
                let work = features::text(self.running.hold()?, Arc::clone(&self.running.schema));
                let give = |py: Python<'_>, text: Vec<u8>| features::to_py(py, &text);
                Ask::new(work, give).watched(self.watch.clone()).$end(py)
            }

            /// Writes everything into a file, which is either complete or not there.
            ///
            /// If writing stops for any reason, writing the result of the same query to the same path resumes it. Until then
            /// the unfinished work is in the folder PATH.unfinished.
            ///
            /// Args:
            ///     path: The file.
            ///     format: "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow", "pmtiles" or "coco". Unless
            ///         given, the extension of the path decides: .geojson .json .geojsonl .geojsonseq .ndjson .csv .parquet
            ///         .fgb .gpkg .arrow .feather .pmtiles.
            ///     overwrite: Whether a file at this path is replaced.
            ///     csv_safe: Whether, in CSV, an apostrophe is written before text that spreadsheets take for a formula.
            ///     layer: Name of the table of a GeoPackage or of the layer of a FlatGeobuf or PMTiles file; unless given,
            ///         that of the rows, such as "images".
            ///     times: How text formats write times: "ms" since 1970, or "iso", such as 2021-03-04T05:06:07.000Z.
            ///     ids: How GeoJSON writes ids: "number" or "text".
            ///
            /// Returns:
            ///     What was written, and what it cost.
            ///
            /// Raises:
            ///     InvalidQueryError: There is a file at this path, or the format is not known.
            ///     OutputError: The file cannot be written.
            ///     JournalError: The unfinished work at this path is that of another query.
            ///     UsedUpError: The result was read already.
            #[pyo3(
                signature = (
                    path: "str | PathLike[str]", format: "Format | None" = None, overwrite: "bool" = None,
                    csv_safe: "bool" = None, layer: "str | None" = None, times: "Literal['ms', 'iso']" = None,
                    ids: "Literal['number', 'text']" = None, **unknown
                ) -> "Given[Summary]",
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
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, $method, &["path", "format", "overwrite", "csv_safe", "layer", "times", "ids"])?;
                let path: PathBuf = value("path", path)?;
                let overwrite = optional("overwrite", overwrite)?.unwrap_or_default();
                let is_safe = optional("csv_safe", csv_safe)?.unwrap_or_default();
                let format = word("format", format)?;
                let dialect = write::dialect_of(&path, format, is_safe).map_err(to_py)?;
                let times = word("times", times)?.unwrap_or_default();
                let dialect = dialect.with_times(times).with_ids(word("ids", ids)?.unwrap_or_default());
                let layer: Option<String> = optional("layer", layer)?;
                layer.as_deref().map_or(Ok(()), mly::sink::check_layer).map_err(to_py)?;
                self.running.claim()?;
                let held = self.running.hold()?;
                let work = write::write(Arc::clone(&self.running), held, path, (dialect, overwrite), layer);
                let read = Arc::clone(&self.running);
                let give = move |py: Python<'_>, summary| {
                    read.warn_if_empty(py)?;
                    Ok(Py::new(py, Summary(summary))?.into_any())
                };
                Ask::new(work, give).watched(self.watch.clone()).$end(py)
            }
        }
    };
}

batches!(Batches, wait, "Batches.write");

#[pymethods]
impl Batches {
    fn __iter__(&self) -> PyResult<BatchIterator> {
        self.running.claim()?;
        Ok(BatchIterator { running: Arc::clone(&self.running), watch: self.watch.clone() })
    }

    /// Reads the first rows and keeps them for whatever reads the result next. Only the first batch is requested.
    ///
    /// Args:
    ///     rows: The most rows.
    ///
    /// Returns:
    ///     The rows as dicts, each like that of Client.image.
    #[pyo3(
        signature = (rows: "int" = None, **unknown) -> "list[dict[str, Any]]",
        text_signature = "($self, rows=10)"
    )]
    fn head(
        &self,
        py: Python<'_>,
        rows: Option<&Bound<'_, PyAny>>,
        unknown: Option<UnknownKeywords<'_, '_>>,
    ) -> PyResult<Py<PyAny>> {
        refuse(unknown, "Batches.head", &["rows"])?;
        let rows = optional("rows", rows)?.unwrap_or(SHOWN_ROWS);
        if !self.running.is_fresh() {
            self.running.claim()?;
        }
        let mut held = self.running.hold()?;
        let give = move |py: Python<'_>, batch: Option<arrow_array::RecordBatch>| {
            let rows = batch.map(|batch| values::dicts(py, &batch, rows)).transpose()?;
            Ok(rows.unwrap_or_default().into_pyobject(py)?.unbind())
        };
        Ask::new(async move { held.peek().await }, give).watched(self.watch.clone()).wait(py)
    }

    /// Exports the batches as an Arrow stream (the Arrow PyCapsule interface).
    #[pyo3(signature = (requested_schema: "object | None" = None) -> "object")]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore it.
        let _ = requested_schema;
        self.running.claim()?;
        capsule::stream(py, Arc::clone(&self.running))
    }

    /// Exports the schema (the Arrow PyCapsule interface).
    #[pyo3(signature = () -> "object")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.running.schema)
    }

    fn __repr__(&self) -> String {
        let columns: Vec<_> = self.running.schema.fields().iter().map(|f| f.name().as_str()).collect();
        format!("<mly.Batches {}: {}>", self.running.title, columns.join(", "))
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let title = html::escaped(&self.running.title);
        if !self.running.is_fresh() {
            let rows = self.running.progress.rows();
            return Ok(format!("<p>{title}: {rows} rows given out</p>"));
        }
        let head = self.head(py, None, None)?;
        let head: Vec<Bound<'_, pyo3::types::PyDict>> = head.extract(py)?;
        let names: Vec<_> = self.running.schema.fields().iter().map(|f| f.name().as_str()).collect();
        let table = html::table(&names, &head)?;
        Ok(format!("<p>{title}</p>{table}"))
    }
}

batches!(AsyncBatches, begin, "Batches.write");

#[pymethods]
impl AsyncBatches {
    fn __aiter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().running.claim()?;
        Ok(slf)
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        next(&self.running, self.watch.as_ref(), true)?.begin(py)
    }

    fn __repr__(&self) -> String {
        format!("<mly.aio.Batches {}>", self.running.title)
    }
}

impl Batches {
    pub(crate) fn running(&self) -> &Arc<Running> {
        &self.running
    }

    pub(crate) fn tell(&self, py: Python<'_>) -> PyResult<()> {
        self.watch.as_ref().map_or(Ok(()), |watch| watch.tell(py))
    }
}

#[pymethods]
impl BatchIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        next(&self.running, self.watch.as_ref(), false)?.wait(py)
    }
}
