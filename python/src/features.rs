//! A result as the text of a GeoJSON FeatureCollection.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use arrow_schema::SchemaRef;
use mly::sink::{self, Destination, Format};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::ask::Ask;
use crate::batches::Batches;
use crate::running::Held;

/// How a feature begins that is made of lines, up to the first of them.
const MULTI: &[u8] = b"{\"type\":\"Feature\",\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":[";

/// How a feature begins that is one line.
const SINGLE: &[u8] = b"{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\",\"coordinates\":";

/// Writes what is left of a result.
pub(crate) async fn text(held: Held, schema: SchemaRef) -> mly::Result<Vec<u8>> {
    let memory = Memory::default();
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
        let work = text(running.hold()?, Arc::clone(&running.schema));
        Ask::new(work, |py, text| to_py(py, &with_plain_lines(&text))).wait(py)
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

/// The text of a collection with lines in the place of multi lines of one part.
///
/// The library writes a feature a line, and nothing but numbers into coordinates.
fn with_plain_lines(text: &[u8]) -> Cow<'_, [u8]> {
    let features = text.split(|byte| *byte == b'\n').skip(1);
    if !features.take(1).any(|first| first.starts_with(MULTI)) {
        // All features of a layer are of one kind.
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    for feature in text.split_inclusive(|byte| *byte == b'\n') {
        let Some((line, rest)) = feature.strip_prefix(MULTI).and_then(only_line) else {
            out.extend_from_slice(feature);
            continue;
        };
        out.extend_from_slice(SINGLE);
        out.extend_from_slice(line);
        out.extend_from_slice(rest);
    }
    out.into()
}

/// The first line of what follows [`MULTI`] and what stands behind it, if there is one line.
fn only_line(coordinates: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = coordinates.windows(2).position(|pair| pair == b"]]")?;
    let (line, rest) = coordinates.split_at_checked(end + 2)?;
    // Another line would follow a comma.
    Some((line, rest.strip_prefix(b"]")?))
}
