//! Which map features are one physical sign: the service has made some again, under new ids.

use super::evidence::Evidence;
use super::sign::{Sign, SignValues, Signs};
use crate::linkage::{Link, complete_linkage};
use crate::metric::{Position, angle_between};
use crate::near::Bands;

/// How far two features of one sign are apart at most. The service joins equal values within 10 m itself, so those that
/// it has twice lie just beyond.
const REACH_M: f64 = 15.0;

/// How much the directions of two features of one sign differ at most, in degrees.
const MOST_TURN: f64 = 45.0;

/// Two that one drive or one day has seen are two signs, unless they are as near as this.
const SEEN_APART_M: f64 = 3.0;

const DAY_MS: i64 = 86_400_000;

/// For each sign, the first of those that are the same one.
pub(super) fn same_signs(signs: &Signs, evidence: &Evidence, reach_m: Option<f64>) -> Vec<u32> {
    let positions: Vec<Position> = signs.all.iter().map(|sign| sign.at).collect();
    let mut links = Vec::new();
    Bands::new(&positions, reach_m.unwrap_or(REACH_M)).pairs(|one, other, distance_m| {
        let pair = signs.all.get(one as usize).zip(signs.all.get(other as usize));
        if pair.is_some_and(|(a, b)| may_be_same(a, b, distance_m, &signs.values, evidence)) {
            links.push(Link { distance_m, one, other });
        }
    });
    let count = u32::try_from(signs.all.len()).unwrap_or(u32::MAX);
    complete_linkage(count, &links)
}

/// Whether two features can be one sign that was made again.
fn may_be_same(a: &Sign, b: &Sign, distance_m: f64, values: &SignValues, evidence: &Evidence) -> bool {
    let name = |sign: &Sign| values.get(sign.value).map(|value| value.name);
    // A feature that is made again begins after the old one ends. Without dates that is not known.
    let (Some(seen), Some(other)) = (a.seen, b.seen) else { return false };
    let is_disjoint = seen[1] < other[0] || other[1] < seen[0];
    if name(a) != name(b) || !is_disjoint {
        return false;
    }
    let turn = evidence.direction(a).zip(evidence.direction(b)).map(|(a, b)| angle_between(a, b));
    if turn.is_some_and(|turn| turn > MOST_TURN) || evidence.share_photo(a, b) {
        return false;
    }
    let days = seen.map(|ms| ms.div_euclid(DAY_MS));
    let is_seen_together =
        other.iter().any(|ms| days.contains(&ms.div_euclid(DAY_MS))) || evidence.share_drive_or_day(a, b);
    !(is_seen_together && distance_m >= SEEN_APART_M)
}
