//! Drives along the borders of tiles, which are hard for clients.

use super::{
    drive::{Drive, IdPool},
    network::{Place, float, place},
};
use crate::{dice::Dice, world::record::Image};

/// The corner where four tiles meet; 14/8602/5412 is the one south-east of it.
const TILE_CORNER: [f64; 2] = [9.008_789_062_5, 51.998_410_382_390_33];

/// Drives past the corner of four tiles with a single image in one of them, so that the sequence has no line there.
pub(super) fn corner_cuts(dice: &mut Dice, ids: &mut IdPool) -> Vec<Image> {
    const SPACING_M: f64 = 24.0;
    const IMAGES: usize = 9;
    let corner = place(TILE_CORNER);
    let mut images = Vec::new();
    for (east, north) in [(-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0)] {
        // The middle image is 7 m inside the quarter on both axes, its neighbours are outside.
        let middle: Place = [corner[0] + 7.0 * east, corner[1] + 7.0 * north];
        let reach = SPACING_M * float(IMAGES / 2);
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

/// Drives that cross the border between two tiles again and again, so that their lines have many parts.
pub(super) fn weaves(dice: &mut Dice, ids: &mut IdPool) -> Vec<Image> {
    const IMAGES: usize = 50;
    const SWERVE_M: f64 = 20.0;
    const LEG_M: f64 = 90.0;
    let [corner_east, corner_north] = place(TILE_CORNER);
    let mut images = Vec::new();
    for (eastward, away_m) in [(true, -900.0), (true, -650.0), (false, -800.0), (false, 60.0)] {
        let path: Vec<Place> = (0..8)
            .map(|leg| {
                let along = away_m + LEG_M * float(leg);
                let swerve = if leg % 2 == 0 { SWERVE_M } else { -SWERVE_M };
                if eastward {
                    [corner_east + along, corner_north + swerve]
                } else {
                    [corner_east + swerve, corner_north + along]
                }
            })
            .collect();
        images.extend(Drive::roll(dice).exact().images(dice, ids, &path, IMAGES));
    }
    images
}
