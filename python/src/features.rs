//! A result as the text of a GeoJSON FeatureCollection.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{Schema, SchemaRef};
use mly::sink::{self, Destination, Format};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::running::Lease;

/// Writes the rows of a result that were not read yet.
pub(crate) async fn text(held: Lease, schema: SchemaRef) -> mly::Result<Vec<u8>> {
    let memory = Memory::default();
    // Members such as the question belong to files, and not to a collection of features in memory.
    let schema = Arc::new(Schema::new(schema.fields().clone()));
    let mut sink = sink::open(Format::GeoJson, Destination::stream(memory.clone()), &schema)?;
    let (ahead, batches) = held.into_parts();
    for batch in &ahead {
        sink.write(batch)?;
    }
    match batches {
        Some(batches) => drop(batches.write_to(sink).await?),
        None => sink.finish()?,
    }
    Ok(memory.into_bytes())
}

/// UTF-8 text for Python.
pub(crate) fn to_py(py: Python<'_>, text: &[u8]) -> PyResult<Py<PyAny>> {
    Ok(PyString::from_bytes(py, text)?.into_any().unbind())
}

/// A buffer that a sink writes into.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().map_err(|e| io::Error::other(e.to_string()))?;
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
