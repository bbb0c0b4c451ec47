//! Rows as dictionaries: what an Arrow value is in Python.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, TimeUnit};
use chrono::DateTime;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::wkb;

/// The first rows as dictionaries, without the columns that are null.
pub(crate) fn dicts<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
    most: usize,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    (0..batch.num_rows().min(most)).map(|row| dict(py, batch, row)).collect()
}

/// One row as a dictionary.
pub(crate) fn dict<'py>(py: Python<'py>, batch: &RecordBatch, row: usize) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if column.is_valid(row) {
            dict.set_item(field.name(), value(py, field, column, row)?)?;
        }
    }
    Ok(dict)
}

/// An id for Python: an int if it is a number, else text.
pub(crate) fn id(py: Python<'_>, id: &str) -> PyResult<Py<PyAny>> {
    Ok(match id.parse::<i64>() {
        Ok(number) => number.into_pyobject(py)?.into_any().unbind(),
        Err(_) => id.into_pyobject(py)?.into_any().unbind(),
    })
}

fn value<'py>(py: Python<'py>, field: &Field, column: &ArrayRef, row: usize) -> PyResult<Bound<'py, PyAny>> {
    let extension = field.metadata().get("ARROW:extension:name").map(String::as_str);
    Ok(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Boolean => column.as_boolean().value(row).into_pyobject(py)?.to_owned().into_any(),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            let ms = column.as_primitive::<TimestampMillisecondType>().value(row);
            let moment = DateTime::from_timestamp_millis(ms);
            let moment = moment.ok_or_else(|| {
                PyValueError::new_err(format!("{}: {ms} ms is no time of any calendar", field.name()))
            })?;
            moment.into_pyobject(py)?.into_any()
        }
        DataType::Utf8 if extension == Some("arrow.json") => {
            py.import("json")?.call_method1("loads", (column.as_string::<i32>().value(row),))?
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).into_pyobject(py)?.into_any(),
        DataType::Binary if extension == Some("geoarrow.wkb") => {
            wkb::geometry(py, column.as_binary::<i32>().value(row))?
        }
        DataType::Binary => PyBytes::new(py, column.as_binary::<i32>().value(row)).into_any(),
        DataType::List(item) => list(py, item, &column.as_list::<i32>().value(row))?,
        DataType::FixedSizeList(item, _) => list(py, item, &column.as_fixed_size_list().value(row))?,
        other => {
            return Err(PyValueError::new_err(format!(
                "{}: there is no value of type {other}",
                field.name()
            )));
        }
    })
}

fn list<'py>(py: Python<'py>, item: &Field, values: &ArrayRef) -> PyResult<Bound<'py, PyAny>> {
    let list = PyList::empty(py);
    for row in 0..values.len() {
        if values.is_valid(row) {
            list.append(value(py, item, values, row)?)?;
        } else {
            list.append(py.None())?;
        }
    }
    Ok(list.into_any())
}
