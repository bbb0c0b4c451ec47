//! The value of a filter, and the types that values have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pattern::ValuePattern;
use super::positions::Positions;
use super::sector::Sector;
use crate::error::{Error, Result, unknown};
use crate::query::ids::check_sequence_id;
use crate::query::moment::Moment;
use crate::query::shape::check_position;
use crate::redact::without_tokens;

/// Which cameras are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ImageType {
    /// Every image.
    #[default]
    All,
    /// Panoramas only.
    Pano,
    /// Everything but panoramas.
    Flat,
}

impl FromStr for ImageType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "all" | "both" => Ok(Self::All),
            "pano" => Ok(Self::Pano),
            "flat" => Ok(Self::Flat),
            other => Err(unknown("image type", other, &["all", "pano", "flat"])),
        }
    }
}

/// The type of a filter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterKind {
    /// A date that a range begins with.
    Since,
    /// A date that a range ends with.
    Until,
    /// Panoramas, flat images or all.
    ImageType,
    /// A range of directions.
    Sector,
    /// Ids that are text.
    TextIds,
    /// Ids that are whole numbers.
    NumericIds,
    /// Names.
    Names,
    /// A longitude and latitude.
    Position,
    /// Patterns for the values of map features.
    Patterns,
    /// A smallest share, 0..=1.
    LeastShare,
    /// Yes or no.
    YesNo,
    /// A distance in metres.
    Metres,
    /// Original or computed positions.
    Positions,
}

impl fmt::Display for FilterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Since => "a date as lower bound",
            Self::Until => "a date as upper bound",
            Self::ImageType => "an image type",
            Self::Sector => "a sector of the compass",
            Self::TextIds => "ids that are text",
            Self::NumericIds => "ids that are whole numbers",
            Self::Names => "names",
            Self::Position => "a longitude and latitude",
            Self::Patterns => "patterns for values",
            Self::LeastShare => "a number from 0 to 1",
            Self::YesNo => "yes or no",
            Self::Metres => "a distance in metres",
            Self::Positions => "a kind of positions",
        })
    }
}

/// The value of a filter. Empty lists and [`ImageType::All`] let everything through.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FilterValue {
    /// First millisecond inside.
    Since(Moment),
    /// Last millisecond inside.
    Until(Moment),
    /// Panoramas, flat images or all.
    ImageType(ImageType),
    /// Directions, both ends inside.
    Sector(Sector),
    /// One of these ids.
    TextIds(Vec<String>),
    /// One of these ids.
    NumericIds(Vec<i64>),
    /// One of these names, written as the service does.
    Names(Vec<String>),
    /// A longitude and latitude in degrees.
    Position([f64; 2]),
    /// A value that fits one of these patterns.
    Patterns(Vec<ValuePattern>),
    /// At least this share, 0..=1.
    LeastShare(f64),
    /// Yes or no.
    YesNo(bool),
    /// A distance in metres, above 0.
    Metres(f64),
    /// Original or computed positions.
    Positions(Positions),
}

impl FilterValue {
    /// The type of the value.
    pub fn kind(&self) -> FilterKind {
        match self {
            Self::Since(_) => FilterKind::Since,
            Self::Until(_) => FilterKind::Until,
            Self::ImageType(_) => FilterKind::ImageType,
            Self::Sector(_) => FilterKind::Sector,
            Self::TextIds(_) => FilterKind::TextIds,
            Self::NumericIds(_) => FilterKind::NumericIds,
            Self::Names(_) => FilterKind::Names,
            Self::Position(_) => FilterKind::Position,
            Self::Patterns(_) => FilterKind::Patterns,
            Self::LeastShare(_) => FilterKind::LeastShare,
            Self::YesNo(_) => FilterKind::YesNo,
            Self::Metres(_) => FilterKind::Metres,
            Self::Positions(_) => FilterKind::Positions,
        }
    }

    /// Adds the entries of another list to a list; any other value is replaced.
    pub fn extend(&mut self, more: Self) {
        match (self, more) {
            (Self::TextIds(list), Self::TextIds(more)) | (Self::Names(list), Self::Names(more)) => {
                list.extend(more);
            }
            (Self::NumericIds(list), Self::NumericIds(more)) => list.extend(more),
            (Self::Patterns(list), Self::Patterns(more)) => list.extend(more),
            (value, more) => *value = more,
        }
    }

