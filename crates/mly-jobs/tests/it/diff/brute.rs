//! Comparisons against one that tries all pairs, on random signs.

use std::collections::{BTreeMap, BTreeSet};

use geographiclib_rs::{Geodesic, InverseGeodesic};
use mly_jobs::Diff;
use proptest::prelude::*;

use super::support::{Found, Image, Sign, changes, images, noon, pano, place, run, sign, signs};

const VALUES: [&str; 4] =
    ["regulatory--stop--g1", "regulatory--stop--g2", "warning--curve-left--g1", "object--bench"];

/// Signs with different ids in a small place.
fn some(most: usize) -> impl Strategy<Value = Vec<Sign>> {
    let one = (1..30_i64, 0..4_usize, 0.0..90.0_f64, 0.0..40.0_f64, 0..4_i64, 0..8_u32);
    proptest::collection::vec(one, 0..most).prop_map(|rows| {
        let by_id: BTreeMap<i64, Sign> = rows
            .into_iter()
            .map(|(id, value, east, north, day, facing)| {
                let last_ms = if day == 3 { 0 } else { noon(100 + day) };
                let row = sign(id, VALUES[value], place(east, north), last_ms);
                (id, Sign { facing: (facing < 3).then_some(f64::from(facing) * 50.0), ..row })
            })
            .collect();
        by_id.into_values().collect()
    })
}

fn distance_m(one: [f64; 2], other: [f64; 2]) -> f64 {
    Geodesic::wgs84().inverse(one[1], one[0], other[1], other[0])
}

fn name(value: &str) -> &str {
    value.split("--g").next().unwrap()
}

fn dated(sign: &Sign) -> Option<i64> {
    sign.last_ms.filter(|ms| *ms > 0)
}

/// Class, id and other id of each row, by all pairs sorted by distance.
fn by_brute_force(old: &[Sign], new: &[Sign]) -> BTreeSet<(String, i64, Option<i64>)> {
    let mut all = BTreeSet::new();
    let find = |rows: &[Sign], id: i64| rows.iter().find(|row| row.id == id).cloned();
    for after in new {
        let Some(before) = find(old, after.id) else { continue };
        let change = if before.value != after.value || distance_m(before.at, after.at) > 3.0 {
            "changed"
        } else if dated(&before).zip(dated(after)).is_some_and(|(before, after)| after > before) {
            "seen_again"
        } else {
            continue;
        };
        all.insert((change.to_owned(), after.id, None));
    }
    let lost: Vec<&Sign> = old.iter().filter(|row| find(new, row.id).is_none()).collect();
    let found: Vec<&Sign> = new.iter().filter(|row| find(old, row.id).is_none()).collect();
    let mut pairs = Vec::new();
    for before in &lost {
        for after in &found {
            let metres = distance_m(before.at, after.at);
            let turn = before.facing.zip(after.facing).map(|(a, b)| (a - b).abs().min(360.0 - (a - b).abs()));
            if name(&before.value) != name(&after.value)
                || metres > 25.0
                || turn.is_some_and(|turn| turn > 60.0)
            {
                continue;
            }
            let is_own = |row: &&Sign| row.id != before.id && row.id != after.id;
            let near =
                |row: &&Sign| distance_m(row.at, before.at) <= 50.0 || distance_m(row.at, after.at) <= 50.0;
            let same = |row: &&Sign| name(&row.value) == name(&before.value);
            let is_crowded = old.iter().chain(new).filter(is_own).filter(same).any(|row| near(&row));
            let is_late = dated(before).zip(dated(after)).is_some_and(|(before, after)| after >= before);
            if metres <= 15.0 || (!is_crowded && is_late) {
                pairs.push((metres, before.id, after.id));
            }
        }
    }
    pairs.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut taken = BTreeSet::new();
    for (_, before, after) in pairs {
        if !taken.contains(&(0, before)) && !taken.contains(&(1, after)) {
            taken.extend([(0, before), (1, after)]);
            all.insert(("remade".to_owned(), after, Some(before)));
        }
    }
    let left = |rows: Vec<&Sign>, side: i64, change: &str| -> Vec<_> {
        let left = rows.into_iter().filter(|row| !taken.contains(&(side, row.id)));
        left.map(|row| (change.to_owned(), row.id, None)).collect()
    };
    all.extend(left(lost, 0, "unseen"));
    all.extend(left(found, 1, "new"));
    all
}

