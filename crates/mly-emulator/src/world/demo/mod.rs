//! The demo world: a small made-up town near 9.0 east, 52.0 north.
//!
//! About 3,500 images in a bit more than a hundred sequences over three by three z14 tiles, with signs, objects and
//! their detections. Everything follows from one seed; there is no data file.

mod drive;
mod network;
mod people;
mod places;
mod values;

use super::{Image, Records};
use crate::dice::Dice;
use drive::{Drive, Ids};
use network::{Network, Place};

const SEED: u64 = 0x6D6C_795F_746F_776E;
const DRIVES: usize = 104;
/// Place of the corner of four tiles: 14/8602/5412 is south-east of it.
const TILE_CORNER: [f64; 2] = [9.008_789_062_5, 51.998_410_382_390_33];

pub(super) fn town() -> Records {
    let mut dice = Dice::new(SEED);
    let mut ids = Ids::default();
    let network = Network::new(&mut dice);
    let mut images = Vec::new();
    for number in 0..DRIVES {
        let mut drive = Drive::roll(&mut dice);
        drive.unset_clock = number % 26 == 3;
        let count = 10 + dice.below(48);
        let path = network.walk(&mut dice, metres(count + 2) * drive.spacing_m);
        images.extend(drive.images(&mut dice, &mut ids, &path, count));
    }
    images.extend(corner_cuts(&mut dice, &mut ids));
    images.extend(lonely_images(&mut dice, &mut ids, &network));
    let (features, detections) = places::populate(&mut dice, &mut ids, &images);
    Records::default()
        .with_images(images)
        .with_features(features)
        .with_detections(detections)
        .with_people(people::users(), people::organizations())
}

/// Drives past the corner of four tiles that leave a single image in one of them: no line there.
fn corner_cuts(dice: &mut Dice, ids: &mut Ids) -> Vec<Image> {
    const SPACING_M: f64 = 24.0;
    const IMAGES: usize = 9;
    let corner = network::place(TILE_CORNER);
    let mut images = Vec::new();
    for (east, north) in [(-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0)] {
        // The middle image is 7 m inside the quarter on both axes, its neighbours are outside.
        let middle: Place = [corner[0] + 7.0 * east, corner[1] + 7.0 * north];
        let reach = SPACING_M * metres(IMAGES / 2);
        let [a, b] = [-reach, reach + 1.0].map(|by| {
            let by = by / 2f64.sqrt();
            [middle[0] + by * east, middle[1] - by * north]
        });
        let mut drive = Drive::roll(dice).exact();
        drive.foot = true;
        drive.spacing_m = SPACING_M;
        images.extend(drive.images(dice, ids, &[a, b], IMAGES));
    }
    images
}

/// Sequences of one image.
fn lonely_images(dice: &mut Dice, ids: &mut Ids, network: &Network) -> Vec<Image> {
    let mut images = Vec::new();
    for _ in 0..4 {
        let drive = Drive::roll(dice);
        let path = network.walk(dice, 20.0);
        images.extend(drive.images(dice, ids, &path, 1));
    }
    images
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
const fn metres(count: usize) -> f64 {
    count as f64
}
