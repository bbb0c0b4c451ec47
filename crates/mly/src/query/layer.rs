//! The four layers that can be asked for by area.

use std::fmt;
use std::str::FromStr;

use arrow_schema::ArrowError;
use serde::{Deserialize, Serialize};

use crate::error::{Error, unknown};
use crate::table::{Column, ColumnKind, column};

/// A layer of the service's vector tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Layer {
    /// Every single image, a point.
    Images,
    /// The lines along which images were taken.
    Sequences,
    /// Map features that are objects: benches, poles, hydrants.
    Points,
    /// Map features that are traffic signs.
    Signs,
}

const IMAGES: [Column; 10] = [
    column("id", ColumnKind::Int),
    column("sequence_id", ColumnKind::Text),
    column("captured_at", ColumnKind::Time),
    column("compass_angle", ColumnKind::Float),
    column("is_pano", ColumnKind::Bool),
    column("organization_id", ColumnKind::Int),
    column("creator_id", ColumnKind::Int),
    column("quality_score", ColumnKind::Float),
    column("foot", ColumnKind::Bool),
    column("geometry", ColumnKind::Point),
];

const SEQUENCES: [Column; 9] = [
    column("id", ColumnKind::Text),
    column("image_id", ColumnKind::Int),
    column("captured_at", ColumnKind::Time),
    column("is_pano", ColumnKind::Bool),
    column("organization_id", ColumnKind::Int),
    column("creator_id", ColumnKind::Int),
    column("quality_score", ColumnKind::Float),
    column("foot", ColumnKind::Bool),
    column("geometry", ColumnKind::Lines),
];

const MAP_FEATURES: [Column; 5] = [
    column("id", ColumnKind::Int),
    column("value", ColumnKind::Text),
    column("first_seen_at", ColumnKind::Time),
    column("last_seen_at", ColumnKind::Time),
    column("geometry", ColumnKind::Point),
];

impl Layer {
    /// The columns of a layer: `id` first, `geometry` last.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Images => &IMAGES,
            Self::Sequences => &SEQUENCES,
            Self::Points | Self::Signs => &MAP_FEATURES,
        }
    }

    /// Where a column stands among those of the layer; names come from this crate, never from a user.
    pub(crate) fn place_of(self, column: &str) -> Result<usize, ArrowError> {
        let place = self.columns().iter().position(|c| c.name == column);
        place.ok_or_else(|| ArrowError::SchemaError(format!("{self} have no column `{column}`")))
    }

    /// All layers, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Images, Self::Sequences, Self::Points, Self::Signs];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Sequences => "sequences",
            Self::Points => "points",
            Self::Signs => "signs",
        }
    }

    /// Name of the tile set that holds the layer (API v4, "Vector tiles").
    pub fn tile_set(self) -> &'static str {
        match self {
            Self::Images | Self::Sequences => "mly1_public",
            Self::Points => "mly_map_feature_point",
            Self::Signs => "mly_map_feature_traffic_sign",
        }
    }

    /// The column that a name stands for: the graph calls some things otherwise than the tiles.
    pub(crate) fn own_name(self, name: &str) -> &str {
        match (self, name) {
            (Self::Images, "sequence") => "sequence_id",
            (Self::Sequences, "sequence_id") => "id",
            (Self::Points | Self::Signs, "object_value") => "value",
            _ => name,
        }
    }

    /// Name of the layer inside the tiles.
    pub fn tile_layer(self) -> &'static str {
        match self {
            Self::Images => "image",
            Self::Sequences => "sequence",
            Self::Points => "point",
            Self::Signs => "traffic_sign",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|l| l.name() == text).ok_or_else(|| unknown("layer", text, &known))
    }
}
