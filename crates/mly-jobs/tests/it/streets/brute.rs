//! The same by trying everything: each image with each street, and each decimetre of a street with each image.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use proptest::prelude::*;

use super::scene::{Image, Metres, drive, lone, run, street};

/// Distance in metres on the ellipsoid.
fn geodesic_m(from: [f64; 2], to: [f64; 2]) -> f64 {
    let (metres, ..): (f64, f64, f64, f64) = Geodesic::wgs84().inverse(from[1], from[0], to[1], to[0]);
    metres
}

/// Distance in metres from a position to a line of two positions: the least one of many places on it, and of places around
/// the best of those.
fn distance_m(at: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let place = |share: f64| [0, 1].map(|axis| line[0][axis] + share * (line[1][axis] - line[0][axis]));
    let (mut centre, mut width) = (0.5, 0.5);
    for _ in 0..8 {
        let shares = (-10..=10).map(|step| (centre + f64::from(step) / 10.0 * width).clamp(0.0, 1.0));
        let measured = shares.map(|share| (geodesic_m(at, place(share)), share));
        let best = measured.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        (centre, width) = (best.1, width * 0.2);
    }
    geodesic_m(at, place(centre))
}

fn places(side: f64, count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Metres>> {
    proptest::collection::vec((0.0..side, 0.0..side), count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lone_images_are_on_the_nearest_street_or_between_two(ends in places(250.0, 12..13), shots in places(250.0, 1..40)) {
        let streets: Vec<_> = ends.chunks(2).zip(1..).map(|(line, id)| street(id, line)).collect();
        let images: Vec<Image> = shots.iter().zip(1..).map(|(place, id)| lone(id, *place)).collect();
        let found = run(&streets, &images);
        let mut want = vec![[0_i64; 2]; streets.len()];
        let mut is_close_call = false;
        for image in &images {
            let mut near: Vec<_> = streets.iter().enumerate().map(|(n, street)| (distance_m(image.at, &street.line), n)).collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            let differences = [near[0].0 - 25.0, near[1].0 - near[0].0, near[1].0 - near[0].0 - 3.0, near[1].0 - 25.0];
            is_close_call |= differences.iter().any(|metres| metres.abs() < 0.01);
            if near[0].0 <= 25.0 {
                let is_ambiguous = near[1].0 <= 25.0 && near[1].0 <= near[0].0 + 3.0;
                want[near[0].1][usize::from(is_ambiguous)] += 1;
            }
        }
        prop_assume!(!is_close_call);
        for (street, want) in streets.iter().zip(want) {
            let row = &found[&format!("{}-0", street.id)];
            prop_assert_eq!([row.int("images").unwrap(), row.int("ambiguous").unwrap()], want, "street {}", street.id);
        }
    }

    #[test]
    fn what_is_covered_is_what_decimetres_say(lones in proptest::collection::vec(0.0..300.0_f64, 0..12), drives in proptest::collection::vec((0.0..300.0_f64, 0.0..300.0_f64, 4.0..60.0_f64), 0..4)) {
        let streets = [street(1, &[(0.0, 0.0), (120.0, 0.0), (300.0, 0.0)])];
        let mut images: Vec<Image> = lones.iter().zip(1..).map(|(east, id)| lone(id, (*east, 1.0))).collect();
        // What each image or pair of images shows, in metres from the beginning.
        let mut shown: Vec<[f64; 2]> = lones.iter().map(|east| [east - 10.0, east + 10.0]).collect();
        for ((from, to, step_m), number) in drives.into_iter().zip(1..) {
            prop_assume!((from - to).abs() > 1.0);
            images.extend(drive(number, &[(from, 1.0), (to, 1.0)], step_m));
            let mut before: Option<f64> = None;
            let mut driven = 0.0;
            while driven <= (to - from).abs() + 1e-6 {
                let at = from + driven * (to - from).signum();
                shown.push([at - 10.0, at + 10.0]);
                // Images are cut at 120 s, which these drives never reach.
                if let Some(before) = before.filter(|before| (before - at).abs() <= 50.0) {
                    shown.push([at.min(before), at.max(before)]);
                }
                before = Some(at);
                driven += step_m;
            }
        }
        let row = run(&streets, &images).remove("1-0").unwrap();
        let is_shown = |metre: f64| shown.iter().any(|[from, to]| (*from..=*to).contains(&metre));
        let covered = (0..3000).filter(|decimetre| is_shown(f64::from(*decimetre) / 10.0 + 0.05)).count();
        let covered = f64::from(u32::try_from(covered).unwrap()) / 10.0;
        // Each end of what is shown can be off by half a decimetre.
        prop_assert!((row.metres("covered") - covered).abs() < 2.0, "{} {covered}", row.metres("covered"));
    }
}
