//! Inventories of many signs against the definition, pair by pair.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use mly_jobs::Table;
use mly_jobs::assets::Assets;
use proptest::prelude::*;

use super::signs::{LIMIT, STOP, SignRow, groups_of, place, sign, signs};

fn metres(a: &SignRow, b: &SignRow) -> f64 {
    let (a, b) = (place(a.at_m), place(b.at_m));
    Geodesic::wgs84().inverse(a[1], a[0], b[1], b[0])
}

/// Groups by complete linkage, step by step over all pairs of groups.
fn linked(all: &[SignRow], may_be: impl Fn(&SignRow, &SignRow) -> bool) -> Vec<Vec<i64>> {
    let mut groups: Vec<Vec<&SignRow>> = all.iter().map(|sign| vec![sign]).collect();
    loop {
        let mut best: Option<(f64, i64, i64, usize, usize)> = None;
        for i in 0..groups.len() {
            for j in 0..groups.len() {
                let (one, other) = (least(&groups[i]), least(&groups[j]));
                let pairs = || groups[i].iter().flat_map(|a| groups[j].iter().map(move |b| (*a, *b)));
                if one >= other || !pairs().all(|(a, b)| may_be(a, b)) {
                    continue;
                }
                let farthest = pairs().map(|(a, b)| metres(a, b)).fold(0.0, f64::max);
                let found = (farthest, one, other, i, j);
                if best.is_none_or(|best| found < best) {
                    best = Some(found);
                }
            }
        }
        let Some((.., i, j)) = best else { break };
        let moved = std::mem::take(&mut groups[j]);
        groups[i].extend(moved);
        groups.retain(|group| !group.is_empty());
    }
    let mut ids: Vec<Vec<i64>> =
        groups.iter().map(|group| group.iter().map(|sign| sign.id).collect()).collect();
    for group in &mut ids {
        group.sort_unstable();
    }
    ids.sort();
    ids
}

fn least(group: &[&SignRow]) -> i64 {
    group.iter().map(|sign| sign.id).min().unwrap()
}

fn are_same(a: &SignRow, b: &SignRow) -> bool {
    let ([a0, a1], [b0, b1]) = (a.days.unwrap(), b.days.unwrap());
    let turn = |a: f64, b: f64| 180.0 - ((a - b).rem_euclid(360.0) - 180.0).abs();
    a.value == b.value
        && metres(a, b) <= 15.0
        && (a1 < b0 || b1 < a0)
        && a.direction.zip(b.direction).is_none_or(|(a, b)| turn(a, b) <= 45.0)
}

prop_compose! {
    fn some_sign()(
        east in 0.0..60.0_f64,
        north in 0.0..60.0_f64,
        value in prop_oneof![Just(STOP), Just(LIMIT)],
        first in 0..40_i64,
        span in 0..6_i64,
        direction in proptest::option::of(0.0..360.0_f64),
    ) -> SignRow {
        SignRow { direction, ..sign(0, value, [east, north], [first, first + span]) }
    }
}

fn numbered(all: Vec<SignRow>) -> Vec<SignRow> {
    (1..).zip(all).map(|(id, sign)| SignRow { id, ..sign }).collect()
}

fn bytes(table: &Table) -> String {
    format!("{:?}", table.batches())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signs_that_are_one_are_those_of_brute_force(all in proptest::collection::vec(some_sign(), 0..26).prop_map(numbered)) {
        let (mut members, _) = groups_of(&all);
        members.sort();
        prop_assert_eq!(members, linked(&all, are_same));
    }

    #[test]
    fn posts_are_those_of_brute_force(all in proptest::collection::vec(some_sign(), 0..26).prop_map(numbered)) {
        // Within 9 m and all at the same time, so that none are one sign.
        let all: Vec<_> = all.into_iter().map(|sign| SignRow { at_m: sign.at_m.map(|m| m * 0.15), days: Some([0, 9]), ..sign }).collect();
        let (_, posts) = groups_of(&all);
        let mut groups: std::collections::BTreeMap<i64, Vec<i64>> = std::collections::BTreeMap::new();
        for (id, post) in posts {
            groups.entry(post).or_default().push(id);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort();
        prop_assert_eq!(groups, linked(&all, |a, b| metres(a, b) <= 1.5));
    }

    #[test]
    fn the_order_of_the_rows_changes_no_byte(
        (all, shuffled) in proptest::collection::vec(some_sign(), 0..40).prop_map(numbered)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let (one, found) = Assets::of(signs(&all)).run().unwrap();
        let (other, again) = Assets::of(signs(&shuffled)).run().unwrap();
        prop_assert_eq!(bytes(&one), bytes(&other));
        prop_assert_eq!(found, again);
    }
}
