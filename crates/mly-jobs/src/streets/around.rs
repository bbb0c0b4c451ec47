//! The area in which images can show streets.

use std::fmt::Write;

use mly::source::AreaReader;
use mly::{Area, Result};

use super::Streets;
use crate::input::Input;
use crate::roads::{self, LARGEST_RADIUS_M, Ways};

/// Beyond the largest distance of an image from its street, so that no rounding leaves one out.
const MARGIN_M: f64 = 5.0;

impl Streets {
    /// The area in which images can show these kinds of streets of some roads, to ask the service for them; `None` when there
    /// are no such streets.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when the roads cannot be read, or have no streets of any kind.
    pub fn area_around(roads: impl Into<Input>, ways: &Ways) -> Result<Option<Area>> {
        let network = roads::read(&roads.into(), ways)?;
        if network.edges.is_empty() {
            return Ok(None);
        }
        let mut text = String::from("MULTILINESTRING (");
        for (number, edge) in network.edges.iter().enumerate() {
            text.push_str(if number == 0 { "(" } else { ", (" });
            for (number, [lon, lat]) in network.line(edge).enumerate() {
                let comma = if number == 0 { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(text, "{comma}{lon} {lat}");
            }
            text.push(')');
        }
        text.push(')');
        AreaReader::new().with_buffer_m(LARGEST_RADIUS_M + MARGIN_M).text(&text).map(Some)
    }
}