    /// Whether every row fits.
    pub(super) fn fits_all(&self) -> bool {
        match self {
            Self::ImageType(kind) => *kind == ImageType::All,
            Self::Positions(positions) => *positions == Positions::Original,
            Self::TextIds(list) | Self::Names(list) => list.is_empty(),
            Self::NumericIds(ids) => ids.is_empty(),
            Self::Patterns(patterns) => patterns.is_empty(),
            Self::Since(_)
            | Self::Until(_)
            | Self::Sector(_)
            | Self::Position(_)
            | Self::LeastShare(_)
            | Self::YesNo(_)
            | Self::Metres(_) => false,
        }
    }

    /// Checks what the type alone does not rule out.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Position([lon, lat]) => check_position(*lon, *lat),
            Self::Names(names) if names.iter().any(|name| name.trim().is_empty()) => Err(no_name()),
            // A name is in logs, stored plans and the metadata of results.
            Self::Names(names) if names.iter().any(|name| without_tokens(name) != *name) => Err(token()),
            Self::TextIds(ids) => ids.iter().try_for_each(|id| check_sequence_id(id)),
            Self::LeastShare(share) if !(0.0..=1.0).contains(share) => {
                Err(Error::query(format!("{share} is not from 0 to 1"))
                    .with_hint("quality scores go from 0, the worst, to 1"))
            }
            Self::Metres(metres) if !metres.is_finite() || *metres <= 0.0 => {
                Err(Error::query(format!("{metres} m is not a distance above 0"))
                    .with_hint("give metres, such as 5"))
            }
            Self::NumericIds(ids) => match ids.iter().find(|id| **id <= 0) {
                Some(id) => Err(Error::query(format!("`{id}` is not an id"))
                    .with_hint("ids of organizations and creators are whole numbers above 0")),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Splits a text into names at its commas. A name that has a comma itself stands in double quotes, as in CSV:
/// `"SAMSUNG TECHWIN CO., LTD.",GoPro`.
///
/// # Errors
/// [`Error::InvalidQuery`] when a name is empty or a quote is not closed.
pub fn names_in(text: &str) -> Result<Vec<String>> {
    let (mut names, mut is_quoted) = (vec![String::new()], false);
    for c in text.chars() {
        match (c, names.last_mut()) {
            ('"', _) => is_quoted = !is_quoted,
            (',', _) if !is_quoted => names.push(String::new()),
            (c, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    if is_quoted {
        return Err(Error::query(format!("a quote is not closed in `{text}`"))
            .with_hint("put double quotes around a name that has a comma, and only there"));
    }
    let names: Vec<_> = names.into_iter().map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) { Err(no_name()) } else { Ok(names) }
}

fn token() -> Error {
    Error::query("a name looks like a token").with_hint("names are those of users, makes and models")
}

fn no_name() -> Error {
    Error::query("an entry of the list is empty").with_hint("separate the entries by single commas")
}

impl From<ImageType> for FilterValue {
    fn from(kind: ImageType) -> Self {
        Self::ImageType(kind)
    }
}

impl From<Sector> for FilterValue {
    fn from(sector: Sector) -> Self {
        Self::Sector(sector)
    }
}

impl From<Vec<String>> for FilterValue {
    fn from(ids: Vec<String>) -> Self {
        Self::TextIds(ids)
    }
}

impl From<Vec<i64>> for FilterValue {
    fn from(ids: Vec<i64>) -> Self {
        Self::NumericIds(ids)
    }
}

impl From<&str> for FilterValue {
    fn from(name: &str) -> Self {
        Self::Names(vec![name.to_owned()])
    }
}

impl From<[f64; 2]> for FilterValue {
    fn from(position: [f64; 2]) -> Self {
        Self::Position(position)
    }
}

impl From<Vec<ValuePattern>> for FilterValue {
    fn from(patterns: Vec<ValuePattern>) -> Self {
        Self::Patterns(patterns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_commas_that_are_not_in_quotes() {
        for (text, names) in [
            ("GoPro", &["GoPro"][..]),
            ("GoPro, Apple ,LG", &["GoPro", "Apple", "LG"]),
            (r#""SAMSUNG TECHWIN CO., LTD.",GoPro"#, &["SAMSUNG TECHWIN CO., LTD.", "GoPro"]),
        ] {
            assert_eq!(names_in(text).unwrap(), names, "{text}");
        }
        for text in ["", "a,,b", "a,", r#""a,b"#, r#""""#] {
            assert!(names_in(text).is_err(), "{text}");
        }
    }
}
