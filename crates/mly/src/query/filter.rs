//! What a feature must be like to be in the result.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, unknown};
use crate::query::layer::Layer;
use crate::query::shape::check_position;
use crate::query::time::TimeRange;

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

/// A sector of the compass in degrees clockwise from north, both ends inside; `min > max` crosses north.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sector {
    /// Where it begins, 0..=360.
    pub min_deg: f64,
    /// Where it ends, 0..=360.
    pub max_deg: f64,
}

impl Sector {
    /// A sector from two angles.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an angle is not within 0..=360.
    pub fn new(min_deg: f64, max_deg: f64) -> Result<Self> {
        for angle in [min_deg, max_deg] {
            if !(0.0..=360.0).contains(&angle) {
                return Err(Error::query(format!("compass angle {angle} is not within 0..360"))
                    .with_hint("give degrees clockwise from north; MIN > MAX crosses north"));
            }
        }
        Ok(Self { min_deg, max_deg })
    }

    /// Whether an angle lies in the sector.
    pub fn contains(&self, angle_deg: f64) -> bool {
        let angle = angle_deg.rem_euclid(360.0);
        // 0 and 360 are the same direction, and either may be written as an end of the sector.
        [angle, angle + 360.0].into_iter().any(|a| {
            if self.min_deg <= self.max_deg {
                self.min_deg <= a && a <= self.max_deg
            } else {
                (self.min_deg <= a && a <= 360.0) || a <= self.max_deg
            }
        })
    }
}

/// A pattern for values of map features: `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValuePattern(String);

impl ValuePattern {
    /// A pattern, such as `regulatory--stop--g1` or `warning--*`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is empty or has characters that no value has.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*');
        if text.is_empty() || !text.bytes().all(known) {
            return Err(Error::query(format!("`{text}` is not a value of a map feature"))
                .with_hint("values look like regulatory--stop--g1; `*` stands for any text"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a value fits the pattern.
    pub fn matches(&self, value: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(mut rest) = pieces.next().and_then(|head| value.strip_prefix(head)) else { return false };
        let mut pieces: Vec<_> = pieces.collect();
        let Some(tail) = pieces.pop() else { return rest.is_empty() };
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(tail)
    }
}

impl fmt::Display for ValuePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every filter of a query; the default lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    /// When it was taken (images, sequences).
    pub captured: TimeRange,
    /// Panoramas or flat images (images, sequences).
    pub image_type: ImageType,
    /// Direction of view (images).
    pub compass: Option<Sector>,
    /// Only these sequences (images, sequences); empty is no filter.
    pub sequence_ids: Vec<String>,
    /// Only these organizations (images, sequences); empty is no filter.
    pub organization_ids: Vec<i64>,
    /// Only these creators (images, sequences); empty is no filter.
    pub creator_ids: Vec<i64>,
    /// Only images of the creator of this name (images; answered by searches).
    pub creator_username: Option<String>,
    /// Only images of cameras of this make, written as the service does (images; answered by searches).
    pub make: Option<String>,
    /// Only images of cameras of this model, written as the service does (images; answered by searches).
    pub model: Option<String>,
    /// Only images that look at this longitude and latitude (images).
    pub looking_at: Option<[f64; 2]>,
    /// Only these values (points, signs); empty is no filter.
    pub values: Vec<ValuePattern>,
    /// When it was first seen (points, signs).
    pub first_seen: TimeRange,
    /// When it was last seen (points, signs).
    pub last_seen: TimeRange,
}

impl Filters {
    /// The filters in use, by the name users write.
    pub fn in_use(&self) -> Vec<&'static str> {
        [
            ("since/until", !self.captured.is_unbounded()),
            ("image-type", self.image_type != ImageType::All),
            ("compass", self.compass.is_some()),
            ("sequence", !self.sequence_ids.is_empty()),
            ("organization", !self.organization_ids.is_empty()),
            ("creator", !self.creator_ids.is_empty()),
            ("creator-username", self.creator_username.is_some()),
            ("make", self.make.is_some()),
            ("model", self.model.is_some()),
            ("looking-at", self.looking_at.is_some()),
            ("value", !self.values.is_empty()),
            ("first-seen-since/until", !self.first_seen.is_unbounded()),
            ("last-seen-since/until", !self.last_seen.is_unbounded()),
        ]
        .into_iter()
        .filter_map(|(name, used)| used.then_some(name))
        .collect()
    }

    /// Whether a filter is about something that tiles do not carry.
    pub(crate) fn need_search(&self) -> bool {
        self.creator_username.is_some() || self.make.is_some() || self.model.is_some()
    }

    /// Checks ranges, and that every filter in use fits the layer.
    pub(super) fn check(&self, layer: Layer) -> Result<()> {
        self.captured.check("captured_at")?;
        self.first_seen.check("first_seen_at")?;
        self.last_seen.check("last_seen_at")?;
        if let Some([lon, lat]) = self.looking_at {
            check_position(lon, lat)?;
        }
        let known = filters_of(layer);
        match self.in_use().into_iter().find(|name| !known.contains(name)) {
            Some(name) => Err(Error::query(format!("filter `{name}` does not fit {layer}"))
                .with_hint(format!("{layer} can be filtered by {}", known.join(", ")))),
            None => Ok(()),
        }
    }
}

fn filters_of(layer: Layer) -> &'static [&'static str] {
    match layer {
        Layer::Images => &[
            "since/until",
            "image-type",
            "compass",
            "sequence",
            "organization",
            "creator",
            "creator-username",
            "make",
            "model",
            "looking-at",
        ],
        Layer::Sequences => &["since/until", "image-type", "sequence", "organization", "creator"],
        Layer::Points | Layer::Signs => &["value", "first-seen-since/until", "last-seen-since/until"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        for (pattern, value, fits) in [
            ("regulatory--stop--g1", "regulatory--stop--g1", true),
            ("regulatory--stop--g1", "regulatory--stop--g10", false),
            ("regulatory--*", "regulatory--stop--g1", true),
            ("*--g1", "regulatory--stop--g1", true),
            ("*stop*", "regulatory--stop--g1", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "a--b--b--c", true),
            ("a**c", "ac", true),
            ("warning--*", "regulatory--stop--g1", false),
        ] {
            assert_eq!(ValuePattern::new(pattern).unwrap().matches(value), fits, "{pattern} {value}");
        }
        assert!(ValuePattern::new("").is_err() && ValuePattern::new("a b").is_err());
    }

    #[test]
    fn a_sector_may_cross_north_and_holds_its_ends() {
        let north = Sector::new(350.0, 10.0).unwrap();
        for (angle, inside) in
            [(350.0, true), (0.0, true), (360.0, true), (10.0, true), (10.1, false), (180.0, false)]
        {
            assert_eq!(north.contains(angle), inside, "{angle}");
        }
        assert!(Sector::new(270.0, 360.0).unwrap().contains(0.0));
        assert!(Sector::new(0.0, 90.0).unwrap().contains(360.0));
        assert!(Sector::new(-1.0, 10.0).is_err() && Sector::new(f64::NAN, 10.0).is_err());
    }

    proptest! {
        #[test]
        fn an_angle_is_in_the_sector_exactly_when_turning_from_its_begin_reaches_it(min in 0..360_i32, max in 0..360_i32, angle in 0..360_i32) {
            let inside = (angle - min).rem_euclid(360) <= (max - min).rem_euclid(360);
            let sector = Sector::new(f64::from(min), f64::from(max)).unwrap();
            prop_assert_eq!(sector.contains(f64::from(angle)), inside);
        }
    }
}
