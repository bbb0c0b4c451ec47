//! A result as the text of a GeoJSON FeatureCollection.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryArray, RecordBatch};
use arrow_schema::SchemaRef;
use mly::sink::{self, Destination, Format, Sink};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::ask::Ask;
use crate::batches::Batches;
use crate::running::Held;

/// Byte order, type and count before the lines of a multi line string (OGC 06-103r4, 8.2).
const HEADER: usize = 9;
const MULTI_LINE_STRING: u8 = 5;

/// Writes what is left of a result.
///
/// With `plain_lines`, lines of one part are no multi lines.
pub(crate) async fn text(held: Held, schema: SchemaRef, plain_lines: bool) -> mly::Result<Vec<u8>> {
    let memory = Memory::default();
    let mut sink = sink::open(Format::GeoJson, Destination::stream(memory.clone()), &schema)?;
    if plain_lines {
        sink = Box::new(PlainLines(sink));
    }
    let (batches, ahead) = held.into_parts();
    for batch in &ahead {
        sink.write(batch)?;
    }
    match batches {
        Some(batches) => drop(batches.write_to(sink).await?),
        None => sink.finish()?,
    }
    Ok(memory.into_bytes())
}

/// Text that is known to be one, for Python.
pub(crate) fn to_py(py: Python<'_>, text: &[u8]) -> PyResult<Py<PyAny>> {
    Ok(PyString::from_bytes(py, text)?.into_any().unbind())
}

#[pymethods]
impl Batches {
    /// Everything in the shapes of the package mapillary, whose lines are multi lines only with several parts.
    #[pyo3(signature = () -> "str")]
    fn _features(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let running = self.running();
        running.claim(py)?;
        let work = text(running.hold()?, Arc::clone(&running.schema), true);
        Ask::new(work, |py, text| to_py(py, &text)).wait(py)
    }
}

/// Bytes that a sink writes and its owner keeps.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn into_bytes(self) -> Vec<u8> {
        // The sink is gone, and nobody panics while holding it.
        self.0.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
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

/// Hands batches on, with the line itself in the place of multi lines of one part.
struct PlainLines(Box<dyn Sink>);

impl Sink for PlainLines {
    fn write(&mut self, batch: &RecordBatch) -> mly::Result<()> {
        self.0.write(&with_plain_lines(batch).unwrap_or_else(|| batch.clone()))
    }

    fn finish(self: Box<Self>) -> mly::Result<()> {
        self.0.finish()
    }
}

fn with_plain_lines(batch: &RecordBatch) -> Option<RecordBatch> {
    let at = batch.schema().index_of("geometry").ok()?;
    let shapes = batch.column(at).as_binary_opt::<i32>()?;
    if !shapes.iter().flatten().any(|shape| line_of(shape).is_some()) {
        return None;
    }
    let plain = shapes.iter().map(|shape| shape.map(|shape| line_of(shape).unwrap_or(shape)));
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    *columns.get_mut(at)? = Arc::new(plain.collect::<BinaryArray>());
    RecordBatch::try_new(batch.schema(), columns).ok()
}

/// The line of a multi line string of one part.
fn line_of(shape: &[u8]) -> Option<&[u8]> {
    let (header, line) = shape.split_at_checked(HEADER)?;
    (header == [1, MULTI_LINE_STRING, 0, 0, 0, 1, 0, 0, 0]).then_some(line)
}
