//! What photos and detections tell of signs.

use mly_jobs::assets::Assets;

use super::signs::{
    AssetRow, BEGIN_MS, DAY_MS, DetectionRow, PhotoRow, STOP, SignRow, detections, photo, photos, rows_of,
    sign, signs,
};

fn inventory(all: &[SignRow], seen: &[DetectionRow], taken: &[PhotoRow]) -> Vec<AssetRow> {
    rows_of(&Assets::of(signs(all)).with_detections(detections(seen)).with_images(photos(taken)))
}

fn only(all: &[SignRow], seen: &[DetectionRow], taken: &[PhotoRow]) -> AssetRow {
    let [row] = &inventory(all, seen, taken)[..] else { panic!() };
    row.clone()
}

/// A box as high and wide as given, in the middle of a photo.
fn middle(size: f64) -> Vec<[f64; 4]> {
    vec![[0.5 - size / 2.0, 0.5 - size / 2.0, 0.5 + size / 2.0, 0.5 + size / 2.0]]
}

fn is_near(found: Option<Vec<f64>>, want: [f64; 4]) -> bool {
    found.is_some_and(|found| found.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-9))
}

#[test]
fn photos_and_sequences_and_detections_are_counted() {
    let other = PhotoRow { sequence: "s2", ..photo(13, 20.0, 4) };
    let taken = [photo(11, 10.0, 1), photo(12, 15.0, 1), other];
    let seen = [(1, 7, 11, middle(0.1)), (2, 7, 12, middle(0.08)), (3, 7, 13, middle(0.05))];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &taken);
    assert_eq!((row.images, row.sequences, row.detections), (Some(3), Some(2), Some(3)));
    // Two drives, and one photo more: 1 - 2^-(2 + 1/4).
    assert!((row.evidence - (1.0 - 0.5_f64.powf(2.25))).abs() < 1e-12);
}

#[test]
fn a_sign_faces_those_who_see_it() {
    let taken = [photo(11, 10.0, 1), photo(12, 15.0, 1)];
    let seen = [(1, 7, 11, middle(0.1)), (2, 7, 12, middle(0.08))];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &taken);
    assert!((row.facing.unwrap() - 180.0).abs() < 0.01);
    // What the service says itself comes first.
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4]).facing(170.0)], &seen, &taken);
    assert_eq!(row.facing, Some(170.0));
}

#[test]
fn a_compass_that_is_wrong_does_not_turn_a_sign() {
    // Directions come from positions alone. Seen from both sides it has none.
    let north = PhotoRow { at_m: [0.0, 10.0], ..photo(12, 0.0, 1) };
    let seen = [(1, 7, 11, middle(0.1)), (2, 7, 12, middle(0.1))];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &[photo(11, 10.0, 1), north]);
    assert_eq!(row.facing, None);
}

#[test]
fn the_best_photo_is_large_new_good_and_by_day() {
    let signs = [sign(7, STOP, [0.0, 0.0], [1, 2000]).facing(180.0)];
    let best = |taken: &[PhotoRow; 2], boxes: [Vec<[f64; 4]>; 2]| {
        let [one, other] = boxes;
        let seen = [(1, 7, taken[0].id, one), (2, 7, taken[1].id, other)];
        only(&signs, &seen, taken).best_image_id
    };
    let (a, b) = (photo(11, 10.0, 1), photo(12, 10.0, 1));
    let same = || [middle(0.1), middle(0.1)];
    assert_eq!(best(&[a.clone(), b.clone()], same()), Some(11), "equal ones: the smaller id");
    assert_eq!(best(&[a.clone(), b.clone()], [middle(0.1), middle(0.11)]), Some(12), "larger");
    assert_eq!(best(&[a.clone(), photo(12, 10.0, 1900)], same()), Some(12), "newer");
    assert_eq!(best(&[a.clone(), PhotoRow { quality: 0.6, ..b.clone() }], same()), Some(12), "better");
    let night = PhotoRow { captured_at: BEGIN_MS + DAY_MS, ..a.clone() };
    assert_eq!(best(&[night, b.clone()], same()), Some(12), "by day");
    let aside = PhotoRow { at_m: [10.0, 0.0], ..a.clone() };
    assert_eq!(best(&[aside, b.clone()], same()), Some(12), "from the front");
    let cut = vec![[0.0, 0.45, 0.1, 0.55]];
    assert_eq!(best(&[a.clone(), b.clone()], [cut.clone(), middle(0.1)]), Some(12), "not cut by the edge");
    let pano = |photo: &PhotoRow| PhotoRow { is_pano: true, ..photo.clone() };
    assert_eq!(best(&[pano(&a), pano(&b)], [cut, middle(0.1)]), Some(12), "not on the seam");
}

