//! One sequence: a camera carried along a path.

use std::{collections::HashSet, sync::Arc};

use super::{
    network::{Place, distance, geographic, heading, step},
    people::{CREATORS, ORGANIZATIONS},
};
use crate::{
    date::DAY_MS,
    dice::Dice,
    world::{
        camera::{FLAT, PANO},
        record::{Camera, Image},
    },
};

/// 2016-01-01 and 2025-12-01.
const YEARS_MS: [f64; 2] = [1_451_606_400_000.0, 1_764_547_200_000.0];
/// Images of one cluster of the reconstruction.
const CLUSTER_IMAGES: usize = 25;

/// What all images of a sequence share.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    pub(super) sequence: Arc<str>,
    camera: &'static Camera,
    creator: u64,
    organization: Option<u64>,
    quality_score: Option<f64>,
    pub(super) foot: bool,
    pub(super) spacing_m: f64,
    started_at_ms: i64,
    /// The direction of the camera, clockwise from the direction of travel.
    facing_deg: f64,
    compass: Compass,
    processed: bool,
    /// Whether the clock was not set yet at the first image, which is then of 1970.
    pub(super) unset_clock: bool,
    gps_error_m: f64,
}

/// The angles that the device recorded.
#[derive(Clone, Copy, Debug)]
enum Compass {
    Measured,
    /// Always zero, as many panoramic cameras do.
    Zero,
    Missing,
}

impl Drive {
    pub(super) fn roll(dice: &mut Dice) -> Self {
        let foot = dice.chance(0.25);
        let camera = if dice.chance(0.21) { dice.pick(&PANO) } else { dice.pick(&FLAT) };
        let creators = CREATORS.map(|(id, _, share)| (id, share));
        let organizations: Vec<_> =
            ORGANIZATIONS.iter().map(|(organization, share)| (organization.id, *share)).collect();
        Self {
            sequence: sequence_id(dice),
            camera,
            creator: *dice.weighted(&creators),
            organization: dice.chance(0.3).then(|| *dice.weighted(&organizations)),
            quality_score: dice.chance(0.97).then(|| (dice.between(0.55, 0.97) * 1000.0).round() / 1000.0),
            foot,
            spacing_m: if foot { dice.between(3.5, 7.0) } else { dice.between(7.0, 14.0) },
            started_at_ms: daytime(dice),
            facing_deg: *dice.weighted(&[(0.0, 8), (90.0, 1), (-90.0, 1)]),
            compass: if camera.is_pano() {
                *dice.pick(&[Compass::Measured, Compass::Zero])
            } else {
                Compass::Measured
            },
            processed: dice.chance(0.94),
            unset_clock: false,
            gps_error_m: dice.between(0.5, 3.5),
        }
    }

    /// The same drive by a device without a compass.
    pub(super) fn without_compass(self) -> Self {
        Self { compass: Compass::Missing, ..self }
    }

    /// The same drive with a GPS receiver without errors.
    pub(super) fn exact(self) -> Self {
        Self { gps_error_m: 0.0, processed: true, ..self }
    }

