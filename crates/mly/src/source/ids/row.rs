//! Recognises the kind of a row, such as an image or a sequence, by the names of its columns.

use crate::source::kind::Kind;

/// The columns of ids, in the order in which their values are read.
pub(super) const ID_COLUMNS: [&str; 3] = ["id", "image_id", "map_feature_id"];

/// Names of columns by which a row is recognised.
const TELLING: [&str; 17] = [
    "id",
    "image_id",
    "map_feature_id",
    "value",
    "object_value",
    "first_seen_at",
    "last_seen_at",
    "created_at",
    "polygons",
    "captured_at",
    "sequence_id",
    "compass_angle",
    "computed_compass_angle",
    "is_pano",
    "camera_type",
    "quality_score",
    "slug",
];

/// Columns that images have.
const OF_IMAGES: [&str; 7] = [
    "captured_at",
    "sequence_id",
    "compass_angle",
    "computed_compass_angle",
    "is_pano",
    "camera_type",
    "quality_score",
];

/// A set of the names in [`TELLING`], as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TellingNames(u32);

impl TellingNames {
    pub(super) fn insert(&mut self, name: &str) {
        self.0 |= Self::bit(name);
    }

    fn has(self, name: &str) -> bool {
        self.0 & Self::bit(name) != 0
    }

    fn has_any(self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    fn bit(name: &str) -> u32 {
        TELLING.iter().position(|known| *known == name).map_or(0, |at| 1 << at)
    }
}

/// One row: its ids as text, and what its kind can be recognised by.
#[derive(Debug, Default)]
pub(super) struct IdRow {
    pub(super) id: Option<String>,
    pub(super) image_id: Option<String>,
    pub(super) map_feature_id: Option<String>,
    pub(super) names: TellingNames,
    /// Whether its geometry is a line, or several.
    pub(super) is_lines: bool,
}

impl IdRow {
    /// The kind of the row, if it can be recognised.
    pub(super) fn kind(&self) -> Option<Kind> {
        let Self { names, .. } = self;
        let has_value = names.has("value");
        if self.is_lines {
            Some(Kind::Sequence)
        } else if self.is_named_by_others()
            && !has_value
            && names.has("image_id") != names.has("map_feature_id")
        {
            Some(if names.has("image_id") { Kind::Image } else { Kind::MapFeature })
        } else if names.has("object_value") || has_value && names.has_any(&["first_seen_at", "last_seen_at"])
        {
            Some(Kind::MapFeature)
        } else if has_value && names.has_any(&["image_id", "map_feature_id", "created_at", "polygons"]) {
            Some(Kind::Detection)
        } else if names.has("image_id") || names.has_any(&OF_IMAGES) {
            Some(match self.id.as_deref() {
                Some(id) if is_text(id) => Kind::Sequence,
                _ if names.has("image_id") => Kind::Detection,
                _ => Kind::Image,
            })
        } else {
            names.has("slug").then_some(Kind::Organization)
        }
    }

    /// The id of the row itself. In tables that people make, `image_id` alone names the images, and `map_feature_id` alone
    /// the map features.
    pub(super) fn own_id(self) -> Option<String> {
        if self.is_named_by_others() { self.image_id.or(self.map_feature_id) } else { self.id }
    }

    /// Whether the rows have no id of their own, and another column says which thing they are about.
    fn is_named_by_others(&self) -> bool {
        self.id.is_none() && !self.names.has("id") && self.names.has_any(&["image_id", "map_feature_id"])
    }
}

/// Whether an id is text and no number. A number that a spreadsheet has rewritten (`1.2E+15`) is still a number.
fn is_text(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !id.is_empty() && id.bytes().all(is_plain) && id.parse::<f64>().is_err()
}
