//! The parts of the service, each with its own limit of requests.

use std::fmt;

/// A part of the service. Requests to one do not count against the limits of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// Vector tiles.
    Tiles,
    /// Lookups by id, in the graph.
    Entities,
    /// Searches, in the graph.
    Searches,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 3] = [Self::Tiles, Self::Entities, Self::Searches];

    /// Name as users read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiles => "tiles",
            Self::Entities => "entities",
            Self::Searches => "searches",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
