//! Sizes of photos.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, unknown};

/// How wide a photo is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhotoSize {
    /// 256 pixels wide.
    W256,
    /// 1,024 pixels wide.
    #[default]
    W1024,
    /// 2,048 pixels wide.
    W2048,
    /// As it was uploaded.
    Original,
}

impl PhotoSize {
    /// Every size.
    pub const ALL: [Self; 4] = [Self::W256, Self::W1024, Self::W2048, Self::Original];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::W256 => "256",
            Self::W1024 => "1024",
            Self::W2048 => "2048",
            Self::Original => "original",
        }
    }

    /// The field of an image that holds the address (API v4, "Image").
    pub fn field(self) -> &'static str {
        match self {
            Self::W256 => "thumb_256_url",
            Self::W1024 => "thumb_1024_url",
            Self::W2048 => "thumb_2048_url",
            Self::Original => "thumb_original_url",
        }
    }
}

impl fmt::Display for PhotoSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PhotoSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|s| s.name() == text).ok_or_else(|| unknown("size", text, &known))
    }
}
