//! What an id can be of.

use std::fmt;

use crate::query::is_sequence_id;

/// A kind of thing that has ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An image.
    Image,
    /// A sequence of images. Its id is a text, all others are numbers.
    Sequence,
    /// An object or a traffic sign.
    MapFeature,
    /// A part of an image in which something was recognised.
    Detection,
    /// An organization.
    Organization,
}

impl Kind {
    /// Name of one of them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Sequence => "sequence",
            Self::MapFeature => "map feature",
            Self::Detection => "detection",
            Self::Organization => "organization",
        }
    }

    /// Whether a text can be an id of this kind.
    pub fn is_id(self, text: &str) -> bool {
        match self {
            Self::Sequence => is_sequence_id(text),
            _ => text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|id| id > 0),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
