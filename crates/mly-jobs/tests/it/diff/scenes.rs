//! Small scenes, each with one answer.

use mly_jobs::{Change, Diff};

use super::support::{DAY_MS, Image, Sign, changes, images, noon, pano, place, run, sign, signs};

const STOP: &str = "regulatory--stop--g1";
const STOP_2: &str = "regulatory--stop--g2";
const THIRTY: &str = "regulatory--maximum-speed-limit-30--g1";
const FIFTY: &str = "regulatory--maximum-speed-limit-50--g1";

fn of(old: &[Sign], new: &[Sign]) -> Vec<String> {
    changes(&Diff::new(signs(old), signs(new)))
}

/// A stop sign at so many metres to the east.
fn stop(id: i64, east_m: f64) -> Sign {
    sign(id, STOP, place(east_m, 0.0), noon(100))
}

#[test]
fn a_result_differs_from_itself_in_nothing() {
    let rows = [stop(1, 0.0), stop(2, 4.0), sign(3, FIFTY, place(1.0, 0.0), 0)];
    assert_eq!(of(&rows, &rows), Vec::<String>::new());
    let all = Diff::new(signs(&rows), signs(&rows)).with_all(true);
    assert_eq!(changes(&all), ["same 1", "same 2", "same 3"]);
    assert_eq!(of(&[], &[]), Vec::<String>::new());
}

#[test]
fn a_sign_made_anew_is_found_within_15_m_and_alone_within_25() {
    for (east_m, want) in [
        (0.0, &["remade 2<1"][..]),
        (2.0, &["remade 2<1"]),
        (9.0, &["remade 2<1"]),
        (12.0, &["remade 2<1"]),
        (14.99, &["remade 2<1"]),
        (18.0, &["remade 2<1"]),
        (24.99, &["remade 2<1"]),
        (25.01, &["unseen 1", "new 2"]),
    ] {
        assert_eq!(of(&[stop(1, 0.0)], &[stop(2, east_m)]), want, "{east_m} m");
    }
    let (rows, _) = run(&Diff::new(signs(&[stop(1, 0.0)]), signs(&[stop(2, 12.0)])));
    assert_eq!(rows[0].by.as_deref(), Some("place"));
    assert!((rows[0].moved_m.unwrap() - 12.0).abs() < 0.01, "{rows:?}");
}

#[test]
fn beyond_15_m_no_other_sign_of_the_name_may_be_near_and_dates_must_be_in_order() {
    // One that stays, 48 m from the one that is gone or from the one that came; and one that is 52 m away.
    for (other_m, want) in [
        (-48.0, &["unseen 1", "new 2"][..]),
        (66.0, &["unseen 1", "new 2"]),
        (-52.0, &["remade 2<1"]),
        (70.5, &["remade 2<1"]),
    ] {
        let other = Sign { value: STOP_2.to_owned(), ..stop(3, other_m) };
        assert_eq!(of(&[stop(1, 0.0), other.clone()], &[stop(2, 18.0), other]), want, "{other_m} m");
    }
    // A sign of another name does not matter.
    let other = sign(3, FIFTY, place(9.0, 0.0), noon(9));
    assert_eq!(of(&[stop(1, 0.0), other.clone()], &[stop(2, 18.0), other]), ["remade 2<1"]);
    let earlier = Sign { last_ms: Some(noon(99)), ..stop(2, 18.0) };
    assert_eq!(of(&[stop(1, 0.0)], std::slice::from_ref(&earlier)), ["unseen 1", "new 2"]);
    assert_eq!(of(&[stop(1, 0.0)], &[Sign { at: place(14.0, 0.0), ..earlier }]), ["remade 2<1"]);
}

#[test]
fn of_two_equal_signs_on_a_refuge_island_one_is_removed() {
    let (left, right) = (stop(1, 0.0), stop(2, 3.5));
    assert_eq!(of(&[left.clone(), right.clone()], std::slice::from_ref(&left)), ["unseen 2"]);
    // The one that stays has a new id: it stands for the nearer one, and the other one is missing.
    assert_eq!(of(&[left.clone(), right.clone()], &[stop(9, 0.4)]), ["unseen 2", "remade 9<1"]);
    // Both are made anew: each is matched once, the nearest first.
    assert_eq!(of(&[left, right], &[stop(8, 3.0), stop(9, 0.2)]), ["remade 8<2", "remade 9<1"]);
}

