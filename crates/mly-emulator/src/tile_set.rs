//! The tile sets.

/// A tile set of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TileSet {
    Public,
    Computed,
    Point,
    TrafficSign,
}

impl TileSet {
    pub(crate) const ALL: [Self; 4] = [Self::Public, Self::Computed, Self::Point, Self::TrafficSign];

    /// Its name in the paths of tiles.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Public => "mly1_public",
            Self::Computed => "mly1_computed_public",
            Self::Point => "mly_map_feature_point",
            Self::TrafficSign => "mly_map_feature_traffic_sign",
        }
    }

    /// Whether its tiles show images and sequences.
    pub(crate) const fn is_coverage(self) -> bool {
        matches!(self, Self::Public | Self::Computed)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }
}
