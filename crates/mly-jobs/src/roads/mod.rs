//! Streets as a network of edges, from data of OpenStreetMap or from lines of any file.
//!
//! An edge is a piece of a street between two nodes at which streets meet or end.

mod build;
mod choice;
mod lines;
mod network;
mod openstreetmap;
mod tags;

use mly::{Error, Result};

pub use choice::Ways;
pub(crate) use choice::{LARGEST_RADIUS_M, radius_m};
pub(crate) use network::{RoadEdge, RoadNetwork};

use crate::input::Input;
use crate::openstreetmap::OsmForm;

/// Whether roads are data of OpenStreetMap, which is under a licence of its own.
pub(crate) fn is_openstreetmap(input: &Input) -> bool {
    matches!(input, Input::File(path) if matches!(OsmForm::of(path), Ok(Some(_))))
}

/// Reads the streets of these kinds.
///
/// # Errors
/// [`Error::Input`] when the file cannot be read, or has no lines.
pub(crate) fn read(input: &Input, ways: &Ways) -> Result<RoadNetwork> {
    let form = match input {
        Input::File(path) if path.exists() => OsmForm::of(path)?,
        // A table, or a layer of a file.
        _ => None,
    };
    let network = match (input, form) {
        (Input::File(path), Some(form)) => openstreetmap::read(path, form, ways)?,
        _ => lines::read(input, ways)?,
    };
    if network.counts.read > 0 {
        return Ok(network);
    }
    let none = Error::input("there are no streets in it")
        .with_hint("give ways with a tag `highway`, or lines in any format that mly reads");
    Err(match input {
        Input::File(path) => none.with_path(path),
        Input::Table(_) => none,
    })
}
