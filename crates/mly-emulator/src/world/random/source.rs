//! Random worlds as a [`Source`].

use super::{
    RandomWorld, detection, ids,
    layout::{SEQUENCES_PER_TILE, Spot},
    sequence::{CREATORS, FIRST_CREATOR, FIRST_ORGANIZATION, ORGANIZATIONS, RandomSequence, creator},
};
use crate::{
    grid::{DATA_ZOOM, TileId, contains, to_world},
    world::{
        record::{Detection, Image, Organization, PositionKind, TileImage, Track, User},
        source::Source,
    },
};

impl Source for RandomWorld {
    fn bbox(&self) -> Option<[f64; 4]> {
        let last = self.layout.tiles.checked_sub(1)?;
        let north_west = self.layout.tile_id(0).bbox();
        let east = self.layout.tile_id(last.min(self.layout.side - 1)).bbox()[2];
        Some([north_west[0], self.layout.tile_id(last).bbox()[1], east, north_west[3]])
    }

    fn images_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>)) {
        // Computed positions stay in the tile of the original ones.
        for tile in self.layout.tiles_inside(at) {
            self.visit_tile(tile, |sequence, spot| show(self.tile_image(sequence, spot, positions)));
        }
    }

    fn tracks_at(&self, at: TileId, positions: PositionKind) -> Vec<Track> {
        let mut sequences: Vec<u64> = self
            .layout
            .tiles_inside(at)
            .flat_map(|tile| (0..SEQUENCES_PER_TILE).map(move |lane| self.layout.sequence(tile, lane)))
            .collect();
        sequences.sort_unstable();
        sequences.dedup();
        sequences.into_iter().filter_map(|sequence| self.track(sequence, at, positions)).collect()
    }

    fn overview_at(&self, at: TileId, positions: PositionKind, show: &mut dyn FnMut(TileImage<'_>)) {
        for tile in self.layout.tiles_inside(at) {
            let sequence = RandomSequence::new(self.seed, self.layout.sequence(tile, 0));
            show(self.tile_image(&sequence, Spot { tile, lane: 0, place: 0 }, positions));
        }
    }

    fn image(&self, id: u64) -> Option<Image> {
        let number = ids::image_number(self.seed, id).filter(|&number| number < self.layout.images)?;
        Some(self.image_of_number(number))
    }

    fn images_in(&self, bbox: [f64; 4], most: usize) -> Option<Vec<Image>> {
        let from = TileId::holding(DATA_ZOOM, to_world([bbox[0], bbox[3]]));
        let to = TileId::holding(DATA_ZOOM, to_world([bbox[2], bbox[1]]));
        let mut images = Vec::new();
        for tile in self.layout.tiles_within(from, to) {
            self.visit_tile(tile, |sequence, spot| {
                let image = self.image_at(sequence, spot);
                if contains(bbox, image.position) {
                    images.push(image);
                }
            });
            if images.len() > most {
                return None;
            }
        }
        Some(images)
    }

    fn images_of_sequence(&self, id: &str) -> Vec<Image> {
        let number = ids::sequence_number(self.seed, id).filter(|&number| number < self.layout.sequences());
        number.map(|number| self.images_of(number)).unwrap_or_default()
    }

    fn images_of_creator(&self, id: u64) -> Vec<Image> {
        let numbers = (0..self.layout.sequences()).filter(|&number| creator(self.seed, number) == id);
        numbers.flat_map(|number| self.images_of(number)).collect()
    }

    fn detection(&self, id: u64) -> Option<Detection> {
        let number = ids::detection_number(self.seed, id)?;
        let (image, place) = (number / detection::MOST, number % detection::MOST);
        let image = (image < self.layout.images).then(|| self.image_of_number(image))?;
        (place < detection::count(image.id)).then(|| self.detection_at(&image, number))
    }

    fn detections_of_image(&self, id: u64) -> Vec<Detection> {
        let number = ids::image_number(self.seed, id).filter(|&number| number < self.layout.images);
        let Some(number) = number else { return Vec::new() };
        let image = self.image_of_number(number);
        let places = 0..detection::count(id);
        places.map(|place| self.detection_at(&image, number * detection::MOST + place)).collect()
    }

    fn organization(&self, id: u64) -> Option<Organization> {
        let number = id.checked_sub(FIRST_ORGANIZATION).filter(|&number| number < ORGANIZATIONS)?;
        Some(Organization {
            id,
            slug: format!("random-{number}").into(),
            name: format!("Random organization {number}").into(),
            description: "Made up from a seed.".into(),
        })
    }

    fn user(&self, id: u64) -> Option<User> {
        let number = id.checked_sub(FIRST_CREATOR).filter(|&number| number < CREATORS)?;
        Some(User { id, username: format!("random-user-{number}") })
    }

    fn user_named(&self, username: &str) -> Option<User> {
        let number: u64 = username.strip_prefix("random-user-")?.parse().ok()?;
        self.user(FIRST_CREATOR.checked_add(number)?).filter(|user| user.username == username)
    }
}
