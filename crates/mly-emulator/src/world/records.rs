//! A world that is held in memory.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use bytes::Bytes;

use super::{
    record::{Detection, FeatureKind, Image, MapFeature, Organization, PositionKind, TileImage, Track, User},
    source::Source,
};
use crate::{
    dice::mix,
    grid::{DATA_ZOOM, EXTENT, TileId, bbox_of, contains, extended, to_world},
    tile_set::TileSet,
};

/// Lists of records, with indexes for all kinds of requests.
#[derive(Debug, Default)]
pub(crate) struct Records {
    images: Vec<Image>,
    features: Vec<MapFeature>,
    detections: Vec<Detection>,
    organizations: Vec<Organization>,
    users: Vec<User>,
    stored: HashMap<(TileSet, TileId), Bytes>,
    image_by_id: HashMap<u64, usize>,
    feature_by_id: HashMap<u64, usize>,
    detection_by_id: HashMap<u64, usize>,
    detections_by_image: HashMap<u64, Vec<usize>>,
    detections_by_feature: HashMap<u64, Vec<usize>>,
    sequences: BTreeMap<Arc<str>, SequenceIndex>,
    images_by_tile: HashMap<(PositionKind, TileId), Vec<usize>>,
    features_by_tile: HashMap<(FeatureKind, TileId), Vec<usize>>,
}

/// The images of one sequence.
#[derive(Debug, Default)]
struct SequenceIndex {
    /// Places in `images`, in order of capture.
    members: Vec<usize>,
    /// The box around all positions in the unit square: left, top, right, bottom.
    extent: Option<[f64; 4]>,
}

impl Records {
    /// Adds images. Of several with one id the first counts.
    pub(crate) fn with_images(mut self, images: Vec<Image>) -> Self {
        for image in images {
            let Entry::Vacant(entry) = self.image_by_id.entry(image.id) else { continue };
            let place = *entry.insert(self.images.len());
            let sequence = self.sequences.entry(Arc::clone(&image.sequence)).or_default();
            sequence.members.push(place);
            for positions in [PositionKind::Original, PositionKind::Computed] {
                let Some(at) = image.at(positions).map(to_world) else { continue };
                let tile = TileId::holding(DATA_ZOOM, at);
                self.images_by_tile.entry((positions, tile)).or_default().push(place);
                sequence.extent = Some(extended(sequence.extent, at));
            }
            self.images.push(image);
        }
        let images = &self.images;
        for SequenceIndex { members, .. } in self.sequences.values_mut() {
            members.sort_by_key(|&place| images[place].captured_at_ms);
        }
        for members in self.images_by_tile.values_mut() {
            // By a hash of the id: clients must not rely on any order in a tile, since the service has none.
            members.sort_by_key(|&place| mix(images[place].id));
        }
        self
    }

    /// Adds map features. Of several with one id the first counts.
    pub(crate) fn with_features(mut self, features: Vec<MapFeature>) -> Self {
        for feature in features {
            let Entry::Vacant(entry) = self.feature_by_id.entry(feature.id) else { continue };
            let place = *entry.insert(self.features.len());
            let tile = TileId::holding(DATA_ZOOM, to_world(feature.position));
            self.features_by_tile.entry((feature.kind, tile)).or_default().push(place);
            self.features.push(feature);
        }
        self
    }

    pub(crate) fn with_detections(mut self, detections: Vec<Detection>) -> Self {
        for detection in detections {
            let place = self.detections.len();
            self.detection_by_id.insert(detection.id, place);
            self.detections_by_image.entry(detection.image).or_default().push(place);
            if let Some(feature) = detection.feature {
                self.detections_by_feature.entry(feature).or_default().push(place);
            }
            self.detections.push(detection);
        }
        self
    }

    pub(crate) fn with_people(mut self, users: Vec<User>, organizations: Vec<Organization>) -> Self {
        self.users.extend(users);
        self.organizations.extend(organizations);
        self
    }

    pub(crate) fn images(&self) -> &[Image] {
        &self.images
    }

    pub(crate) fn features(&self) -> &[MapFeature] {
        &self.features
    }

    pub(crate) fn detections(&self) -> &[Detection] {
        &self.detections
    }

    pub(crate) fn people(&self) -> (&[User], &[Organization]) {
        (&self.users, &self.organizations)
    }

    pub(crate) fn with_stored_tiles(mut self, tiles: HashMap<(TileSet, TileId), Bytes>) -> Self {
        self.stored.extend(tiles);
        self
    }

    fn images_of(&self, places: Option<&Vec<usize>>) -> Vec<Image> {
        places.into_iter().flatten().map(|&place| self.images[place].clone()).collect()
    }

