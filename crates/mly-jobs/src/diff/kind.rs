//! What the rows of an input are.

use arrow_schema::{DataType, Schema};
use mly::sink;

/// What rows are, as far as it decides how they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Images,
    Sequences,
    /// Points and traffic signs.
    Features,
    Detections,
    /// Rows with an id, and no more that is known of them.
    Other,
}

/// The kind of some rows, and the name of their layer if their file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: RowKind,
    name: Option<String>,
}

/// Layers that results are named after, and what their rows are.
const NAMED: [(&str, RowKind); 6] = [
    ("images", RowKind::Images),
    ("sequences", RowKind::Sequences),
    ("points", RowKind::Features),
    ("signs", RowKind::Features),
    ("map_features", RowKind::Features),
    ("detections", RowKind::Detections),
];

impl Layer {
    /// The layer that the metadata of a file tells, or else what its columns look like.
    pub(super) fn of(schema: &Schema) -> Self {
        let name = sink::layer_of(schema);
        let named = NAMED.into_iter().find(|(known, _)| Some(*known) == name);
        match named {
            Some((name, kind)) => Self { kind, name: Some(name.to_owned()) },
            None => Self { kind: looks_like(schema), name: None },
        }
    }

    /// Whether rows of the two can be compared.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let is_one_of_all = |layer: &Self| layer.name.as_deref().is_none_or(|name| name == "map_features");
        match (self.kind, other.kind) {
            (RowKind::Other, _) | (_, RowKind::Other) => true,
            (RowKind::Features, RowKind::Features) => {
                is_one_of_all(self) || is_one_of_all(other) || self.name == other.name
            }
            (one, two) => one == two,
        }
    }

    /// How messages call it.
    pub(super) fn name(&self) -> &str {
        match (&self.name, self.kind) {
            (Some(name), _) if name != "map_features" => name,
            (_, RowKind::Images) => "images",
            (_, RowKind::Sequences) => "sequences",
            (_, RowKind::Features) => "map features",
            (_, RowKind::Detections) => "detections",
            (_, RowKind::Other) => "rows",
        }
    }
}

fn looks_like(schema: &Schema) -> RowKind {
    let has = |name: &str| schema.column_with_name(name).is_some();
    let has_any = |names: &[&str]| names.iter().any(|name| has(name));
    let is_lines = |kind: &String| kind == "MultiLineString";
    let geometry =
        schema.field_with_name("geometry").ok().filter(|field| *field.data_type() == DataType::Binary);
    if geometry.and_then(|field| field.metadata().get("geometry_type")).is_some_and(is_lines) {
        return RowKind::Sequences;
    }
    if has("image_id") && has_any(&["value", "polygons", "map_feature_id"]) {
        return RowKind::Detections;
    }
    if has_any(&["value", "object_value", "first_seen_at", "last_seen_at"]) {
        return RowKind::Features;
    }
    if has_any(&["captured_at", "sequence_id", "compass_angle", "is_pano"]) {
        return RowKind::Images;
    }
    RowKind::Other
}

impl RowKind {
    /// The columns that are read to compare rows; `None` for all.
    pub(super) fn read(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Images | Self::Sequences => Some(&[
                "id",
                "captured_at",
                "sequence_id",
                "is_pano",
                "organization_id",
                "creator_id",
                "foot",
                "last_crawled_at",
                "geometry",
            ]),
            Self::Features => Some(&[
                "id",
                "value",
                "object_value",
                "last_seen_at",
                "aligned_direction",
                "last_crawled_at",
                "geometry",
            ]),
            Self::Detections | Self::Other => None,
        }
    }

    /// The columns that are compared, besides id and position, where both results have them; `None` for all.
    ///
    /// Directions and quality scores are left out: the service computes them again whenever other photos of the place come.
    pub(super) fn compared(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Images => {
                Some(&["captured_at", "sequence_id", "is_pano", "organization_id", "creator_id", "foot"])
            }
            Self::Sequences => Some(&["captured_at", "is_pano", "organization_id", "creator_id", "foot"]),
            Self::Features => Some(&[]),
            Self::Detections => Some(&["image_id", "map_feature_id", "value", "created_at"]),
            Self::Other => None,
        }
    }
}
