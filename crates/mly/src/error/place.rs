//! Where in an input something is wrong.

use std::fmt;

/// Where in a file or stream something is wrong. Lines, rows and features count from 1, bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In this line of a text.
    Line(u64),
    /// In this row of a table.
    Row(u64),
    /// Somewhere after this many rows, all of which could be read.
    AfterRow(u64),
    /// In this feature of a collection.
    Feature(u64),
    /// Somewhere after this many features, all of which could be read.
    AfterFeature(u64),
    /// At this byte.
    Byte(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Row(number) => write!(f, "row {number}"),
            Self::AfterRow(count) => write!(f, "after row {count}"),
            Self::Feature(number) => write!(f, "feature {number}"),
            Self::AfterFeature(count) => write!(f, "after feature {count}"),
            Self::Byte(offset) => write!(f, "byte {offset}"),
        }
    }
}
