//! Random worlds: any number of images, made when asked for, from a seed.

mod ids;
mod layout;

use std::{f64::consts::TAU, sync::Arc};

use super::{
    Camera, Detection, FeatureKind, Image, MapFeature, Organization, Positions, Source, TileImage, Track, User,
    camera::{FLAT, PANO},
};
use crate::{
    dice::{Dice, mix, unit},
    grid::{DATA_ZOOM, EXTENT, TileId, contains, to_degrees, to_world},
};
use layout::{IMAGES_PER_PASS, Layout, SEQUENCES_PER_TILE, Spot, TILES_PER_SEQUENCE};

const CREATORS: u64 = 500;
const FIRST_CREATOR: u64 = 200_000_000_000_000;
const ORGANIZATIONS: u64 = 20;
const FIRST_ORGANIZATION: u64 = 300_000_000_000_000;
/// 2016-01-01, and the milliseconds of nine years.
const FIRST_DAY_MS: u64 = 1_451_606_400_000;
const YEARS_MS: u64 = 9 * 365 * 86_400_000;
const STEP_MS: u64 = 2000;
/// Images of one piece of the reconstruction.
const CLUSTER_IMAGES: u64 = 25;
/// How far a sequence swings north and south, in tiles.
const SWING: f64 = 0.02;
/// How far computed positions are from original ones at most, in tiles: about 2 m.
const CORRECTION: f64 = 0.0008;

/// A world of `images` random images.
#[derive(Debug)]
pub(super) struct RandomWorld {
    seed: u64,
    layout: Layout,
}

/// What the images of a sequence share.
#[derive(Clone, Debug)]
struct Lane {
    id: Arc<str>,
    /// The seed of everything about it.
    seed: u64,
    /// Its middle, in tiles from the northern edge.
    north: f64,
    phase: f64,
    westward: bool,
    is_pano: bool,
    organization: Option<u64>,
    creator: u64,
    quality_score: f64,
    foot: bool,
    camera: &'static Camera,
    started_at_ms: u64,
}

impl RandomWorld {
    pub(super) fn new(seed: u64, images: u64) -> Self {
        Self { seed, layout: Layout::new(images) }
    }

    fn creator(&self, sequence: u64) -> u64 {
        FIRST_CREATOR + mix(self.seed ^ mix(sequence)) % CREATORS
    }

    fn lane(&self, sequence: u64) -> Lane {
        let mut dice = Dice::new(self.seed ^ mix(sequence));
        let is_pano = dice.chance(0.2);
        Lane {
            id: ids::sequence_id(self.seed, sequence),
            seed: dice.next(),
            north: dice.between(0.025, 0.975),
            phase: dice.unit(),
            westward: dice.chance(0.5),
            is_pano,
            organization: dice.chance(0.25).then(|| FIRST_ORGANIZATION + dice.next() % ORGANIZATIONS),
            creator: self.creator(sequence),
            quality_score: (dice.between(0.5, 0.98) * 1000.0).round() / 1000.0,
            foot: dice.chance(0.2),
            camera: if is_pano { dice.pick(&PANO) } else { dice.pick(&FLAT) },
            started_at_ms: FIRST_DAY_MS + dice.next() % YEARS_MS,
        }
    }

    fn image_at(&self, lane: &Lane, spot: Spot) -> Image {
        let along = self.along(spot);
        let TileImage { place, id, captured_at_ms, compass_angle, .. } =
            self.tile_image(lane, spot, Positions::Original);
        Image {
            id,
            sequence: Arc::clone(&lane.id),
            captured_at_ms,
            position: to_degrees(place),
            computed: Some(to_degrees(self.world(lane, spot, Positions::Computed))),
            compass_angle,
            computed_compass_angle: Some(lane.looks(along)),
            altitude_m: Some(60.0),
            is_pano: lane.is_pano,
            organization: lane.organization,
            creator: Some(lane.creator),
            quality_score: Some(lane.quality_score),
            foot: Some(lane.foot),
            camera: Some(lane.camera),
            cluster: u32::try_from(lane.order(along) / CLUSTER_IMAGES).unwrap_or(0),
        }
    }

    /// Images of the sequence west of this one, if it began in the tile where sequences begin.
    fn along(&self, spot: Spot) -> u64 {
        self.layout.column_in_sequence(spot.tile) * IMAGES_PER_PASS + spot.place
    }

