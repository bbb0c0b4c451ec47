//! Reads nodes and ways of OpenStreetMap from files: `.osm.pbf`, and the JSON of Overpass.
//!
//! Ways hold the ids of their nodes, and the places of the nodes stand beside them, so that two ways that share a node are
//! known to meet there.

mod choice;
mod damage;
mod data;
mod element;
mod form;
mod overpass;
mod pbf;
mod places;
mod tags;

use std::path::Path;

use mly::Result;

pub(crate) use choice::OsmChoice;
pub(crate) use data::OsmData;
pub(crate) use element::OsmInfo;
pub(crate) use element::OsmWay;
pub(crate) use form::OsmForm;
pub(crate) use places::NodePlaces;
pub(crate) use tags::OsmTags;

/// Reads the wanted elements of a file.
///
/// Of an id that comes more than once, the highest version counts, and the first one among equal versions.
///
/// # Errors
/// [`mly::Error::Input`] with the name of the file when it cannot be read, is cut off, or has ways whose nodes are all missing.
pub(crate) fn read(path: &Path, form: OsmForm, choice: &OsmChoice<'_>) -> Result<OsmData> {
    let found = match form {
        OsmForm::Pbf => pbf::read(path, choice),
        OsmForm::Overpass => overpass::read(path, choice),
    };
    found.and_then(OsmData::checked).map_err(|error| error.with_path(path))
}

#[cfg(test)]
#[path = "../../tests/it/pbf.rs"]
mod pbf_writer;
#[cfg(test)]
mod tests;