    fn detections_of(&self, places: Option<&Vec<usize>>) -> Vec<Detection> {
        places.into_iter().flatten().map(|&place| self.detections[place].clone()).collect()
    }

    /// The line of a sequence by one kind of position; none when no image has such a position.
    fn track(&self, members: &[usize], at: TileId, positions: PositionKind) -> Option<Track> {
        let path: Vec<_> =
            members.iter().filter_map(|&place| self.images[place].at(positions)).map(to_world).collect();
        let inside = path.iter().filter(|&&place| TileId::holding(at.z, place) == at).count();
        let first = self.images[*members.first()?].clone();
        (!path.is_empty()).then_some(Track { first, path, inside })
    }
}

impl Source for Records {
    fn bbox(&self) -> Option<[f64; 4]> {
        let features = self.features.iter().map(|feature| feature.position);
        let stored = self.stored.keys().flat_map(|(_, at)| {
            let [w, s, e, n] = at.bbox();
            [[w, s], [e, n]]
        });
        if self.images.is_empty() && self.features.is_empty() {
            return bbox_of(stored);
        }
        bbox_of(self.images.iter().map(|image| image.position).chain(features))
    }

    fn stored_tile(&self, set: TileSet, at: TileId) -> Option<Bytes> {
        self.stored.get(&(set, at)).cloned()
    }

    fn images_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>)) {
        let places = self.images_by_tile.get(&(positions, at)).into_iter().flatten();
        places.filter_map(|&place| self.images[place].in_tile(positions)).for_each(show);
    }

    fn tracks_at(&self, at: TileId, positions: PositionKind) -> Vec<Track> {
        let [[left, top], [right, bottom]] =
            [[0.0; 2], [f64::from(EXTENT); 2]].map(|corner| at.world(corner));
        let touches = |[l, t, r, b]: [f64; 4]| l <= right && left <= r && t <= bottom && top <= b;
        let near = self.sequences.values().filter(|sequence| sequence.extent.is_some_and(touches));
        near.filter_map(|sequence| self.track(&sequence.members, at, positions)).collect()
    }

    fn overview_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>)) {
        let mut taken = HashSet::new();
        let images = self.images.iter().filter_map(|image| image.in_tile(positions));
        images
            .filter(|image| TileId::holding(at.z, image.place) == at && taken.insert(at.cell(image.place)))
            .for_each(show);
    }

    fn features_at(&self, at: TileId, kind: FeatureKind) -> Vec<MapFeature> {
        let places = self.features_by_tile.get(&(kind, at));
        places.into_iter().flatten().map(|&place| self.features[place].clone()).collect()
    }

    fn image(&self, id: u64) -> Option<Image> {
        self.image_by_id.get(&id).map(|&place| self.images[place].clone())
    }

    fn images_in(&self, bbox: [f64; 4], most: usize) -> Option<Vec<Image>> {
        let inside = |image: &&Image| contains(bbox, image.position);
        let images: Vec<Image> =
            self.images.iter().filter(inside).take(most.saturating_add(1)).cloned().collect();
        (images.len() <= most).then_some(images)
    }

    fn images_of_sequence(&self, id: &str) -> Vec<Image> {
        self.images_of(self.sequences.get(id).map(|sequence| &sequence.members))
    }

    fn images_of_creator(&self, id: u64) -> Vec<Image> {
        self.images.iter().filter(|image| image.creator == Some(id)).cloned().collect()
    }

    fn feature(&self, id: u64) -> Option<MapFeature> {
        self.feature_by_id.get(&id).map(|&place| self.features[place].clone())
    }

    fn features_in(&self, bbox: [f64; 4]) -> Vec<MapFeature> {
        self.features.iter().filter(|feature| contains(bbox, feature.position)).cloned().collect()
    }

    fn detection(&self, id: u64) -> Option<Detection> {
        self.detection_by_id.get(&id).map(|&place| self.detections[place].clone())
    }

    fn detections_of_image(&self, id: u64) -> Vec<Detection> {
        self.detections_of(self.detections_by_image.get(&id))
    }

    fn detections_of_feature(&self, id: u64) -> Vec<Detection> {
        self.detections_of(self.detections_by_feature.get(&id))
    }

    fn organization(&self, id: u64) -> Option<Organization> {
        self.organizations.iter().find(|organization| organization.id == id).cloned()
    }

    fn user(&self, id: u64) -> Option<User> {
        self.users.iter().find(|user| user.id == id).cloned()
    }

    fn user_named(&self, username: &str) -> Option<User> {
        self.users.iter().find(|user| user.username == username).cloned()
    }
}
