//! An avenue whose signs are known one by one: an own world, so that what is told of the town stays as it is.
//!
//! Posts with several signs, equal signs on both sides and back to back, photos that show many signs, a panorama whose seam
//! divides a sign, signs that the service has made again, road works, and a map that has a part of the signs, some wrongly.

mod cameras;
mod map;
mod place;
mod signs;

use self::cameras::{SURVEYS, Shot};
use self::map::AvenueMap;
use self::place::{COURSE_DEG, CREATOR, LENGTH_M, point};
use self::signs::{POSTS, PostSign, Readers};
use super::drive::IdPool;
use super::network::{Place, geographic, step};
use crate::dice::Dice;
use crate::openstreetmap::MapExtract;
use crate::world::record::{Detection, FeatureKind, MapFeature, User};
use crate::world::records::Records;
use crate::world::truth::TrueSign;

const SEED: u64 = 0x6D6C_795F_6176_656E;

/// The avenue with its photos, its map, and the truth about its signs.
#[derive(Debug)]
pub(in crate::world) struct Avenue {
    pub(in crate::world) records: Records,
    pub(in crate::world) map: MapExtract,
    pub(in crate::world) signs: Vec<TrueSign>,
}

pub(in crate::world) fn avenue() -> Avenue {
    let mut dice = Dice::new(SEED);
    let mut ids = IdPool::default();
    let shots: Vec<Shot> = SURVEYS
        .iter()
        .enumerate()
        .flat_map(|(number, survey)| survey.shots(number, LENGTH_M, &mut dice, &mut ids))
        .collect();
    let mut found = Findings { shots: &shots, dice, ids, features: Vec::new(), detections: Vec::new() };
    let mut map = AvenueMap::new();
    let mut truth = Vec::new();
    for (number, post) in POSTS.iter().enumerate() {
        for sign in post.signs {
            let at = point(post.along_m, post.right_m);
            let faces_deg = match sign.readers {
                Readers::Onward => COURSE_DEG + 180.0,
                Readers::Back => COURSE_DEG,
            };
            let features = found.add(sign, at, faces_deg);
            let (street, entry) = map.add(sign, post, faces_deg);
            map.extract.note(&features, entry);
            truth.push(TrueSign {
                value: sign.value,
                features,
                position: geographic(at),
                faces_deg,
                post: number,
                is_right: (post.right_m > 0.0) == (sign.readers == Readers::Onward),
                street,
                entry,
            });
        }
    }
    let Findings { features, detections, .. } = found;
    let images = shots.iter().map(|shot| shot.image.clone()).collect();
    let records = Records::default()
        .with_images(images)
        .with_features(features)
        .with_detections(detections)
        .with_people(vec![User { id: CREATOR, username: "kartenfuchs".into() }], Vec::new());
    Avenue { records, map: map.finished(), signs: truth }
}

/// What the service has found in the photos.
struct Findings<'a> {
    shots: &'a [Shot],
    dice: Dice,
    ids: IdPool,
    features: Vec<MapFeature>,
    detections: Vec<Detection>,
}

impl Findings<'_> {
    /// Adds the map features of a sign; gives their ids.
    fn add(&mut self, sign: &PostSign, at: Place, faces_deg: f64) -> Vec<u64> {
        let seen: Vec<&Shot> = self.shots.iter().filter(|shot| shot.sees(sign, at, faces_deg)).collect();
        let Some(moved_m) = sign.moved_m else { return vec![self.feature(sign, at, faces_deg, &seen)] };
        // Those of 2019 made the first one; then the service computed it again, without them.
        let (old, new): (Vec<&Shot>, Vec<&Shot>) = seen.into_iter().partition(|shot| shot.survey < 2);
        let before = step(at, COURSE_DEG, moved_m, 0.0);
        vec![self.feature(sign, before, faces_deg, &old), self.feature(sign, at, faces_deg, &new)]
    }

    fn feature(&mut self, sign: &PostSign, at: Place, faces_deg: f64, seen: &[&Shot]) -> u64 {
        let dice = &mut self.dice;
        // The service has ids beyond 2^53, which do not survive in a double.
        let id = self.ids.fresh(dice, 5.8e16);
        let error = [dice.between(-0.3, 0.3), dice.between(-0.3, 0.3)];
        let times = seen.iter().map(|shot| shot.image.captured_at_ms);
        self.features.push(MapFeature {
            id,
            kind: FeatureKind::Sign,
            value: sign.value.into(),
            first_seen_at_ms: times.clone().min().unwrap_or(0),
            last_seen_at_ms: times.max().unwrap_or(0),
            position: geographic([at[0] + error[0], at[1] + error[1]]),
            // The service tells it of some.
            aligned_direction: dice.chance(0.5).then_some(faces_deg),
            images: seen.iter().map(|shot| shot.image.id).collect(),
        });
        for shot in seen {
            let what = (id, sign.value, at, faces_deg);
            self.detections.extend(shot.detections(dice, &mut self.ids, what));
        }
        id
    }
}
