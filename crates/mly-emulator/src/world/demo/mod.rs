//! The demo world: a small made-up town near 9.0 east, 52.0 north.
//!
//! About 3,500 images in a little more than a hundred sequences, over three by three tiles of zoom 14, with signs, objects
//! and their detections. Everything is computed from one seed; there is no data file.

mod avenue;
mod border;
mod drive;
mod map;
mod network;
mod past;
mod people;
mod places;

use crate::{
    dice::Dice,
    openstreetmap::MapExtract,
    world::{record::Image, records::Records},
};
pub(super) use avenue::avenue;
use drive::{Drive, IdPool};
use network::{Network, float};

const SEED: u64 = 0x6D6C_795F_746F_776E;
const DRIVES: usize = 100;

pub(super) fn town() -> Records {
    let mut dice = Dice::new(SEED);
    let mut ids = IdPool::default();
    let network = Network::new(&mut dice);
    let mut images = Vec::new();
    for number in 0..DRIVES {
        let mut drive = Drive::roll(&mut dice);
        drive.unset_clock = number % 26 == 3;
        let count = 10 + dice.below(48);
        let path = network.walk(&mut dice, float(count + 2) * drive.spacing_m);
        images.extend(drive.images(&mut dice, &mut ids, &path, count));
    }
    images.extend(without_compass(&mut dice, &mut ids));
    images.extend(border::corner_cuts(&mut dice, &mut ids));
    images.extend(border::weaves(&mut dice, &mut ids));
    images.extend(lonely_images(&mut dice, &mut ids, &network));
    let (features, detections) = places::populate(&mut dice, &mut ids, &images);
    Records::default()
        .with_images(images)
        .with_features(features)
        .with_detections(detections)
        .with_people(people::users(), people::organizations())
}

/// The town at a moment, in milliseconds since 1970.
pub(super) fn town_as_of(moment_ms: i64) -> Records {
    past::as_of(&town(), moment_ms)
}

/// The town as OpenStreetMap would have it.
pub(super) fn town_map() -> MapExtract {
    // The streets are rolled first.
    let network = Network::new(&mut Dice::new(SEED));
    map::map(&network, town().features())
}

/// Drives on the road out of town by devices without a compass. Images without an angle are on this road only, because
/// some clients fail on a whole tile that has one.
fn without_compass(dice: &mut Dice, ids: &mut IdPool) -> Vec<Image> {
    let mut there = Network::way_out().to_vec();
    let mut images = Vec::new();
    for _ in 0..4 {
        let drive = Drive::roll(dice).without_compass();
        let count = 20 + dice.below(40);
        images.extend(drive.images(dice, ids, &there, count));
        there.reverse();
    }
    images
}

/// Sequences of one image.
fn lonely_images(dice: &mut Dice, ids: &mut IdPool, network: &Network) -> Vec<Image> {
    let mut images = Vec::new();
    for _ in 0..4 {
        let drive = Drive::roll(dice);
        let path = network.walk(dice, 20.0);
        images.extend(drive.images(dice, ids, &path, 1));
    }
    images
}