#[test]
fn by_id_a_move_over_3_m_or_another_value_is_a_change_at_any_distance() {
    for (east_m, want) in
        [(2.9, &[][..]), (3.1, &["changed 1"]), (30.0, &["changed 1"]), (30_000.0, &["changed 1"])]
    {
        assert_eq!(of(&[stop(1, 0.0)], &[stop(1, east_m)]), want, "{east_m} m");
    }
    let (rows, _) = run(&Diff::new(signs(&[stop(1, 0.0)]), signs(&[stop(1, 30.0)])));
    assert_eq!((rows[0].by.as_deref(), rows[0].old_id.as_deref()), (Some("id"), None));
    assert!((rows[0].moved_m.unwrap() - 30.0).abs() < 0.01);
    assert_eq!(of(&[stop(1, 0.0)], &[Sign { value: STOP_2.to_owned(), ..stop(1, 0.0) }]), ["changed 1"]);
    // A change comes before a later date, and a later date before nothing.
    let later = Sign { last_ms: Some(noon(200)), ..stop(1, 0.0) };
    assert_eq!(of(&[stop(1, 0.0)], std::slice::from_ref(&later)), ["seen_again 1"]);
    assert_eq!(of(std::slice::from_ref(&later), &[stop(1, 0.0)]), Vec::<String>::new());
    assert_eq!(of(&[stop(1, 0.0)], &[Sign { at: place(5.0, 0.0), ..later }]), ["changed 1"]);
}

#[test]
fn a_speed_limit_on_one_post_that_becomes_another_is_one_missing_and_one_new() {
    let (fifty, thirty) =
        (sign(1, FIFTY, place(0.0, 0.0), noon(1)), sign(2, THIRTY, place(0.2, 0.0), noon(9)));
    assert_eq!(of(std::slice::from_ref(&fifty), &[thirty]), ["unseen 1", "new 2"]);
    assert_eq!(of(&[fifty], &[sign(1, THIRTY, place(0.0, 0.0), noon(9))]), ["changed 1"]);
}

#[test]
fn signs_of_one_name_that_face_other_ways_are_two() {
    let facing = |id: i64, angle: f64| Sign { facing: Some(angle), ..stop(id, 0.0) };
    assert_eq!(of(&[facing(1, 350.0)], &[facing(2, 49.0)]), ["remade 2<1"]);
    assert_eq!(of(&[facing(1, 350.0)], &[facing(2, 51.0)]), ["unseen 1", "new 2"]);
    assert_eq!(of(&[facing(1, 350.0)], &[stop(2, 1.0)]), ["remade 2<1"]);
}

#[test]
fn a_sign_that_an_update_had_marked_is_back_and_one_that_it_marks_is_missing() {
    let marked = |sign: Sign| Sign { crawled_ms: Some(noon(300)), ..sign };
    assert_eq!(of(&[marked(stop(1, 0.0))], &[stop(1, 0.0)]), ["back 1"]);
    assert_eq!(of(&[marked(stop(1, 0.0))], &[stop(2, 5.0)]), ["back 2<1"]);
    assert_eq!(of(&[stop(1, 0.0)], &[marked(stop(1, 0.0))]), ["unseen 1"]);
    assert_eq!(of(&[marked(stop(1, 0.0))], &[marked(stop(1, 0.0))]), Vec::<String>::new());
    assert_eq!(of(&[marked(stop(1, 0.0))], &[]), Vec::<String>::new());
}

/// Signs that are seen again whenever somebody passes, far from the others, so that the rate of looks is 1.
fn reliable() -> (Vec<Sign>, Vec<Sign>, Vec<Image>) {
    let at = |number: i64| place(10_000.0 + 100.0 * f64::from(i32::try_from(number).unwrap()), 0.0);
    let old = (0..20).map(|number| sign(1000 + number, STOP, at(number), noon(10))).collect();
    let new = (0..20).map(|number| sign(1000 + number, STOP, at(number), noon(210))).collect();
    let by = |number: i64| {
        let [lon, lat] = at(number);
        pano(10_000 + number, &format!("r{number}"), [lon, lat + 0.0001], noon(200))
    };
    (old, new, (0..20).map(by).collect())
}

