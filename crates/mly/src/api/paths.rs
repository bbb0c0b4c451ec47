//! Paths of requests, below the base URL of their host (API v4, "Surfaces and roots" and "Graph: entity endpoints").

use std::fmt;

/// One tile, written `z/x/y`, of a tile set. The `2` is a constant of the service.
pub(crate) fn tile(set: &str, tile: impl fmt::Display) -> String {
    format!("maps/vtp/{set}/2/{tile}")
}

/// Lists the ids of the images of a sequence, in order of capture.
pub(crate) const IMAGE_IDS: &str = "image_ids";

/// The list of detections that images and map features have.
pub(crate) const DETECTIONS: &str = "detections";

/// Lists the detections of an image or of a map feature; both have the same path.
pub(crate) fn detections(of: &str) -> String {
    format!("{of}/{DETECTIONS}")
}

/// The search for images.
pub(crate) const IMAGES: &str = "images";

/// The search for map features, traffic signs among them.
pub(crate) const MAP_FEATURES: &str = "map_features";
