//! The outline of a place that is named on the command line.

use mly::place::{Found, Place, Places};

use crate::console::Console;
use crate::exit::Failure;
use crate::runtime::block_on;

/// Most places that a message lists.
const MOST_LISTED: usize = 8;

/// Asks for a place, and tells which one was taken unless that is to be `quiet`. Gives its outline as GeoJSON.
pub(crate) fn outline(
    name: &str,
    places: Places,
    quiet: bool,
    console: &mut Console,
) -> Result<String, Failure> {
    let host = places.url().host_str().unwrap_or_default().to_owned();
    let found = {
        let name = name.to_owned();
        block_on(async move { places.find(&name).await })??
    };
    match found {
        Found::One(place) => {
            if !quiet {
                let place = place.describe();
                console.say(&format!("area: {place}, from {host}; (c) OpenStreetMap contributors, ODbL"));
            }
            Ok(place.to_geojson())
        }
        Found::Several(places) => {
            list(&places, console);
            let what = format!("{} places are named `{name}`", places.len());
            Err(Failure::usage(what, "choose one by its id, as listed above"))
        }
    }
}

/// Prints a line for each place: how to choose it, and what tells it apart.
fn list(places: &[Place], console: &mut Console) {
    for place in places.iter().take(MOST_LISTED) {
        let country = place.country().map(|country| format!(", {country}")).unwrap_or_default();
        console.say(&format!("--place {}: {} ({}{country})", place.id(), place.name(), place.kind()));
    }
    if let Some(more) = places.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        console.say(&format!("and {more} more"));
    }
}