/// What becomes of a sign at the corner that the new result lacks, when these images are given.
fn verdict(missing: Sign, looks: &[Image]) -> (String, Option<i64>, Option<i64>, Option<i64>) {
    let (mut old, new, mut seen_by) = reliable();
    old.push(missing);
    seen_by.extend_from_slice(looks);
    let diff = Diff::new(signs(&old), signs(&new)).with_seen_by(images(&seen_by)).with_as_of(noon(400));
    let (rows, counts) = run(&diff);
    assert_eq!(counts.rate(), Some(1.0));
    let row = rows.into_iter().find(|row| row.id == "1").unwrap();
    (row.change, row.looks, row.look_sequences, row.last_look)
}

/// Panoramas of two sequences on two days, ten metres from the corner.
fn four() -> Vec<Image> {
    let image =
        |number: i64| pano(number, if number < 3 { "a" } else { "b" }, place(0.0, 10.0), noon(198 + number));
    (1..=4).map(image).collect()
}

#[test]
fn four_looks_of_two_sequences_on_two_days_make_it_gone_where_looks_never_fail() {
    assert_eq!(verdict(stop(1, 0.0), &four()), ("gone".to_owned(), Some(4), Some(2), Some(noon(202))));
    assert_eq!(
        verdict(stop(1, 0.0), &four()[..3]),
        ("maybe_gone".to_owned(), Some(3), Some(2), Some(noon(201)))
    );
    assert_eq!(verdict(stop(1, 0.0), &[]), ("unseen".to_owned(), Some(0), Some(0), None));
    let one_sequence: Vec<_> =
        four().into_iter().map(|image| Image { sequence: Some("a".into()), ..image }).collect();
    assert_eq!(verdict(stop(1, 0.0), &one_sequence).0, "maybe_gone");
    let one_day: Vec<_> =
        four().into_iter().map(|image| Image { captured_ms: Some(noon(199)), ..image }).collect();
    assert_eq!(verdict(stop(1, 0.0), &one_day).0, "maybe_gone");
}

/// The number of looks of images that are made from the four.
fn looks(change: impl Fn(Image) -> Image) -> Option<i64> {
    verdict(stop(1, 0.0), &four().into_iter().map(change).collect::<Vec<_>>()).1
}

#[test]
fn nobody_looks_at_night_from_too_near_or_far_or_with_a_bad_picture() {
    let at = |north_m: f64| move |image: Image| Image { at: place(0.0, north_m), ..image };
    assert_eq!(
        looks(|image| Image { captured_ms: image.captured_ms.map(|ms| ms - DAY_MS / 2), ..image }),
        Some(0)
    );
    assert_eq!(
        (looks(at(2.9)), looks(at(3.1)), looks(at(24.9)), looks(at(25.1))),
        (Some(0), Some(4), Some(4), Some(0))
    );
    let quality = |score: f64| looks(|image| Image { quality: Some(score), ..image });
    assert_eq!((quality(0.29), quality(0.3)), (Some(0), Some(4)));
    assert_eq!(looks(|image| Image { captured_ms: None, ..image }), Some(0));
    assert_eq!(looks(|image| Image { captured_ms: Some(0), ..image }), Some(0));
}

#[test]
fn a_flat_image_looks_only_ahead_and_only_if_its_direction_is_known() {
    // The sign is to the south.
    let flat = |angle: Option<f64>| looks(|image| Image { is_pano: Some(false), angle, ..image });
    assert_eq!((flat(Some(180.0)), flat(Some(151.0)), flat(Some(209.0))), (Some(4), Some(4), Some(4)));
    assert_eq!(
        (flat(Some(149.0)), flat(Some(211.0)), flat(Some(0.0)), flat(None)),
        (Some(0), Some(0), Some(0), Some(0))
    );
    assert_eq!(looks(|image| Image { is_pano: None, angle: Some(90.0), ..image }), Some(0));
}

#[test]
fn panoramas_alone_look_in_every_direction_whatever_their_compass_says() {
    for angle in [None, Some(0.0), Some(180.0), Some(270.0)] {
        assert_eq!(looks(|image| Image { is_pano: Some(true), angle, ..image }), Some(4), "{angle:?}");
    }
    // And they can tell that a sign is gone.
    let turned: Vec<_> = four().into_iter().map(|image| Image { angle: Some(0.0), ..image }).collect();
    assert_eq!(verdict(stop(1, 0.0), &turned).0, "gone");
}

