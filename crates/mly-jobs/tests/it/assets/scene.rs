//! Situations that occur in streets.

use super::signs::{AssetRow, LIMIT, PLATE, STOP, SignRow, assets_of, groups_of, sign};

fn members(all: &[SignRow]) -> Vec<Vec<i64>> {
    groups_of(all).0
}

fn posts(all: &[SignRow]) -> Vec<(i64, i64)> {
    groups_of(all).1
}

#[test]
fn a_sign_that_was_made_again_beyond_ten_metres_is_one() {
    for (metres, is_one) in
        [(2.0, true), (9.0, true), (12.0, true), (14.9, true), (15.1, false), (30.0, false)]
    {
        let pair = [sign(7, STOP, [0.0, 0.0], [0, 9]), sign(5, STOP, [metres, 0.0], [100, 101])];
        let want = if is_one { vec![vec![5, 7]] } else { vec![vec![5], vec![7]] };
        assert_eq!(members(&pair), want, "{metres} m");
    }
}

#[test]
fn value_and_place_are_those_of_the_feature_seen_last() {
    let new = "regulatory--stop--g2";
    let pair = [sign(5, STOP, [0.0, 0.0], [0, 9]), sign(7, new, [8.0, 0.0], [100, 101])];
    let [asset] = &assets_of(&pair)[..] else { panic!() };
    assert_eq!((asset.id, &*asset.value), (5, new));
}

#[test]
fn signs_that_were_there_at_the_same_time_are_two() {
    // On the day on which one ends the other begins: closed intervals.
    let pair = [sign(1, STOP, [0.0, 0.0], [0, 100]), sign(2, STOP, [8.0, 0.0], [100, 200])];
    assert_eq!(members(&pair), [[1], [2]]);
    let pair = [sign(1, STOP, [0.0, 0.0], [0, 99]), sign(2, STOP, [8.0, 0.0], [100, 200])];
    assert_eq!(members(&pair), [[1, 2]]);
}

#[test]
fn two_refuge_signs_that_one_day_saw_are_two() {
    // One drive sees both within seconds, so that their times do not overlap.
    let mut pair = [sign(1, STOP, [0.0, 0.0], [0, 0]), sign(2, STOP, [3.5, 0.0], [0, 0])];
    assert_eq!(members(&pair), [[1], [2]]);
    pair[1].at_m = [1.0, 0.0];
    assert_eq!(members(&pair), [[1], [2]], "equal times overlap");
}

#[test]
fn a_sign_of_another_value_or_direction_is_another() {
    let first = sign(1, STOP, [0.0, 0.0], [0, 9]);
    assert_eq!(members(&[first.clone(), sign(2, LIMIT, [5.0, 0.0], [100, 101])]), [[1], [2]]);
    let turned =
        |degrees: f64| [first.clone().facing(10.0), sign(2, STOP, [5.0, 0.0], [100, 101]).facing(degrees)];
    assert_eq!(members(&turned(54.0)), [[1, 2]]);
    assert_eq!(members(&turned(325.5)), [[1, 2]]);
    assert_eq!(members(&turned(56.0)), [[1], [2]]);
    let unknown = [first.clone().facing(10.0), sign(2, STOP, [5.0, 0.0], [100, 101])];
    assert_eq!(members(&unknown), [[1, 2]]);
}

#[test]
fn an_equal_pair_across_the_road_that_one_photo_shows_is_two() {
    let pair = |photos: [&[i64]; 2]| {
        [sign(1, STOP, [0.0, 0.0], [0, 9]).on(photos[0]), sign(2, STOP, [9.0, 0.0], [100, 101]).on(photos[1])]
    };
    assert_eq!(members(&pair([&[11, 12], &[12, 13]])), [[1], [2]]);
    assert_eq!(members(&pair([&[11, 12], &[13]])), [[1, 2]]);
}

#[test]
fn back_to_back_signs_share_a_post_and_are_two() {
    let pair =
        [sign(1, STOP, [0.0, 0.0], [0, 9]).facing(90.0), sign(2, STOP, [0.1, 0.0], [100, 101]).facing(270.0)];
    assert_eq!(groups_of(&pair), (vec![vec![1], vec![2]], vec![(1, 1), (2, 1)]));
    assert!(assets_of(&pair).iter().all(|asset| asset.post_size == 2));
}

