//! Drives along the avenue, and what their photos show.

use std::sync::Arc;

use super::place::{COURSE_DEG, CREATOR, point};
use super::signs::{PostSign, Readers};
use crate::date::DAY_MS;
use crate::dice::Dice;
use crate::world::camera::{FLAT, PANO};
use crate::world::demo::drive::IdPool;
use crate::world::demo::network::{Place, distance, float, geographic, heading, turn_between};
use crate::world::demo::places::{HALF_VIEW_DEG, across};
use crate::world::outline::{corner, of_box};
use crate::world::record::{Camera, Detection, Image};

/// From how far a sign is seen.
const SIGHT_M: f64 = 26.0;
/// A sign is not seen from farther aside, in degrees.
const ASIDE_DEG: f64 = 75.0;
const SIGN_M: f64 = 0.75;

/// A drive along the whole avenue.
pub(super) struct Survey {
    pub(super) sequence: &'static str,
    /// Its first photo, in milliseconds since 1970.
    started_at_ms: i64,
    direction: Readers,
    camera: &'static Camera,
    spacing_m: f64,
    /// Where the camera looks, clockwise from the direction of travel, in degrees.
    turned_deg: f64,
    /// Whether signs that were put up in 2023 are there.
    pub(super) is_late: bool,
}

/// Two drives in 2019, two in 2021 and one in 2024, at about noon.
pub(super) static SURVEYS: [Survey; 5] = [
    flat("avenueOnward2019aaaaaa", 1_558_000_000_000, Readers::Onward),
    flat("avenueBack2019aaaaaaaa", 1_558_003_000_000, Readers::Back),
    flat("avenueOnward2021aaaaaa", 1_625_050_000_000, Readers::Onward),
    flat("avenueBack2021aaaaaaaa", 1_625_053_000_000, Readers::Back),
    // The seam of its pictures is 20 degrees to the left of where it drives.
    Survey {
        sequence: "avenuePano2024aaaaaaaa",
        started_at_ms: 1_714_560_000_000,
        direction: Readers::Onward,
        camera: &PANO[0],
        spacing_m: 6.0,
        turned_deg: 160.0,
        is_late: true,
    },
];

const fn flat(sequence: &'static str, started_at_ms: i64, direction: Readers) -> Survey {
    Survey {
        sequence,
        started_at_ms,
        direction,
        camera: &FLAT[2],
        spacing_m: 8.0,
        turned_deg: 0.0,
        is_late: false,
    }
}

/// A photo, where it was taken in metres, and where it looks.
pub(super) struct Shot {
    pub(super) image: Image,
    pub(super) at: Place,
    looks: f64,
    /// Which of [`SURVEYS`] has taken it.
    pub(super) survey: usize,
}

impl Survey {
    /// Takes the photos.
    #[expect(clippy::cast_possible_truncation, reason = "less than an hour in milliseconds")]
    pub(super) fn shots(&self, number: usize, length_m: f64, dice: &mut Dice, ids: &mut IdPool) -> Vec<Shot> {
        let mut shots: Vec<Shot> = Vec::new();
        loop {
            let driven_m = float(shots.len()) * self.spacing_m;
            if driven_m > length_m {
                return shots;
            }
            let (along_m, right_m, turn) = match self.direction {
                Readers::Onward => (driven_m, 2.0, 0.0),
                Readers::Back => (length_m - driven_m, -2.0, 180.0),
            };
            let at = point(along_m, right_m);
            let looks = (COURSE_DEG + turn + self.turned_deg).rem_euclid(360.0);
            let error = [dice.between(-1.5, 1.5), dice.between(-1.5, 1.5)];
            let image = Image {
                id: ids.fresh(dice, 9.0e15),
                sequence: Arc::from(self.sequence),
                captured_at_ms: self.started_at_ms + (driven_m * 120.0) as i64,
                position: geographic([at[0] + error[0], at[1] + error[1]]),
                computed: Some(geographic(at)),
                compass_angle: Some((looks + dice.between(-4.0, 4.0)).rem_euclid(360.0)),
                computed_compass_angle: Some(looks),
                altitude_m: Some(72.0),
                is_pano: self.camera.is_pano(),
                organization: None,
                creator: Some(CREATOR),
                quality_score: Some(0.8),
                foot: Some(false),
                camera: Some(self.camera),
                cluster: 0,
            };
            shots.push(Shot { image, at, looks, survey: number });
        }
    }
}

impl Shot {
    /// Whether a sign is seen that stands somewhere and faces so.
    pub(super) fn sees(&self, sign: &PostSign, at: Place, faces_deg: f64) -> bool {
        let away_m = distance(self.at, at);
        let aside = turn_between(faces_deg, heading(at, self.at)).abs();
        (sign.tree_m..SIGHT_M).contains(&away_m)
            && aside < ASIDE_DEG
            && (!sign.is_new || SURVEYS[self.survey].is_late)
            && (self.image.is_pano || self.bearing(at).abs() < HALF_VIEW_DEG - 2.0)
    }

    fn bearing(&self, at: Place) -> f64 {
        turn_between(self.looks, heading(self.at, at))
    }

    /// What the detector finds: one box, the smaller the farther away and the narrower the more from aside; or two, where
    /// the seam of a panorama divides the sign.
    pub(super) fn detections(
        &self,
        dice: &mut Dice,
        ids: &mut IdPool,
        (feature, value, at, faces_deg): (u64, &'static str, Place, f64),
    ) -> Vec<Detection> {
        const WIDE: f64 = 4096.0;
        let away_m = distance(self.at, at);
        let aside = turn_between(faces_deg, heading(at, self.at)).to_radians();
        let [x, y] = [across(self.image.is_pano, self.bearing(at)), 2048.0 - 1900.0 / away_m];
        let half_high = SIGN_M / away_m * if self.image.is_pano { 326.0 } else { 1410.0 };
        let half_wide = half_high * aside.cos();
        let (left, right) = (x - half_wide, x + half_wide);
        let is_divided = self.image.is_pano && (left < 0.0 || right > WIDE);
        let spans = match () {
            () if !is_divided => vec![[left, right]],
            () => vec![[left.rem_euclid(WIDE), WIDE], [0.0, right.rem_euclid(WIDE)]],
        };
        let one = |[left, right]: [f64; 2]| Detection {
            id: ids.fresh(dice, 9.0e15),
            created_at_ms: self.image.captured_at_ms + DAY_MS * 3,
            image: self.image.id,
            feature: Some(feature),
            value: value.into(),
            outline: of_box(corner([left, y - half_high]), corner([right, y + half_high])),
        };
        spans.into_iter().map(one).collect()
    }
}
