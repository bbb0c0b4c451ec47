//! Signs that hang on one post.

use std::collections::BTreeMap;

use super::sign::Role;
use crate::linkage::{Link, complete_linkage};
use crate::metric::{Position, distance_m};
use crate::near::Bands;

/// How far signs of one post are apart at most, as the service places them.
const POST_M: f64 = 1.5;
/// How far a plate is from the sign that it belongs to at most.
const PLATE_M: f64 = 2.5;
/// How far a plate is from any other sign of its post at most.
const DIAMETER_M: f64 = 3.0;

/// For each position, the first of those on the same post.
///
/// Main signs are grouped first. Then each plate joins the post of the nearest main sign, the nearest plates first; the
/// plates that are left are grouped among themselves.
pub(super) fn posts(positions: &[Position], roles: &[Role]) -> Vec<u32> {
    let role = |index: u32| roles.get(index as usize).copied().unwrap_or(Role::Object);
    let bands = Bands::new(positions, PLATE_M);
    let mut links: BTreeMap<bool, Vec<Link>> = BTreeMap::new();
    // A plate, and the nearest main sign of it.
    let mut nearest: BTreeMap<u32, (u64, u32)> = BTreeMap::new();
    bands.pairs(|one, other, distance_m| match (role(one), role(other)) {
        (Role::Main, Role::Main) | (Role::Plate, Role::Plate) if distance_m <= POST_M => {
            links.entry(role(one) == Role::Plate).or_default().push(Link { distance_m, one, other });
        }
        (Role::Main, Role::Plate) | (Role::Plate, Role::Main) => {
            let (main, plate) = if role(one) == Role::Main { (one, other) } else { (other, one) };
            let found = (distance_m.to_bits(), main);
            nearest.entry(plate).and_modify(|best| *best = (*best).min(found)).or_insert(found);
        }
        _ => {}
    });
    let count = u32::try_from(positions.len()).unwrap_or(u32::MAX);
    let none = Vec::new();
    let mut posts = complete_linkage(count, links.get(&false).unwrap_or(&none));
    let is_joined = join_plates(&mut posts, positions, &nearest);
    let free = |index: u32| !is_joined.get(index as usize).copied().unwrap_or(false);
    let rest: Vec<_> = links
        .remove(&true)
        .unwrap_or_default()
        .into_iter()
        .filter(|l| free(l.one) && free(l.other))
        .collect();
    for (index, group) in (0..).zip(complete_linkage(count, &rest)) {
        if let Some(post) = posts.get_mut(index as usize).filter(|_| group != index) {
            *post = group;
        }
    }
    with_first_members(&posts)
}

/// Adds plates to posts. Gives which positions are plates that have joined one.
fn join_plates(posts: &mut [u32], positions: &[Position], nearest: &BTreeMap<u32, (u64, u32)>) -> Vec<bool> {
    let mut is_joined = vec![false; posts.len()];
    let at = |index: u32| positions.get(index as usize).copied().unwrap_or_default();
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let wanted: std::collections::HashSet<u32> =
        nearest.values().filter_map(|(_, main)| posts.get(*main as usize).copied()).collect();
    for (index, post) in (0..).zip(posts.iter()) {
        if wanted.contains(post) {
            members.entry(*post).or_default().push(index);
        }
    }
    let mut queue: Vec<_> =
        nearest.iter().map(|(plate, (distance, main))| (*distance, *plate, *main)).collect();
    queue.sort_unstable();
    for (_, plate, main) in queue {
        let Some(post) = posts.get(main as usize).copied() else { continue };
        let others = members.entry(post).or_default();
        if others.iter().all(|other| distance_m(at(plate), at(*other)) <= DIAMETER_M) {
            others.push(plate);
            if let (Some(slot), Some(flag)) =
                (posts.get_mut(plate as usize), is_joined.get_mut(plate as usize))
            {
                (*slot, *flag) = (post, true);
            }
        }
    }
    is_joined
}

/// Names each post by its first member.
fn with_first_members(posts: &[u32]) -> Vec<u32> {
    let mut first = vec![u32::MAX; posts.len()];
    for (index, post) in (0..).zip(posts) {
        if let Some(first) = first.get_mut(*post as usize) {
            *first = index.min(*first);
        }
    }
    posts.iter().map(|post| first.get(*post as usize).copied().unwrap_or(*post)).collect()
}
