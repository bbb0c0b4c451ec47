//! The town as the service knew it at an earlier date: without what was photographed later, and with signs that have been
//! replaced, moved or taken away since.

use std::{collections::HashMap, sync::Arc};

use super::network::{geographic, place, step};
use crate::{
    dice::mix,
    world::{
        record::{Detection, FeatureKind, Image, MapFeature},
        records::Records,
    },
};

/// When the changes took place: 2024-01-01, in milliseconds since 1970.
const CHANGED_MS: i64 = 1_704_067_200_000;

/// One in so many signs has changed in one way.
const CHANGED_EACH: u64 = 16;

/// What has happened to a sign in 2024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    /// The service made it again under another id, a few metres away.
    Remade,
    /// It had another value before.
    Replaced,
    /// A second sign stood near it, which was taken away.
    Neighbour,
}

impl Change {
    fn of(feature: &MapFeature) -> Self {
        if feature.kind != FeatureKind::Sign {
            return Self::None;
        }
        match mix(feature.id.rotate_left(13)) % CHANGED_EACH {
            0 => Self::Remade,
            1 => Self::Replaced,
            2 => Self::Neighbour,
            _ => Self::None,
        }
    }
}

/// The records at a moment, in milliseconds since 1970.
pub(super) fn as_of(now: &Records, moment_ms: i64) -> Records {
    let images: Vec<Image> =
        now.images().iter().filter(|image| image.captured_at_ms <= moment_ms).cloned().collect();
    let captured: HashMap<u64, i64> = images.iter().map(|image| (image.id, image.captured_at_ms)).collect();
    let mut features = Vec::new();
    // The feature that a detection belongs to today, and the ids of what it belonged to then.
    let mut then: HashMap<u64, MapFeature> = HashMap::new();
    for feature in now.features() {
        let change = if moment_ms < CHANGED_MS { Change::of(feature) } else { Change::None };
        let Some(seen) = until(feature, &captured) else { continue };
        if change == Change::Neighbour {
            features.push(neighbour(&seen));
        }
        let seen = earlier(seen, change);
        then.insert(feature.id, seen.clone());
        features.push(seen);
    }
    let detections: Vec<Detection> = now
        .detections()
        .iter()
        .filter(|detection| captured.contains_key(&detection.image))
        .map(|detection| {
            let feature = detection.feature.and_then(|id| then.get(&id));
            let value =
                feature.map_or_else(|| Arc::clone(&detection.value), |feature| Arc::clone(&feature.value));
            Detection { feature: feature.map(|feature| feature.id), value, ..detection.clone() }
        })
        .collect();
    let (users, organizations) = now.people();
    Records::default()
        .with_images(images)
        .with_features(features)
        .with_detections(detections)
        .with_people(users.to_vec(), organizations.to_vec())
}

/// A feature by the images that were there; none if no image had seen it.
fn until(feature: &MapFeature, captured: &HashMap<u64, i64>) -> Option<MapFeature> {
    let images: Vec<u64> = feature.images.iter().copied().filter(|id| captured.contains_key(id)).collect();
    let times = images.iter().filter_map(|id| captured.get(id)).copied();
    Some(MapFeature {
        first_seen_at_ms: times.clone().min()?,
        last_seen_at_ms: times.max()?,
        images,
        ..feature.clone()
    })
}

/// A feature before its change.
fn earlier(feature: MapFeature, change: Change) -> MapFeature {
    match change {
        Change::None | Change::Neighbour => feature,
        Change::Remade => MapFeature {
            id: other_id(feature.id),
            position: geographic(step(place(feature.position), 45.0, 4.0, 0.0)),
            ..feature
        },
        Change::Replaced => {
            let value = if &*feature.value == OTHER_VALUES[0] { OTHER_VALUES[1] } else { OTHER_VALUES[0] };
            MapFeature { value: value.into(), ..feature }
        }
    }
}

const OTHER_VALUES: [&str; 2] =
    ["regulatory--maximum-speed-limit-50--g1", "regulatory--maximum-speed-limit-30--g1"];

/// The sign that stood near another one.
fn neighbour(feature: &MapFeature) -> MapFeature {
    MapFeature {
        id: other_id(feature.id),
        value: "regulatory--no-overtaking--g1".into(),
        position: geographic(step(place(feature.position), 200.0, 6.0, 0.0)),
        ..feature.clone()
    }
}

/// An id that no feature of today has.
const fn other_id(id: u64) -> u64 {
    id ^ 1 << 40
}