    /// The place of an image in the unit square, kept off the border of its tile so that rounding cannot move it out.
    fn world(&self, lane: &Lane, spot: Spot, positions: Positions) -> [f64; 2] {
        let along = self.along(spot);
        let noise = lane.noise(along);
        let mut place = lane.place(spot.place, along, noise);
        if positions == Positions::Computed {
            place[0] += CORRECTION * signed(mix(noise));
            place[1] += CORRECTION * signed(mix(!noise));
        }
        let units = place.map(|part| part.clamp(0.000_1, 0.999_9) * f64::from(EXTENT));
        self.layout.tile_id(spot.tile).world(units)
    }

    fn tile_image<'a>(&self, lane: &'a Lane, spot: Spot, positions: Positions) -> TileImage<'a> {
        let along = self.along(spot);
        TileImage {
            place: self.world(lane, spot, positions),
            id: ids::image_id(self.seed, Layout::number(spot)),
            sequence: &lane.id,
            captured_at_ms: lane.captured_at_ms(along),
            compass_angle: Some(lane.compass_angle(along)),
            is_pano: lane.is_pano,
            organization: lane.organization,
            creator: Some(lane.creator),
            quality_score: Some(lane.quality_score),
            foot: Some(lane.foot),
        }
    }

    fn lanes(&self, tile: u64) -> Vec<Lane> {
        (0..SEQUENCES_PER_TILE).map(|lane| self.lane(self.layout.sequence(tile, lane))).collect()
    }

    /// The images of a sequence in order of capture.
    fn spots_of(&self, sequence: u64, westward: bool) -> Vec<Spot> {
        let lane = Layout::lane(sequence);
        let mut spots: Vec<Spot> = self
            .layout
            .tiles_of(sequence)
            .flat_map(|tile| {
                (0..self.layout.images_in_lane(tile, lane)).map(move |place| Spot { tile, lane, place })
            })
            .collect();
        if westward {
            spots.reverse();
        }
        spots
    }

    /// The line of a sequence, thinned by the zoom, with the places just outside the tile.
    fn track(&self, sequence: u64, at: TileId, positions: Positions) -> Option<Track> {
        let lane = self.lane(sequence);
        let spots = self.spots_of(sequence, lane.westward);
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
        let path = (from..to)
            .step_by(step)
            .chain([to])
            .map(|index| self.world(&lane, spots[index], positions))
            .collect();
        Some(Track {
            first: self.image_at(&lane, *spots.first()?),
            path,
            inside: last_inside - first_inside + 1,
        })
    }
}

impl Lane {
    /// Fractions of the tile. The `place`th image from the west lies in its own hundredth.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn place(&self, place: u64, along: u64, noise: u64) -> [f64; 2] {
        let pass = IMAGES_PER_PASS as f64;
        let swing = SWING * (TAU * (along as f64 / pass * 0.7 + self.phase)).sin();
        [(place as f64 + 0.5 + 0.3 * signed(noise)) / pass, self.north + swing]
    }

    /// The seed of everything about one image.
    const fn noise(&self, along: u64) -> u64 {
        mix(self.seed ^ along)
    }

    /// The place in the order of capture.
    const fn order(&self, along: u64) -> u64 {
        if self.westward { TILES_PER_SEQUENCE * IMAGES_PER_PASS - 1 - along } else { along }
    }

    const fn captured_at_ms(&self, along: u64) -> i64 {
        (self.started_at_ms + self.order(along) * STEP_MS).cast_signed()
    }

    /// What the device measured.
    fn compass_angle(&self, along: u64) -> f64 {
        (self.looks(along) + 5.0 * signed(self.noise(along))).rem_euclid(360.0)
    }

    /// Degrees clockwise from north.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn looks(&self, along: u64) -> f64 {
        let pass = IMAGES_PER_PASS as f64;
        let slope = SWING * TAU * 0.7 * (TAU * (along as f64 / pass * 0.7 + self.phase)).cos();
        let east = 90.0 + slope.atan().to_degrees();
        if self.westward { east + 180.0 } else { east }
    }
}

fn lane_of(lanes: &[Lane], spot: Spot) -> &Lane {
    &lanes[usize::try_from(spot.lane).unwrap_or(0)]
}