#[test]
fn a_sign_on_the_seam_of_a_panorama_is_one_box() {
    let pano = PhotoRow { is_pano: true, size: [8000, 4000], ..photo(11, 10.0, 1) };
    let halves = [vec![[0.97, 0.4, 1.0, 0.5]], vec![[0.0, 0.41, 0.03, 0.5]]];
    let want = [0.97, 0.4, 1.03, 0.5];
    let [one, other] = halves.clone();
    let row = only(
        &[sign(7, STOP, [0.0, 0.0], [1, 4])],
        &[(1, 7, 11, halves.concat())],
        std::slice::from_ref(&pano),
    );
    assert!(is_near(row.area, want), "{:?}", row.crop);
    // The same as two detections.
    let seen = [(1, 7, 11, one), (2, 7, 11, other)];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &[pano]);
    assert!(is_near(row.area, want) && row.detections == Some(2));
    assert!(is_near(row.crop, [0.955, 0.375, 1.045, 0.525]));
}

#[test]
fn photos_that_are_gone_count_for_nothing() {
    let seen = [(1, 7, 11, middle(0.1)), (2, 7, 12, middle(0.2))];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &[photo(11, 10.0, 1)]);
    assert_eq!((row.images, row.best_image_id), (Some(2), Some(11)));
}

#[test]
fn one_drive_that_sees_two_equal_signs_apart_proves_them_two() {
    let pair = [sign(1, STOP, [0.0, 0.0], [0, 0]), sign(2, STOP, [3.5, 0.0], [2, 2])];
    let taken = [photo(11, 10.0, 0), photo(12, 10.0, 2)];
    let seen = [(1, 1, 11, middle(0.1)), (2, 2, 12, middle(0.1))];
    assert_eq!(inventory(&pair, &seen, &taken).len(), 2);
    let other = PhotoRow { sequence: "s2", ..photo(12, 10.0, 2) };
    assert_eq!(inventory(&pair, &seen, &[photo(11, 10.0, 0), other]).len(), 1);
}

/// The direction in which a vector of all directions, as long as their weights, is longest, by trying all of them.
fn longest(all: &[(f64, f64)]) -> f64 {
    let along = |to: f64| all.iter().map(|(way, weight)| weight * (way - to).to_radians().cos()).sum::<f64>();
    let best = |begin: f64, step: f64, count: i32| {
        (0..count)
            .map(|i| begin + f64::from(i) * step)
            .max_by(|a, b| along(*a).total_cmp(&along(*b)))
            .unwrap()
    };
    let coarse = best(0.0, 1.0, 360);
    best(coarse - 1.0, 0.001, 2000)
}

#[test]
fn the_facing_is_the_mean_of_directions_by_the_height_of_the_boxes() {
    let spots = [([3.0, -8.0], 0.2), ([-2.0, -15.0], 0.05), ([9.0, -12.0], 0.1)];
    let mut taken = Vec::new();
    let mut seen = Vec::new();
    let mut ways = Vec::new();
    for (id, (at_m, size)) in (11..).zip(spots) {
        taken.push(PhotoRow { at_m, ..photo(id, 0.0, 1) });
        seen.push((id, 7, id, middle(size)));
        ways.push((at_m[0].atan2(at_m[1]).to_degrees(), size));
    }
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &taken);
    let turn = (row.facing.unwrap() - longest(&ways) + 180.0).rem_euclid(360.0) - 180.0;
    assert!(turn.abs() < 0.02, "{:?} {}", row.facing, longest(&ways));
}

#[test]
fn the_best_photo_is_that_of_all_detections_in_order() {
    // All by day, from the front and whole: the height of the box, the age and the quality decide.
    let mut taken = Vec::new();
    let mut seen = Vec::new();
    let mut worths = Vec::new();
    for small in 0..40_i32 {
        let number = i64::from(small);
        let (day, size) = (small * 37 % 1500, 0.02 + 0.001 * f64::from((small * 29) % 40));
        let quality = f64::from((small * 13) % 10) / 10.0;
        taken.push(PhotoRow { quality, ..photo(100 + number, 5.0 + f64::from(small % 7), day.into()) });
        seen.push((number, 7, 100 + number, middle(size)));
        let age = (1499.5 - (f64::from(day) + 0.5)) * 86_400_000.0;
        let recency = (-age / (3.0 * 365.25 * 86_400_000.0)).exp2();
        worths.push(((size * 3000.0).ln() + recency + quality, 100 + number));
    }
    worths.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    assert!(worths[0].0 - worths[1].0 > 0.005, "{worths:?}");
    let all = [sign(7, STOP, [0.0, 0.0], [0, 1499]).facing(180.0)];
    assert_eq!(only(&all, &seen, &taken).best_image_id, Some(worths[0].1));
}

#[test]
fn detections_without_photos_count_and_show_nothing() {
    let seen = [(1, 7, 11, middle(0.1)), (2, 7, 12, middle(0.2))];
    let row = only(&[sign(7, STOP, [0.0, 0.0], [1, 4])], &seen, &[]);
    assert_eq!((row.images, row.sequences, row.detections), (Some(2), Some(0), Some(2)));
    // The larger one in any photo.
    assert_eq!(row.best_image_id, Some(12));
}
