//! Geometries as GeoJSON has them (RFC 7946), from well-known binary (OGC 06-103r4, section 8).

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

const LITTLE_ENDIAN: u8 = 1;
const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;

/// A position, as the list that GeoJSON has.
type Position = [f64; 2];
type Line = Vec<Position>;

/// A geometry of one of the kinds that results have.
pub(crate) fn geometry<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let broken = || PyValueError::new_err("this is no geometry of a result");
    let mut rest = WkbBytes(bytes);
    let geometry = PyDict::new(py);
    match rest.head().ok_or_else(broken)? {
        POINT => {
            geometry.set_item("type", "Point")?;
            geometry.set_item("coordinates", rest.position().ok_or_else(broken)?)?;
        }
        LINE_STRING => {
            geometry.set_item("type", "LineString")?;
            geometry.set_item("coordinates", rest.line().ok_or_else(broken)?)?;
        }
        MULTI_POINT => {
            geometry.set_item("type", "MultiPoint")?;
            geometry.set_item("coordinates", rest.points().ok_or_else(broken)?)?;
        }
        MULTI_LINE_STRING => {
            geometry.set_item("type", "MultiLineString")?;
            geometry.set_item("coordinates", rest.lines().ok_or_else(broken)?)?;
        }
        _ => return Err(broken()),
    }
    Ok(geometry.into_any())
}

/// The bytes that were not read yet.
struct WkbBytes<'a>(&'a [u8]);

impl WkbBytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    /// The kind of a geometry.
    fn head(&mut self) -> Option<u32> {
        let [order] = self.take()?;
        (order == LITTLE_ENDIAN).then_some(())?;
        self.take().map(u32::from_le_bytes)
    }

    fn position(&mut self) -> Option<Position> {
        Some([f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)])
    }

    fn line(&mut self) -> Option<Line> {
        let count = self.take().map(u32::from_le_bytes)?;
        (0..count).map(|_| self.position()).collect()
    }

    fn points(&mut self) -> Option<Vec<Position>> {
        let count = self.take().map(u32::from_le_bytes)?;
        (0..count).map(|_| (self.head()? == POINT).then(|| self.position())?).collect()
    }

    fn lines(&mut self) -> Option<Vec<Line>> {
        let count = self.take().map(u32::from_le_bytes)?;
        (0..count).map(|_| (self.head()? == LINE_STRING).then(|| self.line())?).collect()
    }
}