#[test]
fn a_sign_that_was_taken_away_and_put_up_again_is_missing_and_then_back_or_new() {
    let (there, away) = ([stop(1, 0.0)], []);
    assert_eq!(of(&there, &away), ["unseen 1"]);
    // A file that was brought up to date remembers it, and one that was asked for anew does not.
    let remembered = [Sign { crawled_ms: Some(noon(300)), ..stop(1, 0.0) }];
    assert_eq!(of(&remembered, &there), ["back 1"]);
    assert_eq!(of(&away, &there), ["new 1"]);
}

#[test]
fn a_sign_is_not_seen_from_behind() {
    for (facing, want) in [(0.0, 4), (74.0, 4), (76.0, 0), (180.0, 0), (286.0, 4), (284.0, 0)] {
        let turned = Sign { facing: Some(facing), ..stop(1, 0.0) };
        assert_eq!(verdict(turned, &four()).1, Some(want), "{facing}");
    }
}

#[test]
fn images_of_the_day_when_it_was_last_seen_are_no_looks_and_neither_are_recent_ones() {
    let on = |moment_ms: i64| looks(|image| Image { captured_ms: Some(moment_ms), ..image });
    assert_eq!((on(noon(100)), on(noon(101)), on(noon(101) + 1)), (Some(0), Some(0), Some(4)));
    // The new result is of day 400, and what is younger than 60 days is not processed yet.
    assert_eq!((on(noon(340)), on(noon(340) + 1)), (Some(4), Some(0)));
}

#[test]
fn an_image_that_is_listed_twice_is_one_look() {
    let twice: Vec<_> = four().into_iter().flat_map(|image| [image.clone(), image]).collect();
    assert_eq!(verdict(stop(1, 0.0), &twice).1, Some(4));
}

#[test]
fn road_works_that_are_removed_within_the_lag_are_unseen() {
    let (old, new) = ([sign(1, "temporary--roadworks--g1", place(0.0, 0.0), noon(350))], []);
    let later: Vec<_> =
        four().into_iter().map(|image| Image { captured_ms: Some(noon(360 + image.id)), ..image }).collect();
    let diff = Diff::new(signs(&old), signs(&new)).with_seen_by(images(&later)).with_as_of(noon(400));
    assert_eq!(changes(&diff), ["unseen 1"]);
    // With a shorter wait, they were looked for.
    assert_eq!(changes(&diff.with_lag(std::time::Duration::from_secs(86_400))), ["maybe_gone 1"]);
}

#[test]
fn a_sign_that_is_listed_still_may_be_gone_if_nobody_sees_it_any_more() {
    let (mut old, mut new, mut seen_by) = reliable();
    old.push(stop(1, 0.0));
    new.push(stop(1, 0.0));
    seen_by.extend(four());
    let diff = Diff::new(signs(&old), signs(&new)).with_seen_by(images(&seen_by)).with_as_of(noon(400));
    let (rows, counts) = run(&diff);
    // Twenty of the looks found their sign, one sequence after the other; two did not.
    assert!((counts.rate().unwrap() - 20.0 / 22.0).abs() < 1e-12);
    let row = rows.iter().find(|row| row.id == "1").unwrap();
    assert_eq!((row.change.as_str(), row.looks, row.look_sequences), ("maybe_gone", Some(4), Some(2)));
    assert_eq!(counts.of(Change::SeenAgain), 20);
    // It is not said of those that were seen again.
    assert!(rows.iter().all(|row| row.id == "1" || row.change == "seen_again"));
}

#[test]
fn without_images_nothing_is_gone_and_looks_are_not_known() {
    let (rows, counts) = run(&Diff::new(signs(&[stop(1, 0.0)]), signs(&[])));
    assert_eq!((rows[0].change.as_str(), rows[0].looks, rows[0].look_sequences), ("unseen", None, None));
    assert_eq!(counts.rate(), None);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let diff = Diff::new(signs(&[]), signs(&[]));
    for metres in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(diff.clone().with_within_m(metres).run().is_err(), "{metres}");
    }
    let photos = images(&[pano(1, "a", place(0.0, 0.0), noon(1))]);
    let error = Diff::new(photos.clone(), photos.clone()).with_seen_by(photos.clone()).run().unwrap_err();
    assert_eq!(error.to_string(), "looks are counted for map features, and these are images");
    assert!(diff.clone().with_seen_by(signs(&[])).run().is_err());
    let error = Diff::new(signs(&[stop(1, 0.0)]), photos).run().unwrap_err();
    assert_eq!(error.to_string(), "OLD has map features, and NEW has images");
}
