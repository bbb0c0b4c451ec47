//! The formats a cloud can be written in.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result, unknown};

/// A file format of point clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloudFormat {
    /// Polygon File Format, binary, little endian.
    Ply,
    /// ASPRS LAS 1.4, point format 7.
    Las,
    /// LAS, compressed.
    Laz,
}

impl CloudFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Ply, Self::Las, Self::Laz];

    /// Name as users write it, and the extension of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ply => "ply",
            Self::Las => "las",
            Self::Laz => "laz",
        }
    }
}

impl fmt::Display for CloudFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CloudFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or_else(|| unknown("format", text, &known))
    }
}
