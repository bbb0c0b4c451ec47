//! Physical signs, made of the map features that stand for each.

use std::collections::BTreeSet;

use super::beside::{RoadSide, RoadSides};
use super::best::{BestView, best_view};
use super::direction::mean_direction;
use super::evidence::{Evidence, attested};
use super::post::posts;
use super::same::same_signs;
use super::sign::{Role, Sign, Signs};
use crate::metric::Position;

const DAY_MS: i64 = 86_400_000;

/// A physical sign or object.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    /// The smallest id of its members.
    pub(super) id: i64,
    /// The ids of the map features that stand for it, ascending.
    pub(super) members: Box<[i64]>,
    /// Value and position are those of the member that was seen last.
    pub(super) value: u32,
    pub(super) at: Position,
    pub(super) seen: Option<[i64; 2]>,
    pub(super) images: Option<i64>,
    pub(super) sequences: Option<i64>,
    pub(super) detections: Option<i64>,
    pub(super) evidence: f64,
    pub(super) facing: Option<f64>,
    /// The smallest id of the signs on the same post, and how many they are.
    pub(super) post_id: i64,
    pub(super) post_size: i64,
    pub(super) best: Option<Box<BestView>>,
    pub(super) road: Option<Box<RoadSide>>,
}

/// The assets that signs make, by id.
pub(super) fn assets(
    signs: &Signs,
    evidence: &Evidence,
    roads: Option<&RoadSides>,
    within_m: Option<f64>,
    as_of_ms: i64,
) -> Vec<Asset> {
    let groups = same_signs(signs, evidence, within_m);
    // Signs are sorted by id, so each group is that of its member with the smallest id.
    let mut order: Vec<u32> = (0..).take(groups.len()).collect();
    order.sort_by_key(|index| (groups.get(*index as usize).copied(), *index));
    let mut assets = Vec::with_capacity(order.len());
    for group in order.chunk_by(|a, b| groups.get(*a as usize) == groups.get(*b as usize)) {
        let members: Vec<&Sign> = group.iter().filter_map(|index| signs.all.get(*index as usize)).collect();
        assets.extend(asset(&members, evidence, roads, as_of_ms));
    }
    let positions: Vec<Position> = assets.iter().map(|asset| asset.at).collect();
    let role = |asset: &Asset| signs.values.get(asset.value).map_or(Role::Object, |value| value.role);
    let roles: Vec<Role> = assets.iter().map(role).collect();
    let posts = posts(&positions, &roles);
    let mut sizes = vec![0_i64; assets.len()];
    for post in &posts {
        if let Some(size) = sizes.get_mut(*post as usize) {
            *size += 1;
        }
    }
    let ids: Vec<i64> = assets.iter().map(|asset| asset.id).collect();
    for (asset, post) in assets.iter_mut().zip(posts) {
        asset.post_id = ids.get(post as usize).copied().unwrap_or(asset.id);
        asset.post_size = sizes.get(post as usize).copied().unwrap_or(1);
    }
    assets
}

/// The asset of members that are sorted by id.
fn asset(members: &[&Sign], evidence: &Evidence, roads: Option<&RoadSides>, as_of_ms: i64) -> Option<Asset> {
    let first = members.first()?;
    // Of members that were seen last at the same time, the first one counts.
    let newest = members.iter().rev().max_by_key(|sign| sign.seen.map(|[_, last]| last))?;
    let seen = members.iter().filter_map(|sign| sign.seen);
    let seen = seen.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
    let facing = facing(members, evidence);
    let counts = Counts::of(members, evidence);
    Some(Asset {
        id: first.id,
        members: members.iter().map(|sign| sign.id).collect(),
        value: newest.value,
        at: newest.at,
        seen,
        images: counts.images.map(whole),
        sequences: counts.sequences.map(whole),
        detections: counts.detections.map(whole),
        evidence: attested(counts.images, counts.sequences, counts.days),
        facing,
        post_id: first.id,
        post_size: 1,
        best: best_view(members, facing, evidence, as_of_ms).map(Box::new),
        road: roads.and_then(|roads| roads.of(newest.at, facing)).map(Box::new),
    })
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The direction in which a sign faces: the mean of what its members tell.
fn facing(members: &[&Sign], evidence: &Evidence) -> Option<f64> {
    if let [only] = members {
        return evidence.direction(only);
    }
    let all: Vec<f64> = members.iter().filter_map(|sign| evidence.direction(sign)).collect();
    mean_direction(all.iter().map(|degrees| (*degrees, 1.0)))
}

/// How often a sign was seen.
struct Counts {
    images: Option<usize>,
    sequences: Option<usize>,
    detections: Option<usize>,
    days: usize,
}

impl Counts {
    fn of(members: &[&Sign], evidence: &Evidence) -> Self {
        let (mut images, mut sequences, mut days) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut is_listed, mut detections) = (false, 0);
        for sign in members {
            days.extend(sign.seen.iter().flatten().map(|ms| ms.div_euclid(DAY_MS)));
            let Some(photos) = evidence.photos_of(sign) else { continue };
            is_listed = true;
            images.extend(photos.iter().map(|photo| photo.image));
            detections += evidence.boxes(sign).iter().map(|seen| seen.detections as usize).sum::<usize>();
            let passes = evidence.passes(sign);
            sequences.extend(passes.sequences);
            days.extend(passes.days);
        }
        let has_detections = evidence.has_detections();
        Self {
            images: is_listed.then_some(images.len()),
            sequences: (has_detections && is_listed).then_some(sequences.len()),
            detections: (has_detections && is_listed).then_some(detections),
            days: days.len(),
        }
    }
}