    /// Photographs `count` images along a path, `spacing_m` apart.
    pub(super) fn images(
        &self,
        dice: &mut Dice,
        ids: &mut IdPool,
        path: &[Place],
        count: usize,
    ) -> Vec<Image> {
        let speed_m_s = if self.foot { 1.3 } else { 8.5 };
        let mut elapsed_ms = 0.0;
        let mut gps_error = [0.0, 0.0];
        let mut images = Vec::with_capacity(count);
        for (place, (spot, course, _)) in along(path, self.spacing_m).take(count).enumerate() {
            for part in &mut gps_error {
                *part = *part * 0.9 + dice.between(-1.0, 1.0) * self.gps_error_m * 0.6;
            }
            // Vehicles keep to the right of the street, walkers to the pavement.
            let real = step(spot, course, 0.0, if self.foot { 4.5 } else { 2.0 });
            let measured = [real[0] + gps_error[0], real[1] + gps_error[1]];
            let looks = (course + self.facing_deg + dice.between(-2.0, 2.0)).rem_euclid(360.0);
            let processed = self.processed && !dice.chance(0.02);
            images.push(Image {
                id: ids.fresh(dice, 9.0e15),
                sequence: Arc::clone(&self.sequence),
                captured_at_ms: if self.unset_clock && place == 0 { 0 } else { self.time(elapsed_ms) },
                position: rounded(geographic(measured), 1e9),
                computed: processed.then(|| rounded(geographic(real), 1e12)),
                compass_angle: self.compass_angle(dice, looks),
                computed_compass_angle: processed.then_some(looks),
                altitude_m: Some((dice.between(71.0, 74.0) * 10.0).round() / 10.0),
                is_pano: self.camera.is_pano(),
                organization: self.organization,
                creator: Some(self.creator),
                quality_score: self.quality_score,
                foot: Some(self.foot),
                camera: Some(self.camera),
                cluster: u32::try_from(place / CLUSTER_IMAGES).unwrap_or(0),
            });
            elapsed_ms += self.spacing_m / speed_m_s * 1000.0 * dice.between(0.8, 1.4);
        }
        images
    }

    /// For each image along a path, the places between which it was taken, in the direction of travel.
    pub(super) fn streets(&self, path: &[Place]) -> impl Iterator<Item = [Place; 2]> {
        along(path, self.spacing_m).map(|(_, _, ends)| ends)
    }

    #[expect(clippy::cast_possible_truncation, reason = "an hour in milliseconds")]
    fn time(&self, elapsed_ms: f64) -> i64 {
        self.started_at_ms + elapsed_ms as i64
    }

    fn compass_angle(&self, dice: &mut Dice, looks: f64) -> Option<f64> {
        let measured = (looks + dice.between(-7.0, 7.0)).rem_euclid(360.0);
        match self.compass {
            Compass::Measured => Some(measured),
            Compass::Zero => Some(0.0),
            Compass::Missing => None,
        }
    }
}

/// Places every `spacing_m` along a path, with the course there, and the two places of the path between which they are.
fn along(path: &[Place], spacing_m: f64) -> impl Iterator<Item = (Place, f64, [Place; 2])> {
    let mut left = 0.0;
    path.windows(2).flat_map(move |pair| {
        let [from, to] = [pair[0], pair[1]];
        let (length, course) = (distance(from, to), heading(from, to));
        let mut spots = Vec::new();
        while left <= length {
            spots.push((step(from, course, left, 0.0), course, [from, to]));
            left += spacing_m;
        }
        left -= length;
        spots
    })
}

/// A moment between 7 and 17 o'clock UTC on some day of the years that the town was photographed in.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
fn daytime(dice: &mut Dice) -> i64 {
    let day = dice.between(YEARS_MS[0], YEARS_MS[1]) as i64 / DAY_MS * DAY_MS;
    day + (dice.between(7.0, 17.0) * 3_600_000.0) as i64
}

/// 22 characters: lower case as in the years before 2021, or letters of both cases.
fn sequence_id(dice: &mut Dice) -> Arc<str> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    let letters = if dice.chance(0.4) { 36 } else { 64 };
    (0..22).map(|_| char::from(ALPHABET[dice.below(letters)])).collect::<String>().into()
}

fn rounded(place: [f64; 2], per_degree: f64) -> [f64; 2] {
    place.map(|degrees| (degrees * per_degree).round() / per_degree)
}

/// Ids, each of which is given out once.
#[derive(Debug, Default)]
pub(super) struct IdPool(HashSet<u64>);

impl IdPool {
    /// An id between 10^14 and `below`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far below 2^63")]
    pub(super) fn fresh(&mut self, dice: &mut Dice, below: f64) -> u64 {
        loop {
            // The low bits are drawn apart: an f64 of this size has none.
            let id = dice.between(1.0e14, below) as u64 ^ (dice.next() & 0xF);
            if self.0.insert(id) {
                return id;
            }
        }
    }
}
