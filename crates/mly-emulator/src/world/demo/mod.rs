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
mod truth;

use crate::{
    dice::Dice,
    openstreetmap::MapExtract,
    world::{record::Image, records::Records},
};
pub(super) use avenue::avenue;
use drive::{Drive, IdPool};
use network::{Network, Place, float};
pub use truth::StreetTruth;

const SEED: u64 = 0x6D6C_795F_746F_776E;
const DRIVES: usize = 100;

pub(super) fn town() -> Records {
    let mut dice = Dice::new(SEED);
    let mut ids = IdPool::default();
    let network = Network::new(&mut dice);
    let (images, _) = photographs(&mut dice, &mut ids, &network);
    let (features, detections) = places::populate(&mut dice, &mut ids, &images);
    Records::default()
        .with_images(images)
        .with_features(features)
        .with_detections(detections)
        .with_people(people::users(), people::organizations())
}

/// On which streets the images of the town were really taken.
pub(super) fn truth() -> Vec<StreetTruth> {
    let mut dice = Dice::new(SEED);
    let network = Network::new(&mut dice);
    photographs(&mut dice, &mut IdPool::default(), &network).1
}

/// All images, and for those that follow streets on which they were taken.
fn photographs(dice: &mut Dice, ids: &mut IdPool, network: &Network) -> (Vec<Image>, Vec<StreetTruth>) {
    let lines = network.lines();
    let (mut images, mut truth) = (Vec::new(), Vec::new());
    let mut add = |drive: &Drive, dice: &mut Dice, ids: &mut IdPool, path: &[Place], count: usize| {
        let taken = drive.images(dice, ids, path, count);
        let streets = drive.streets(path).zip(&taken);
        truth.extend(streets.filter_map(|(ends, image)| StreetTruth::new(network, &lines, ends, image.id)));
        images.extend(taken);
    };
    for number in 0..DRIVES {
        let mut drive = Drive::roll(dice);
        drive.unset_clock = number % 26 == 3;
        let count = 10 + dice.below(48);
        let path = network.walk(dice, float(count + 2) * drive.spacing_m);
        add(&drive, dice, ids, &path, count);
    }
    // Drives on the road out of town by devices without a compass. Images without an angle are on this road only, because
    // some clients fail on a whole tile that has one.
    let mut there = Network::way_out().to_vec();
    for _ in 0..4 {
        let drive = Drive::roll(dice).without_compass();
        let count = 20 + dice.below(40);
        add(&drive, dice, ids, &there, count);
        there.reverse();
    }
    let borders = [border::corner_cuts(dice, ids), border::weaves(dice, ids)];
    let mut lonely = Vec::new();
    // Sequences of one image.
    for _ in 0..4 {
        let drive = Drive::roll(dice);
        let path = network.walk(dice, 20.0);
        lonely.push((drive.images(dice, ids, &path, 1), drive, path));
    }
    images.extend(borders.into_iter().flatten());
    for (taken, drive, path) in lonely {
        let streets = drive.streets(&path).zip(&taken);
        truth.extend(streets.filter_map(|(ends, image)| StreetTruth::new(network, &lines, ends, image.id)));
        images.extend(taken);
    }
    (images, truth)
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
