//! The properties of a sequence, and of each of its images.

use std::{f64::consts::TAU, sync::Arc};

use super::{
    ids,
    layout::{IMAGES_PER_LANE, TILES_PER_SEQUENCE},
};
use crate::{
    dice::{Dice, mix, unit},
    world::{
        camera::{FLAT, PANO},
        record::{Camera, PositionKind},
    },
};

pub(super) const CREATORS: u64 = 500;
pub(super) const FIRST_CREATOR: u64 = 200_000_000_000_000;
pub(super) const ORGANIZATIONS: u64 = 20;
pub(super) const FIRST_ORGANIZATION: u64 = 300_000_000_000_000;
/// 2016-01-01, and the milliseconds of nine years.
const FIRST_DAY_MS: u64 = 1_451_606_400_000;
const YEARS_MS: u64 = 9 * 365 * 86_400_000;
const STEP_MS: u64 = 2000;
/// A sequence is a wave from west to east: its height in tiles, and how many waves a tile has.
const SWING: f64 = 0.02;
const SWINGS: f64 = 0.7;
/// How far the computed position of an image is from the original one at most, in tiles: about 2 m.
const CORRECTION: f64 = 0.0008;

#[derive(Clone, Debug)]
pub(super) struct RandomSequence {
    pub(super) id: Arc<str>,
    /// The seed of everything about its images.
    seed: u64,
    /// Its middle, in tiles from the northern edge.
    north: f64,
    phase: f64,
    pub(super) westward: bool,
    pub(super) is_pano: bool,
    pub(super) organization: Option<u64>,
    pub(super) creator: u64,
    pub(super) quality_score: f64,
    pub(super) foot: bool,
    pub(super) camera: &'static Camera,
    started_at_ms: u64,
}

/// The creator of a sequence. Apart from the rest, since a search by creator goes through all sequences of the world.
pub(super) fn creator(seed: u64, number: u64) -> u64 {
    FIRST_CREATOR + mix(seed ^ mix(number)) % CREATORS
}

impl RandomSequence {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed ^ mix(number));
        let is_pano = dice.chance(0.2);
        Self {
            id: ids::sequence_id(seed, number),
            seed: dice.next(),
            north: dice.between(0.025, 0.975),
            phase: dice.unit(),
            westward: dice.chance(0.5),
            is_pano,
            organization: dice.chance(0.25).then(|| FIRST_ORGANIZATION + dice.next() % ORGANIZATIONS),
            creator: creator(seed, number),
            quality_score: (dice.between(0.5, 0.98) * 1000.0).round() / 1000.0,
            foot: dice.chance(0.2),
            camera: if is_pano { dice.pick(&PANO) } else { dice.pick(&FLAT) },
            started_at_ms: FIRST_DAY_MS + dice.next() % YEARS_MS,
        }
    }

    /// The place of the image number `along` of the sequence, in fractions of its tile. Each image has a hundredth of the tile's
    /// width to itself, so images are in order and never in one place.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub(super) fn place(&self, along: u64, positions: PositionKind) -> [f64; 2] {
        let noise = self.noise(along);
        let hundredth = (along % IMAGES_PER_LANE) as f64 + 0.5 + 0.3 * signed(noise);
        let place = [hundredth / IMAGES_PER_LANE as f64, self.north + SWING * self.angle(along).sin()];
        match positions {
            PositionKind::Original => place,
            PositionKind::Computed => {
                let correction = [mix(noise), mix(!noise)].map(|hash| CORRECTION * signed(hash));
                [place[0] + correction[0], place[1] + correction[1]]
            }
        }
    }

    /// The place of an image in the order of capture.
    pub(super) const fn order(&self, along: u64) -> u64 {
        if self.westward { TILES_PER_SEQUENCE * IMAGES_PER_LANE - 1 - along } else { along }
    }

    pub(super) const fn captured_at_ms(&self, along: u64) -> i64 {
        (self.started_at_ms + self.order(along) * STEP_MS).cast_signed()
    }

    /// The angle that the compass of the device measured.
    pub(super) fn compass_angle(&self, along: u64) -> f64 {
        (self.looks(along) + 5.0 * signed(self.noise(along))).rem_euclid(360.0)
    }

    /// Where the camera looks, along the line: degrees clockwise from north.
    pub(super) fn looks(&self, along: u64) -> f64 {
        let slope = SWING * TAU * SWINGS * self.angle(along).cos();
        let east = 90.0 + slope.atan().to_degrees();
        if self.westward { east + 180.0 } else { east }
    }

    /// How far along the wave an image is, in radians.
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn angle(&self, along: u64) -> f64 {
        TAU * (along as f64 / IMAGES_PER_LANE as f64 * SWINGS + self.phase)
    }

    /// The seed of everything about one image.
    const fn noise(&self, along: u64) -> u64 {
        mix(self.seed ^ along)
    }
}

/// -1..1 from a hash.
fn signed(hash: u64) -> f64 {
    2.0 * unit(hash) - 1.0
}
