//! Values of map features: `category--name--gN`, such as `regulatory--stop--g1` (API v4, "Values").

/// Categories of traffic signs. No other map feature has them.
pub(crate) const SIGN_CATEGORIES: [&str; 4] = ["regulatory", "warning", "information", "complementary"];

/// Categories of objects. No traffic sign has them.
pub(crate) const OBJECT_CATEGORIES: [&str; 3] = ["object", "marking", "construction"];

/// The part of a value before the first `--`.
pub(crate) fn category(value: &str) -> &str {
    value.split_once("--").map_or(value, |(category, _)| category)
}

/// Whether an `object_type` is that of traffic signs: the documentation writes it with an underscore, the service
/// without (API v4, "Map feature").
pub(crate) fn is_sign_type(object_type: &str) -> bool {
    matches!(object_type, "trafficsign" | "traffic_sign")
}
