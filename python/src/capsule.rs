//! Arrow's C interface in capsules of Python (Arrow, "The Arrow PyCapsule Interface").

use std::ffi::CStr;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::ffi::PyErr_SetInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use tokio::runtime::{Handle, Runtime};

use crate::running::Running;
use crate::runtime;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// A schema.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowSchema::try_from(schema).map_err(to_py)?, SCHEMA)
}

/// A batch: its schema and its data.
pub(crate) fn array<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
    let data = StructArray::from(batch.clone()).to_data();
    let array = PyCapsule::new_with_value(py, FFI_ArrowArray::new(&data), ARRAY)?;
    Ok((schema(py, &batch.schema())?, array))
}

/// Batches that are in memory.
pub(crate) fn stream_of(
    py: Python<'_>,
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
) -> PyResult<Bound<'_, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// Batches as they arrive.
pub(crate) fn stream(py: Python<'_>, running: Arc<Running>) -> PyResult<Bound<'_, PyCapsule>> {
    let reader = Reader { running, runtime: runtime::shared(py)?, thread: thread::current().id() };
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}

/// Reads a run for the consumer of the stream, which may be on any thread.
struct Reader {
    running: Arc<Running>,
    runtime: Arc<Runtime>,
    /// The thread that requested the stream. It checks for signals. On any other thread the interpreter is not
    /// acquired, because Python may be waiting for that thread, which would be a deadlock.
    thread: ThreadId,
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let other = |message: String| ArrowError::ExternalError(message.into());
        if thread::current().id() == self.thread {
            let next = Python::attach(|py| {
                let mut held = self.running.hold()?;
                let next = runtime::wait(py, held.next(), |_| Ok(()))?;
                if next.is_none() {
                    self.running.warn_if_empty(py)?;
                }
                Ok(next)
            });
            return next.map_err(|error| other(passed_on(&error))).transpose();
        }
        if Handle::try_current().is_ok() {
            return Some(Err(other("this result cannot be read by a thread of mly itself".to_owned())));
        }
        match self.running.hold() {
            Ok(mut held) => {
                let next = runtime::wait_detached(&self.runtime, held.next());
                next.map_err(|error| other(error.to_string())).transpose()
            }
            Err(_) => Some(Err(other("this result cannot be read here".to_owned()))),
        }
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.running.schema)
    }
}

/// An exception as text, because Arrow's interface can only pass text on. A Ctrl-C is set again as a signal, so that
/// Python still raises `KeyboardInterrupt`.
#[expect(unsafe_code, reason = "a function of Python without any condition")]
fn passed_on(error: &PyErr) -> String {
    Python::attach(|py| {
        let message = error.value(py).to_string();
        if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            // SAFETY: it only sets flags and may be called at any time.
            unsafe { PyErr_SetInterrupt() };
            return "interrupted".to_owned();
        }
        message
    })
}

/// The batches of a table of another package; `None` if it is not a table.
#[expect(unsafe_code, reason = "Arrow's C interface is made of pointers")]
pub(crate) fn read(given: &Bound<'_, PyAny>) -> PyResult<Option<RecordBatchStreamReader>> {
    let Some(export) = given.getattr_opt("__arrow_c_stream__")? else { return Ok(None) };
    let capsule = export.call0()?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: a capsule of this name holds such a stream, valid as long as the capsule; taking it leaves a released one.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.cast().as_ptr()) };
    // This fails for a stream of arrays that are no structs, which is not a table.
    Ok(RecordBatchStreamReader::try_new(stream).ok())
}

/// An error of the library about tables.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn to_py(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
