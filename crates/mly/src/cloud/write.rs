//! Writes clouds. A file appears under its name only when it is complete.

use super::format::CloudFormat;
use super::frame::Frame;
use super::points::Cloud;
use super::{las, ply};
use crate::error::{Cause, Error, Result};
use crate::file::Destination;

impl Cloud {
    /// Writes the points and their colours. The same cloud gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Output`] when they cannot be written; a file does not appear then.
    pub fn write(&self, format: CloudFormat, frame: Frame, destination: Destination) -> Result<()> {
        let path = destination.path();
        let written = match format {
            CloudFormat::Ply => ply::write(self, frame, destination),
            CloudFormat::Las => las::write(self, frame, false, destination),
            CloudFormat::Laz => las::write(self, frame, true, destination),
        };
        let committed = written.and_then(|destination| destination.commit().map_err(Cause::from));
        committed.map_err(|source| Error::Output { path, format: format.name(), source })
    }
}
