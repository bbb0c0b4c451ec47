//! Looks where longitudes end, and images with gaps.

use mly_jobs::Diff;

use super::support::{Image, images, noon, pano, run, sign, signs};

const STOP: &str = "regulatory--stop--g1";

#[test]
fn looks_and_matches_reach_across_the_antimeridian() {
    // Nine metres on either side, on Fiji, where the noon of Greenwich is midnight.
    let (west, east) = ([-179.999_915, -17.0], [179.999_915, -17.0]);
    let (old, new) = ([sign(1, STOP, west, noon(100))], [sign(2, STOP, east, noon(100))]);
    let (rows, _) = run(&Diff::new(signs(&old), signs(&new)).with_within_m(20.0));
    assert_eq!((rows[0].change.as_str(), rows[0].old_id.as_deref()), ("remade", Some("1")));
    assert!((rows[0].moved_m.unwrap() - 18.1).abs() < 0.1, "{rows:?}");
    let photo = pano(5, "a", east, noon(200) - 43_200_000);
    let diff = Diff::new(signs(&old), signs(&[])).with_seen_by(images(&[photo])).with_as_of(noon(400));
    let (rows, _) = run(&diff);
    assert_eq!((rows[0].change.as_str(), rows[0].looks), ("maybe_gone", Some(1)));
}

#[test]
fn images_without_a_sequence_are_of_one_that_is_not_known() {
    let old = [sign(1, STOP, [9.0, 52.0], noon(100))];
    let photo = |id: i64| Image { sequence: None, ..pano(id, "", [9.0, 52.0001], noon(200 + id)) };
    let seen_by: Vec<Image> = (1..9).map(photo).collect();
    let (rows, counts) =
        run(&Diff::new(signs(&old), signs(&[])).with_seen_by(images(&seen_by)).with_as_of(noon(400)));
    assert_eq!(
        (rows[0].change.as_str(), rows[0].looks, rows[0].look_sequences),
        ("maybe_gone", Some(8), Some(1))
    );
    assert_eq!(counts.rate(), None);
}

#[test]
fn the_new_result_is_as_new_as_the_newest_date_that_can_be_true() {
    let old = [sign(1, STOP, [9.0, 52.0], noon(100))];
    let near = |id: i64, moment_ms: i64| pano(id, "a", [9.0, 52.0001], moment_ms);
    let looks =
        |seen_by: &[Image]| run(&Diff::new(signs(&old), signs(&[])).with_seen_by(images(seen_by))).0[0].looks;
    // The newest image itself is younger than 60 days.
    assert_eq!(looks(&[near(1, noon(200))]), Some(0));
    assert_eq!(looks(&[near(1, noon(200)), near(2, noon(260))]), Some(1));
    // A clock that was set to the future makes no image old.
    assert_eq!(looks(&[near(1, noon(200)), near(2, noon(200_000))]), Some(0));
}

#[test]
fn an_undated_sign_has_no_looks_since() {
    let undated = sign(1, STOP, [9.0, 52.0], 0);
    let seen_by = [pano(1, "a", [9.0, 52.0001], noon(200)), pano(2, "a", [9.0, 52.0001], noon(400))];
    let (rows, _) = run(&Diff::new(signs(&[undated]), signs(&[])).with_seen_by(images(&seen_by)));
    assert_eq!((rows[0].change.as_str(), rows[0].looks), ("unseen", Some(0)));
}
