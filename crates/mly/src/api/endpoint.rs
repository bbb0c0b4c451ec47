//! The parts of the service that have limits of their own.

use std::fmt;

/// A part of the service that has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Vector tiles.
    Tiles,
    /// Look-ups by id.
    Entities,
    /// Searches.
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
