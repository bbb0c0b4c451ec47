//! Random worlds: any number of images, each computed from the seed and its number when it is requested.

mod detection;
mod ids;
mod layout;
mod sequence;
mod source;

use std::sync::Arc;

use crate::{
    grid::{DATA_ZOOM, EXTENT, TileId, to_degrees},
    world::record::{Detection, Image, PositionKind, TileImage, Track},
};
use layout::{IMAGES_PER_LANE, Layout, SEQUENCES_PER_TILE, Spot};
use sequence::RandomSequence;

/// Images of one cluster of the reconstruction.
const CLUSTER_IMAGES: u64 = 25;

/// A world of `images` random images.
#[derive(Debug)]
pub(super) struct RandomWorld {
    seed: u64,
    layout: Layout,
}

impl RandomWorld {
    pub(super) fn new(seed: u64, images: u64) -> Self {
        Self { seed, layout: Layout::new(images) }
    }

    /// The sequences of a tile by their lanes.
    fn sequences_of_tile(&self, tile: u64) -> Vec<RandomSequence> {
        let numbers = (0..SEQUENCES_PER_TILE).map(|lane| self.layout.sequence(tile, lane));
        numbers.map(|number| RandomSequence::new(self.seed, number)).collect()
    }

    /// Calls `visit` with each image of a tile and its sequence, in the order of the images' numbers.
    fn visit_tile(&self, tile: u64, mut visit: impl FnMut(&RandomSequence, Spot)) {
        let sequences = self.sequences_of_tile(tile);
        for spot in self.layout.spots(tile) {
            visit(&sequences[usize::try_from(spot.lane).unwrap_or(0)], spot);
        }
    }

    /// The place of an image along its sequence, from the west: how many images a full sequence has west of it.
    fn along(&self, spot: Spot) -> u64 {
        self.layout.column_in_sequence(spot.tile) * IMAGES_PER_LANE + spot.place
    }

    /// The place of an image in the unit square. It keeps a distance from the border of its tile, so that rounding cannot move
    /// the image to the next one.
    fn world(&self, sequence: &RandomSequence, spot: Spot, positions: PositionKind) -> [f64; 2] {
        let place = sequence.place(self.along(spot), positions);
        let units = place.map(|part| part.clamp(0.000_1, 0.999_9) * f64::from(EXTENT));
        self.layout.tile_id(spot.tile).world(units)
    }

    fn tile_image<'a>(
        &self,
        sequence: &'a RandomSequence,
        spot: Spot,
        positions: PositionKind,
    ) -> TileImage<'a> {
        let along = self.along(spot);
        TileImage {
            place: self.world(sequence, spot, positions),
            id: ids::image_id(self.seed, Layout::number(spot)),
            sequence: &sequence.id,
            captured_at_ms: sequence.captured_at_ms(along),
            compass_angle: Some(sequence.compass_angle(along)),
            computed_compass_angle: Some(sequence.looks(along)),
            is_pano: sequence.is_pano,
            organization: sequence.organization,
            creator: Some(sequence.creator),
            quality_score: Some(sequence.quality_score),
            foot: Some(sequence.foot),
        }
    }

    fn image_at(&self, sequence: &RandomSequence, spot: Spot) -> Image {
        let along = self.along(spot);
        Image {
            id: ids::image_id(self.seed, Layout::number(spot)),
            sequence: Arc::clone(&sequence.id),
            captured_at_ms: sequence.captured_at_ms(along),
            position: to_degrees(self.world(sequence, spot, PositionKind::Original)),
            computed: Some(to_degrees(self.world(sequence, spot, PositionKind::Computed))),
            compass_angle: Some(sequence.compass_angle(along)),
            computed_compass_angle: Some(sequence.looks(along)),
            altitude_m: Some(60.0),
            is_pano: sequence.is_pano,
            organization: sequence.organization,
            creator: Some(sequence.creator),
            quality_score: Some(sequence.quality_score),
            foot: Some(sequence.foot),
            camera: Some(sequence.camera),
            cluster: u32::try_from(sequence.order(along) / CLUSTER_IMAGES).unwrap_or(0),
        }
    }

    fn image_of_number(&self, number: u64) -> Image {
        let spot = Layout::spot(number);
        let sequence = RandomSequence::new(self.seed, self.layout.sequence(spot.tile, spot.lane));
        self.image_at(&sequence, spot)
    }

    fn detection_at(&self, image: &Image, number: u64) -> Detection {
        detection::of_image(image, ids::detection_id(self.seed, number))
    }

    /// The images of a sequence in order of capture.
    fn spots_of(&self, number: u64, westward: bool) -> Vec<Spot> {
        let lane = Layout::lane(number);
        let in_tile =
            |tile| (0..self.layout.images_in_lane(tile, lane)).map(move |place| Spot { tile, lane, place });
        let mut spots: Vec<Spot> = self.layout.tiles_of(number).flat_map(in_tile).collect();
        if westward {
            spots.reverse();
        }
        spots
    }

    fn images_of(&self, number: u64) -> Vec<Image> {
        let sequence = RandomSequence::new(self.seed, number);
        let spots = self.spots_of(number, sequence.westward).into_iter();
        spots.map(|spot| self.image_at(&sequence, spot)).collect()
    }

    /// The line of a sequence inside a tile and one vertex beyond it on either side. Low zooms have fewer vertices.
    fn track(&self, number: u64, at: TileId, positions: PositionKind) -> Option<Track> {
        let sequence = RandomSequence::new(self.seed, number);
        let spots = self.spots_of(number, sequence.westward);
        let step = match at.z {
            DATA_ZOOM => 1,
            10..DATA_ZOOM => 10,
            _ => 50,
        };
        let inside = |spot: &Spot| {
            let tile = self.layout.tile_id(spot.tile);
            let shift = DATA_ZOOM - at.z;
            (tile.x >> shift, tile.y >> shift) == (at.x, at.y)
        };
        let first_inside = spots.iter().position(&inside)?;
        let last_inside = spots.iter().rposition(&inside)?;
        // A vertex on each side of the tile, so that lines of neighbouring tiles meet at the border.
        let (from, to) = (first_inside.saturating_sub(step), (last_inside + step).min(spots.len() - 1));
        let vertices = (from..to).step_by(step).chain([to]);
        Some(Track {
            first: self.image_at(&sequence, *spots.first()?),
            path: vertices.map(|index| self.world(&sequence, spots[index], positions)).collect(),
            inside: last_inside - first_inside + 1,
        })
    }
}
