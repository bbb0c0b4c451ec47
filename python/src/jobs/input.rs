//! What a job reads: files, and tables of any package.

use std::path::PathBuf;

use arrow_array::RecordBatchReader;
use mly::source;
use mly_jobs::Input;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments::{expected, of_argument};
use crate::capsule;
use crate::errors::to_py;
use crate::table::Table;

/// The input that an argument gives. Errors name the argument.
pub(crate) fn input(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Input> {
    of(given).map_err(|error| of_argument(given.py(), name, error))
}

/// The same for an argument that may be left out.
pub(super) fn optional_input(name: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Input>> {
    given.filter(|given| !given.is_none()).map(|given| input(name, given)).transpose()
}

fn of(given: &Bound<'_, PyAny>) -> PyResult<Input> {
    if let Ok(table) = given.cast::<Table>() {
        return Ok(table.get().for_job().into());
    }
    if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
        return Ok(given.extract::<PathBuf>()?.into());
    }
    // Frames of geopandas hold shapes, which they export by a method of their own, and may be in another reference system.
    let frames = given.py().import("mly._frames")?;
    let exported = frames.getattr("exported")?.call1((given,))?;
    let Some(rows) = capsule::read(&exported)? else {
        return Err(expected("a file, a mly.Table, Batches, or a table or frame of another package", given));
    };
    let schema = rows.schema();
    let batches = rows.collect::<Result<Vec<_>, _>>().map_err(capsule::to_py)?;
    let (schema, batches) = source::adapt(&schema, &batches).map_err(to_py)?;
    Ok(mly_jobs::Table::new(schema, batches).into())
}