fn plain(rows: &[Found]) -> BTreeSet<(String, i64, Option<i64>)> {
    let number = |text: &String| text.parse().unwrap();
    rows.iter().map(|row| (row.change.clone(), number(&row.id), row.old_id.as_ref().map(number))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn all_pairs_sorted_by_distance_give_the_same_classes(old in some(14), new in some(14)) {
        let (rows, _) = run(&Diff::new(signs(&old), signs(&new)));
        prop_assert_eq!(plain(&rows), by_brute_force(&old, &new));
        for row in &rows {
            let of = |rows: &[Sign], id: &str| rows.iter().find(|sign| sign.id.to_string() == id).map(|sign| sign.at);
            let (before, after) = (of(&old, row.old_id.as_ref().unwrap_or(&row.id)), of(&new, &row.id));
            let want = before.zip(after).map(|(before, after)| distance_m(before, after));
            prop_assert_eq!(row.moved_m.is_some(), want.is_some());
            if let (Some(found), Some(want)) = (row.moved_m, want) {
                prop_assert!((found - want).abs() < 1e-6, "{} {}", found, want);
            }
            prop_assert_eq!(row.by.is_some(), want.is_some());
        }
        let ids: Vec<i64> = rows.iter().map(|row| row.id.parse().unwrap()).collect();
        prop_assert!(ids.is_sorted());
    }

    #[test]
    fn order_batches_and_sorting_on_the_disk_change_nothing(old in some(14), new in some(14), turn in 0..14_usize, memory in 1..6_usize) {
        let (want, _) = run(&Diff::new(signs(&old), signs(&new)).with_all(true));
        let shuffled = |rows: &[Sign]| {
            let mut rows = rows.to_vec();
            rows.reverse();
            let middle = turn.min(rows.len());
            rows.rotate_left(middle);
            rows
        };
        let diff = Diff::new(signs(&shuffled(&old)), signs(&shuffled(&new))).with_all(true).with_rows_in_memory(memory);
        prop_assert_eq!(run(&diff).0, want);
    }

    #[test]
    fn what_is_new_one_way_is_missing_the_other_way(old in some(14), new in some(14)) {
        // Far pairs depend on the order of dates, so all dates are equal.
        let level = |rows: Vec<Sign>| -> Vec<Sign> {
            rows.into_iter().map(|row| Sign { last_ms: Some(noon(1)), ..row }).collect()
        };
        let (old, new) = (level(old), level(new));
        let ids = |diff: &Diff, change: &str| -> Vec<String> {
            changes(diff).iter().filter_map(|line| Some(line.strip_prefix(change)?.trim().to_owned())).collect()
        };
        let (there, back) = (Diff::new(signs(&old), signs(&new)), Diff::new(signs(&new), signs(&old)));
        prop_assert_eq!(ids(&there, "new "), ids(&back, "unseen "));
        prop_assert_eq!(ids(&there, "unseen "), ids(&back, "new "));
        prop_assert_eq!(ids(&there, "remade ").len(), ids(&back, "remade ").len());
    }

    #[test]
    fn a_result_and_itself_differ_in_nothing(rows in some(30)) {
        prop_assert_eq!(changes(&Diff::new(signs(&rows), signs(&rows))), Vec::<String>::new());
    }

    #[test]
    fn looks_are_those_that_are_found_image_by_image(
        old in some(8),
        new in some(8),
        seen_by in proptest::collection::vec((0..3_usize, 98..112_i64, 0.0..90.0_f64, 0.0..40.0_f64, 0..8_u32, any::<bool>()), 0..25),
    ) {
        let photo = |(number, (sequence, day, east, north, angle, is_noon)): (i64, (usize, i64, f64, f64, u32, bool))| {
            let midnight = if is_noon { 0 } else { 43_200_000 };
            let image = pano(number, ["a", "b", "c"][sequence], place(east, north), noon(day) + midnight);
            match angle {
                0..4 => Image { is_pano: Some(false), angle: Some(f64::from(angle) * 90.0), ..image },
                _ => image,
            }
        };
        let seen_by: Vec<Image> = (1..).zip(seen_by).map(photo).collect();
        let diff = Diff::new(signs(&old), signs(&new)).with_seen_by(images(&seen_by)).with_as_of(noon(175)).with_all(true);
        let (rows, counts) = run(&diff);
        let (mut trials, mut successes) = (0.0, 0.0);
        for row in &rows {
            let of = |rows: &[Sign], id: &str| rows.iter().find(|sign| sign.id.to_string() == id).cloned();
            let (before, after) = (of(&old, row.old_id.as_ref().unwrap_or(&row.id)), of(&new, &row.id));
            let Some(sign) = after.as_ref().or(before.as_ref()) else { unreachable!() };
            let shows = |image: &&Image, since: i64| looks_at(image, sign) && image.captured_ms.unwrap() > since + 86_400_000;
            let looks: Vec<&Image> = match dated(sign) {
                Some(since) => seen_by.iter().filter(|image| shows(image, since)).collect(),
                None => Vec::new(),
            };
            let sequences: BTreeSet<_> = looks.iter().map(|image| &image.sequence).collect();
            prop_assert_eq!(row.looks, i64::try_from(looks.len()).ok());
            prop_assert_eq!(row.look_sequences, i64::try_from(sequences.len()).ok());
            prop_assert_eq!(row.last_look, looks.iter().filter_map(|image| image.captured_ms).max());
            if let (Some(before), Some(after)) = (before.as_ref().and_then(dated), after.as_ref().and_then(dated)) {
                for sequence in ["a", "b", "c"] {
                    let of = seen_by.iter().filter(|image| image.sequence.as_deref() == Some(sequence));
                    let first = of.filter(|image| shows(image, before)).filter_map(|image| image.captured_ms).min();
                    trials += f64::from(u8::from(first.is_some()));
                    successes += f64::from(u8::from(first.is_some_and(|first| after >= first)));
                }
            }
        }
        prop_assert_eq!(counts.rate(), (trials > 0.0).then(|| successes / trials));
    }
}

/// Whether an image shows a place, by geodesics: in the daytime of the days of the test, which are in spring.
fn looks_at(image: &Image, sign: &Sign) -> bool {
    let inverse = |from: [f64; 2], to: [f64; 2]| -> (f64, f64) {
        let (metres, azimuth, _, _): (f64, f64, f64, f64) =
            Geodesic::wgs84().inverse(from[1], from[0], to[1], to[0]);
        (metres, azimuth)
    };
    let apart = |one: f64, other: f64| {
        let turn = (one - other).rem_euclid(360.0);
        turn.min(360.0 - turn)
    };
    let (metres, to_sign) = inverse(image.at, sign.at);
    let (_, to_camera) = inverse(sign.at, image.at);
    let is_in_view = image.is_pano == Some(true)
        || image.angle.is_some_and(|angle| angle > 0.0 && apart(angle, to_sign) <= 30.0);
    (3.0..=25.0).contains(&metres)
        && is_in_view
        && sign.facing.is_none_or(|facing| apart(facing, to_camera) <= 75.0)
        && image.captured_ms.unwrap().rem_euclid(86_400_000) == 43_200_000
}
