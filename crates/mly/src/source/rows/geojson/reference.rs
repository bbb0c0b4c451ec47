//! The reference system of a GeoJSON file, which its member `crs` names.
//!
//! The member may follow the features, so all documents are read for it before any position is used.

use serde_json::Value;

use crate::crs::Crs;
use crate::error::{Error, Hint, Result};

/// The reference system of the documents of a file, which has to be the same for all.
#[derive(Default)]
pub(in crate::source) struct Reference {
    /// What the current document has named.
    document: Option<Crs>,
    /// That of the documents before it.
    file: Option<Crs>,
}

impl Reference {
    /// Adds a member `crs` of the current document, or of a part of it.
    pub(in crate::source) fn add(&mut self, member: &Value) -> Result<()> {
        let found = Crs::of_geojson(member);
        let found = found.map_err(|other| Error::input(other.to_string()).with_hint(Hint::Reproject))?;
        let Some(crs) = found else { return Ok(()) };
        same(self.document.replace(crs), crs)
    }

    /// Ends the current document.
    pub(in crate::source) fn end(&mut self) -> Result<()> {
        let crs = self.document.take().unwrap_or_default();
        same(self.file.replace(crs), crs)
    }

    pub(in crate::source) fn crs(&self) -> Crs {
        self.file.unwrap_or_default()
    }
}

fn same(before: Option<Crs>, crs: Crs) -> Result<()> {
    if before.is_none_or(|before| before == crs) {
        return Ok(());
    }
    let error = Error::input("its parts are in different reference systems");
    Err(error.with_hint("give each of them a file of its own"))
}
