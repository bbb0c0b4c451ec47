//! The interface of all kinds of worlds.

use std::fmt;

use bytes::Bytes;

use super::record::{
    Detection, FeatureKind, Image, MapFeature, Organization, PositionKind, TileImage, Track, User,
};
use crate::{grid::TileId, tile_set::TileSet};

/// The data of a world. Lists are always in the same order.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    fn bbox(&self) -> Option<[f64; 4]>;

    /// Calls `show` with the images whose position lies in a tile.
    fn images_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>));
    /// The sequences that may touch a tile.
    fn tracks_at(&self, at: TileId, positions: PositionKind) -> Vec<Track>;
    /// Calls `show` with the images of the layer `overview`: at least one for each tile of zoom 14 that has images.
    fn overview_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>));

    fn image(&self, id: u64) -> Option<Image>;
    /// The images in a box by original position; `None` when there are more than `most`.
    fn images_in(&self, bbox: [f64; 4], most: usize) -> Option<Vec<Image>>;
    /// The images of a sequence in order of capture.
    fn images_of_sequence(&self, id: &str) -> Vec<Image>;
    fn images_of_creator(&self, id: u64) -> Vec<Image>;
    fn images_of_cluster(&self, sequence: &str, cluster: u32) -> Vec<Image> {
        let mut images = self.images_of_sequence(sequence);
        images.retain(|image| image.cluster == cluster);
        images
    }

    fn organization(&self, id: u64) -> Option<Organization>;
    fn user(&self, id: u64) -> Option<User>;
    fn user_named(&self, username: &str) -> Option<User>;

    // By default a world has images only.

    /// A stored tile, served byte for byte.
    fn stored_tile(&self, _set: TileSet, _at: TileId) -> Option<Bytes> {
        None
    }
    fn features_at(&self, _at: TileId, _kind: FeatureKind) -> Vec<MapFeature> {
        Vec::new()
    }
    fn feature(&self, _id: u64) -> Option<MapFeature> {
        None
    }
    fn features_in(&self, _bbox: [f64; 4]) -> Vec<MapFeature> {
        Vec::new()
    }
    fn detection(&self, _id: u64) -> Option<Detection> {
        None
    }
    fn detections_of_image(&self, _id: u64) -> Vec<Detection> {
        Vec::new()
    }
    fn detections_of_feature(&self, _id: u64) -> Vec<Detection> {
        Vec::new()
    }
}
