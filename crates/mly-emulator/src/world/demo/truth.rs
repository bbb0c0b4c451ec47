//! On which streets the images of the town were really taken.

use super::{
    map::{FIRST_NODE, FIRST_WAY},
    network::{Line, Network, Place, heading},
};

/// On which street an image of the demo town was really taken, and in which direction. Positions in tiles are those of a
/// GPS receiver with errors, beside the middle of the street.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreetTruth {
    /// Id of the image.
    pub image: u64,
    /// Id of the way in the map of the town.
    pub way: i64,
    /// Ids of the nodes between which it was taken, in the direction of travel.
    pub nodes: [i64; 2],
    /// The direction of travel, in degrees clockwise from north.
    pub heading_deg: f64,
}

impl StreetTruth {
    /// `None` off the streets of the map.
    pub(super) fn new(network: &Network, lines: &[Line], ends: [Place; 2], image: u64) -> Option<Self> {
        // The places of a path are those of the nodes, to the bit.
        let bits = |place: Place| place.map(f64::to_bits);
        let node = |place: Place| network.nodes().iter().position(|node| bits(*node) == bits(place));
        let [from, to] = [node(ends[0])?, node(ends[1])?];
        let is_on = |line: &Line| {
            line.nodes.windows(2).any(|pair| [[from, to], [to, from]].iter().any(|ends| pair == ends))
        };
        let way = lines.iter().position(is_on)?;
        let id = |first: i64, number: usize| first + i64::try_from(number).unwrap_or(i64::MAX);
        Some(Self {
            image,
            way: id(FIRST_WAY, way),
            nodes: [id(FIRST_NODE, from), id(FIRST_NODE, to)],
            heading_deg: heading(ends[0], ends[1]),
        })
    }
}
