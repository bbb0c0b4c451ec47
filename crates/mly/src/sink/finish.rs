//! The end of every sink: the finished file gets its name, or an error says which file and format failed.

use std::path::PathBuf;

use super::format::Format;
use crate::error::{Cause, Error, Result, cause_of_output};
use crate::file::Destination;

/// Gives the finished file of a sink its name.
pub(super) fn finish(destination: Destination, format: Format) -> Result<()> {
    let path = destination.path();
    destination.commit().map_err(|e| failed(path.as_ref(), format, e))
}

/// An [`Error::Output`] about a destination.
pub(super) fn failed(path: Option<&PathBuf>, format: Format, source: impl Into<Cause>) -> Error {
    Error::Output { path: path.cloned(), format: format.name(), source: cause_of_output(source) }
}
