//! What an id can be of.

use std::fmt;

/// Today ids of sequences have 22 characters; longer ones are accepted in case that changes.
const LONGEST_SEQUENCE_ID: usize = 64;

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
            Self::Sequence => {
                let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                (1..=LONGEST_SEQUENCE_ID).contains(&text.len()) && text.bytes().all(is_plain)
            }
            _ => text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|id| id > 0),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