#[test]
fn a_gantry_of_four_limits_is_four_signs_and_no_post() {
    let lanes: Vec<_> =
        (0..4_u8).map(|lane| sign(lane.into(), LIMIT, [f64::from(lane) * 3.5, 0.0], [0, 9])).collect();
    assert_eq!(groups_of(&lanes).0.len(), 4);
    assert!(posts(&lanes).iter().all(|(id, post)| id == post));
}

#[test]
fn a_plate_belongs_to_the_nearest_sign_within_two_and_a_half_metres() {
    let all = [
        sign(1, STOP, [0.0, 0.0], [0, 9]),
        sign(2, LIMIT, [4.0, 0.0], [0, 9]),
        sign(3, PLATE, [1.8, 0.0], [0, 9]),
        sign(4, PLATE, [6.4, 0.0], [0, 9]),
        sign(5, PLATE, [-2.6, 0.0], [0, 9]),
    ];
    assert_eq!(posts(&all), [(1, 1), (2, 2), (3, 1), (4, 2), (5, 5)]);
}

#[test]
fn a_post_is_at_most_three_metres_wide() {
    // The signs span 1.4 m; the plate is 2.4 m from one and 3.8 m from the other.
    let all = [
        sign(1, STOP, [0.0, 0.0], [0, 9]),
        sign(2, LIMIT, [1.4, 0.0], [0, 9]),
        sign(3, PLATE, [3.8, 0.0], [0, 9]),
        sign(4, PLATE, [2.5, 0.0], [0, 9]),
    ];
    assert_eq!(posts(&all), [(1, 1), (2, 1), (3, 3), (4, 1)]);
}

#[test]
fn objects_stand_on_no_post() {
    let all = [sign(1, STOP, [0.0, 0.0], [0, 9]), sign(2, "object--bench", [0.2, 0.0], [0, 9])];
    assert_eq!(posts(&all), [(1, 1), (2, 2)]);
}

#[test]
fn signs_without_dates_are_counted_and_never_joined() {
    let mut pair = [sign(1, STOP, [0.0, 0.0], [0, 9]), sign(2, STOP, [8.0, 0.0], [100, 101])];
    pair[0].days = None;
    // Clocks that were never set.
    pair[1].days = Some([-18_000, -18_000]);
    let (table, found) = mly_jobs::assets::Assets::of(super::signs::signs(&pair)).run().unwrap();
    assert_eq!((table.rows(), found.undated, found.joined), (2, 2, 0));
    assert!(assets_of(&pair).iter().all(|asset| asset.evidence == 0.0));
}

#[test]
fn more_days_and_photos_attest_a_sign_better() {
    let evidence = |all: &[SignRow]| -> f64 {
        let [AssetRow { evidence, .. }] = &assets_of(all)[..] else { panic!() };
        *evidence
    };
    let one = sign(1, STOP, [0.0, 0.0], [5, 5]);
    let rising = [
        evidence(std::slice::from_ref(&one)),
        evidence(&[one.clone().on(&[11, 12])]),
        evidence(&[sign(1, STOP, [0.0, 0.0], [5, 90])]),
        evidence(&[sign(1, STOP, [0.0, 0.0], [5, 90]).on(&[11, 12, 13, 14])]),
        evidence(&[sign(1, STOP, [0.0, 0.0], [5, 90]), sign(2, STOP, [1.0, 0.0], [100, 190])]),
    ];
    assert!(rising.is_sorted() && rising.windows(2).all(|pair| pair[0] < pair[1]), "{rising:?}");
    assert!((rising[0] - 0.5).abs() < 1e-12 && rising.iter().all(|share| (0.0..=1.0).contains(share)));
}

#[test]
fn repeated_ids_and_images_are_no_signs() {
    let again = [sign(1, STOP, [0.0, 0.0], [0, 9]), sign(1, LIMIT, [500.0, 0.0], [0, 90])];
    let (table, found) = mly_jobs::assets::Assets::of(super::signs::signs(&again)).run().unwrap();
    assert_eq!((table.rows(), found.repeated), (1, 1));
    assert_eq!(assets_of(&again)[0].value, LIMIT);
    let images = super::signs::photos(&[super::signs::photo(1, 5.0, 1)]);
    let error = mly_jobs::assets::Assets::of(images).run().unwrap_err();
    assert!(matches!(error, mly::Error::InvalidQuery { .. }), "{error}");
}