/// -1..1 from a hash.
fn signed(hash: u64) -> f64 {
    2.0 * unit(hash) - 1.0
}

impl Source for RandomWorld {
    fn bbox(&self) -> Option<[f64; 4]> {
        let last = self.layout.tiles.checked_sub(1)?;
        let north_west = self.layout.tile_id(0).bbox();
        let east = self.layout.tile_id(last.min(self.layout.side - 1)).bbox()[2];
        Some([north_west[0], self.layout.tile_id(last).bbox()[1], east, north_west[3]])
    }

    fn images_at(&self, at: TileId, positions: Positions, show: &mut dyn FnMut(TileImage<'_>)) {
        // Computed positions stay in the tile of the original ones.
        for tile in self.layout.tiles_inside(at) {
            let lanes = self.lanes(tile);
            for spot in self.layout.spots(tile) {
                show(self.tile_image(lane_of(&lanes, spot), spot, positions));
            }
        }
    }

    fn tracks_at(&self, at: TileId, positions: Positions) -> Vec<Track> {
        let mut sequences: Vec<u64> = self
            .layout
            .tiles_inside(at)
            .flat_map(|tile| (0..SEQUENCES_PER_TILE).map(move |lane| self.layout.sequence(tile, lane)))
            .collect();
        sequences.sort_unstable();
        sequences.dedup();
        sequences.into_iter().filter_map(|sequence| self.track(sequence, at, positions)).collect()
    }

    fn overview_at(&self, at: TileId, positions: Positions, show: &mut dyn FnMut(TileImage<'_>)) {
        for tile in self.layout.tiles_inside(at) {
            let lane = self.lane(self.layout.sequence(tile, 0));
            show(self.tile_image(&lane, Spot { tile, lane: 0, place: 0 }, positions));
        }
    }

    fn features_at(&self, _: TileId, _: FeatureKind) -> Vec<MapFeature> {
        Vec::new()
    }

    fn image(&self, id: u64) -> Option<Image> {
        let number = ids::image_number(self.seed, id).filter(|&number| number < self.layout.images)?;
        let spot = Layout::spot(number);
        let lane = self.lane(self.layout.sequence(spot.tile, spot.lane));
        Some(self.image_at(&lane, spot))
    }

    fn images_in(&self, bbox: [f64; 4], most: usize) -> Option<Vec<Image>> {
        let from = TileId::holding(DATA_ZOOM, to_world([bbox[0], bbox[3]]));
        let to = TileId::holding(DATA_ZOOM, to_world([bbox[2], bbox[1]]));
        let mut images = Vec::new();
        for tile in self.layout.tiles_within(from, to) {
            let lanes = self.lanes(tile);
            let found = self.layout.spots(tile).map(|spot| self.image_at(lane_of(&lanes, spot), spot));
            images.extend(found.filter(|image| contains(bbox, image.position)));
            if images.len() > most {
                return None;
            }
        }
        Some(images)
    }

    fn images_of_sequence(&self, id: &str) -> Vec<Image> {
        let Some(sequence) =
            ids::sequence_number(self.seed, id).filter(|&sequence| sequence < self.layout.sequences())
        else {
            return Vec::new();
        };
        let lane = self.lane(sequence);
        self.spots_of(sequence, lane.westward).into_iter().map(|spot| self.image_at(&lane, spot)).collect()
    }

    fn images_of_creator(&self, id: u64) -> Vec<Image> {
        (0..self.layout.sequences())
            .filter(|&sequence| self.creator(sequence) == id)
            .flat_map(|sequence| {
                let lane = self.lane(sequence);
                let spots = self.spots_of(sequence, lane.westward);
                spots.into_iter().map(move |spot| self.image_at(&lane, spot))
            })
            .collect()
    }

    fn feature(&self, _: u64) -> Option<MapFeature> {
        None
    }

    fn features_in(&self, _: [f64; 4]) -> Vec<MapFeature> {
        Vec::new()
    }

    fn detection(&self, _: u64) -> Option<Detection> {
        None
    }

    fn detections_of_image(&self, _: u64) -> Vec<Detection> {
        Vec::new()
    }

    fn detections_of_feature(&self, _: u64) -> Vec<Detection> {
        Vec::new()
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
