//! Signs and objects beside the streets, and the detections of them.

use std::sync::Arc;

use super::{
    drive::IdPool,
    network::{Place, distance, geographic, heading, place, step, turn_between},
};
use crate::{
    date::DAY_MS,
    dice::Dice,
    world::{
        outline::{self, blob, corner},
        record::{Detection, FeatureKind, Image, MapFeature},
        values::{OBJECTS, SEGMENTS, SIGNS},
    },
};

const SIGN_COUNT: usize = 600;
const OBJECT_COUNT: usize = 900;
/// From how far a feature is seen, and by how many images at most.
const SIGHT_M: f64 = 26.0;
const WITNESSES: usize = 6;
/// Half of the horizontal angle of view of an image that is not a panorama.
pub(super) const HALF_VIEW_DEG: f64 = 36.0;
/// One in so many images also has segments that belong to no map feature.
const SEGMENTED_EACH: usize = 12;

/// An image with its computed place, in metres, and its computed heading.
struct Witness<'a> {
    image: &'a Image,
    at: Place,
    looks: f64,
}

pub(super) fn populate(
    dice: &mut Dice,
    ids: &mut IdPool,
    images: &[Image],
) -> (Vec<MapFeature>, Vec<Detection>) {
    let witnesses: Vec<Witness<'_>> = images
        .iter()
        .filter_map(|image| {
            let (at, looks) = (place(image.computed?), image.computed_compass_angle?);
            Some(Witness { image, at, looks })
        })
        .collect();
    let mut features = Vec::new();
    let mut detections = Vec::new();
    for (kind, count, values) in
        [(FeatureKind::Sign, SIGN_COUNT, SIGNS), (FeatureKind::Point, OBJECT_COUNT, OBJECTS)]
    {
        for _ in 0..count {
            let finder = dice.pick(&witnesses);
            let side = if dice.chance(0.8) { 1.0 } else { -1.0 };
            let at = step(finder.at, finder.looks, dice.between(9.0, 17.0), side * dice.between(2.5, 5.5));
            let seen = seen_by(&witnesses, at);
            let value = Arc::from(*dice.weighted(values));
            let feature = feature(dice, ids, kind, value, at, &seen);
            detections.extend(seen.iter().map(|witness| detection(dice, ids, &feature, at, witness)));
            features.push(feature);
        }
    }
    let segmented = images.iter().step_by(SEGMENTED_EACH);
    detections.extend(segmented.flat_map(|image| SEGMENTS.map(|value| segment(dice, ids, image, value))));
    (features, detections)
}

/// The nearest images that a place is visible in.
fn seen_by<'a>(witnesses: &'a [Witness<'a>], at: Place) -> Vec<&'a Witness<'a>> {
    let mut seen: Vec<_> = witnesses
        .iter()
        .filter(|witness| distance(witness.at, at) < SIGHT_M)
        .filter(|witness| witness.image.is_pano || bearing(witness, at).abs() < HALF_VIEW_DEG - 2.0)
        .collect();
    seen.sort_by(|a, b| distance(a.at, at).total_cmp(&distance(b.at, at)));
    seen.truncate(WITNESSES);
    seen
}

/// Degrees to the right of where an image looks.
fn bearing(witness: &Witness<'_>, at: Place) -> f64 {
    turn_between(witness.looks, heading(witness.at, at))
}

fn feature(
    dice: &mut Dice,
    ids: &mut IdPool,
    kind: FeatureKind,
    value: Arc<str>,
    at: Place,
    seen: &[&Witness<'_>],
) -> MapFeature {
    let times = seen.iter().map(|witness| witness.image.captured_at_ms);
    let faces = (seen.first().map_or(0.0, |witness| witness.looks) + 180.0).rem_euclid(360.0);
    MapFeature {
        // The service has ids beyond 2^53, which do not survive in a double.
        id: ids.fresh(dice, 5.8e16),
        kind,
        value,
        first_seen_at_ms: times.clone().min().unwrap_or(0),
        last_seen_at_ms: times.max().unwrap_or(0),
        position: geographic(at).map(|degrees| (degrees * 1e12).round() / 1e12),
        aligned_direction: (kind == FeatureKind::Sign && dice.chance(0.6)).then_some(faces),
        images: seen.iter().map(|witness| witness.image.id).collect(),
    }
}

fn detection(
    dice: &mut Dice,
    ids: &mut IdPool,
    feature: &MapFeature,
    at: Place,
    witness: &Witness<'_>,
) -> Detection {
    let away_m = distance(witness.at, at).max(1.0);
    let size_m = if feature.kind == FeatureKind::Sign { 0.75 } else { dice.between(0.6, 3.0) };
    let up_m = if feature.kind == FeatureKind::Sign { 1.0 } else { dice.between(-1.0, 2.0) };
    let pano = witness.image.is_pano;
    let middle = [across(pano, bearing(witness, at)), 2048.0 - up_m / away_m * 1900.0];
    let half = size_m / away_m * if pano { 326.0 } else { 1410.0 };
    Detection {
        id: ids.fresh(dice, 9.0e15),
        created_at_ms: witness.image.captured_at_ms + DAY_MS * 3 + 1000 * 7919,
        image: witness.image.id,
        feature: Some(feature.id),
        value: Arc::clone(&feature.value),
        outline: match feature.kind {
            FeatureKind::Sign => outline::of_box(
                corner([middle[0] - half, middle[1] - half]),
                corner([middle[0] + half, middle[1] + half]),
            ),
            FeatureKind::Point => outline::of_parts(&parts(dice, &feature.value, middle, half)),
        },
    }
}

/// The column of a direction in 1/4096 of the image.
pub(super) fn across(pano: bool, right_deg: f64) -> f64 {
    if pano {
        (right_deg + 180.0) / 360.0 * 4096.0
    } else {
        2048.0 + right_deg.to_radians().tan() / HALF_VIEW_DEG.to_radians().tan() * 2048.0
    }
}

/// The parts of an outline: three for poles, as if something stood before them, otherwise one.
fn parts(dice: &mut Dice, value: &str, [x, y]: [f64; 2], half: f64) -> Vec<Vec<outline::Corner>> {
    if value == "object--support--utility-pole" {
        return (0..3u8)
            .map(|piece| blob(dice, [x, y + half * (f64::from(piece) * 1.6 - 1.6)], [half * 0.2, half * 0.7]))
            .collect();
    }
    vec![blob(dice, [x, y], [half, half])]
}

fn segment(dice: &mut Dice, ids: &mut IdPool, image: &Image, value: &str) -> Detection {
    let [x, y] = [dice.between(1200.0, 2900.0), dice.between(2300.0, 3300.0)];
    Detection {
        id: ids.fresh(dice, 9.0e15),
        created_at_ms: image.captured_at_ms + DAY_MS,
        image: image.id,
        feature: None,
        value: value.into(),
        outline: outline::of_parts(&[blob(dice, [x, y], [900.0, 600.0])]),
    }
}
