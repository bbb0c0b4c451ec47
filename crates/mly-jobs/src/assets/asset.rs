//! Physical signs, made of the map features that stand for each.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::beside::{RoadSide, RoadSides};
use super::best::{BestView, best_view};
use super::direction::mean_direction;
use super::evidence::{Evidence, attested};
use super::group::SignGroups;
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

/// The assets that signs make, by id, and what they are made of.
pub(super) struct AssetMaker<'a> {
    signs: &'a Signs,
    evidence: &'a Evidence,
    roads: Option<&'a RoadSides>,
    as_of_ms: i64,
    groups: SignGroups,
    /// For each asset, the first one on the same post, and for these how many there are.
    posts: Vec<u32>,
    sizes: Vec<u32>,
}

impl<'a> AssetMaker<'a> {
    pub(super) fn new(
        signs: &'a Signs,
        evidence: &'a Evidence,
        roads: Option<&'a RoadSides>,
        within_m: Option<f64>,
        as_of_ms: i64,
    ) -> Self {
        let groups = SignGroups::new(&same_signs(signs, evidence, within_m));
        let newest = || (0..groups.len()).filter_map(|group| newest(groups.of(group, &signs.all)));
        let positions: Vec<Position> = newest().map(|sign| sign.at).collect();
        let role = |sign: &Sign| signs.values.get(sign.value).map_or(Role::Object, |value| value.role);
        let roles: Vec<Role> = newest().map(role).collect();
        let posts = posts(&positions, &roles);
        let mut sizes = vec![0; posts.len()];
        for post in &posts {
            if let Some(size) = sizes.get_mut(*post as usize) {
                *size += 1;
            }
        }
        Self { signs, evidence, roads, as_of_ms, groups, posts, sizes }
    }

    /// How many assets there are.
    pub(super) fn count(&self) -> usize {
        self.groups.len()
    }

    /// How many of them are made of several features.
    pub(super) fn joined(&self) -> usize {
        (0..self.count()).filter(|group| self.groups.of(*group, &self.signs.all).len() > 1).count()
    }

    /// How many posts and objects there are.
    pub(super) fn posts(&self) -> usize {
        self.sizes.iter().filter(|size| **size > 0).count()
    }

    /// Some of the assets.
    pub(super) fn assets(&self, numbers: Range<usize>) -> Vec<Asset> {
        numbers.into_par_iter().filter_map(|number| self.asset(number)).collect()
    }

    fn asset(&self, number: usize) -> Option<Asset> {
        let members: Vec<&Sign> = self.groups.of(number, &self.signs.all).collect();
        let first = members.first()?;
        let newest = newest(members.iter().copied())?;
        let seen = members.iter().filter_map(|sign| sign.seen);
        let seen = seen.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
        let facing = facing(&members, self.evidence);
        let counts = Counts::of(&members, self.evidence);
        let post = *self.posts.get(number)? as usize;
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
            post_id: self.groups.of(post, &self.signs.all).next()?.id,
            post_size: i64::from(*self.sizes.get(post)?),
            best: best_view(&members, facing, self.evidence, self.as_of_ms).map(Box::new),
            road: self.roads.and_then(|roads| roads.of(newest.at, facing)).map(Box::new),
        })
    }
}

/// The member that was seen last; of several, the first one.
fn newest<'s>(members: impl DoubleEndedIterator<Item = &'s Sign>) -> Option<&'s Sign> {
    members.rev().max_by_key(|sign| sign.seen.map(|[_, last]| last))
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
