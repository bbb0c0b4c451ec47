//! What must not change an answer.

use proptest::prelude::*;

use mly_jobs::Streets;

use super::scene::{
    Image, Metres, Row, Street, answer, drive, images as scene_images, lone, roads, run, street,
};

/// A small grid of streets.
fn grid() -> Vec<Street> {
    let mut streets = Vec::new();
    for (number, id) in (0..4).zip(1..) {
        let at = f64::from(number) * 80.0;
        streets.push(street(id, &[(0.0, at), (80.0, at), (160.0, at), (240.0, at)]));
        streets.push(street(id + 10, &[(at, 0.0), (at, 80.0), (at, 160.0), (at, 240.0)]));
    }
    streets
}

/// Drives along the grid, with some noise, and lone images.
fn shots() -> impl Strategy<Value = Vec<Image>> {
    let corner = (0..4_i32, 0..4_i32).prop_map(|(x, y)| (f64::from(x) * 80.0, f64::from(y) * 80.0));
    let noise = proptest::collection::vec((-8.0..8.0_f64, -8.0..8.0_f64), 400);
    let drives = proptest::collection::vec((corner, 0..4_i32, 0..4_i32, 4.0..30.0_f64), 1..4);
    let lones = proptest::collection::vec((0.0..240.0_f64, 0.0..240.0_f64), 0..10);
    (drives, noise, lones).prop_map(|(drives, noise, lones)| {
        let mut noise = noise.into_iter().cycle();
        let mut images: Vec<Image> = lones.into_iter().zip(1..).map(|(at, id)| lone(id, at)).collect();
        for (((x, y), to_x, to_y, step_m), number) in drives.into_iter().zip(1..) {
            // Along one street and then along another one.
            let (to_x, to_y) = (f64::from(to_x) * 80.0, f64::from(to_y) * 80.0);
            let line: Vec<Metres> = [(x, y), (to_x, y), (to_x, to_y)].into();
            if (to_x - x).abs() < 1.0 || (to_y - y).abs() < 1.0 {
                continue;
            }
            images.extend(drive(number, &line, step_m).into_iter().zip(noise.by_ref()).map(
                |(image, (east, north))| {
                    let [lon, lat] = image.at;
                    Image { at: [lon + east / 68_677.55, lat + north / 111_267.33], ..image }
                },
            ));
        }
        images
    })
}

/// Whether all columns of two rows but the id and the line are equal, up to the noise of sums.
fn is_same(one: &Row, other: &Row, pairs: [&str; 2]) -> bool {
    let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-4,
        (a, b) => a == b,
    };
    near(one.float(pairs[0]), other.float(pairs[1]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_changes_no_byte(images in shots(), turn in 0..100_usize) {
        let streets = grid();
        let (mut others, mut shuffled) = (streets.clone(), images.clone());
        others.reverse();
        others.rotate_left(turn % streets.len());
        shuffled.reverse();
        shuffled.rotate_left(turn % images.len().max(1));
        let (one, other) = (answer(&streets, &images), answer(&others, &shuffled));
        prop_assert_eq!(one.streets.batches(), other.streets.batches());
        prop_assert_eq!(one.gaps.batches(), other.gaps.batches());
        prop_assert_eq!(one.counts, other.counts);
    }

    #[test]
    fn threads_and_sorting_on_the_disk_change_no_byte(images in shots(), memory in 1..60_usize, threads in 1..5_usize) {
        // Some images are listed twice, and some have the same time.
        let images: Vec<Image> = images.iter().chain(images.iter().step_by(7)).cloned().collect();
        let one = answer(&grid(), &images);
        let job = Streets::new(roads(&grid()), scene_images(&images)).with_images_in_memory(memory);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let other = pool.install(|| job.run()).unwrap();
        prop_assert_eq!(one.streets.batches(), other.streets.batches());
        prop_assert_eq!(one.gaps.batches(), other.gaps.batches());
        prop_assert_eq!(one.counts, other.counts);
    }

    #[test]
    fn more_images_never_lower_what_is_covered(images in shots(), more in shots()) {
        let renamed = more.into_iter().map(|image| {
            Image { id: image.id + 1_000_000, sequence: image.sequence.map(|name| format!("later {name}")), ..image }
        });
        let before = run(&grid(), &images);
        let after = run(&grid(), &images.into_iter().chain(renamed).collect::<Vec<_>>());
        for (id, row) in &before {
            for share in ["covered", "covered_forward", "covered_backward", "covered_fresh"] {
                prop_assert!(after[id].float(share) >= row.float(share), "{id} {share}");
            }
        }
    }

    #[test]
    fn a_street_that_is_drawn_the_other_way_round_swaps_its_directions(images in shots()) {
        let turned: Vec<_> = grid().into_iter().map(|mut street| { street.line.reverse(); street }).collect();
        let (one, other) = (run(&grid(), &images), run(&turned, &images));
        for (id, row) in &one {
            // The pieces of a way are numbered from its beginning.
            let (way, number) = id.split_once('-').unwrap();
            let counterpart = &other[&format!("{way}-{}", 2 - number.parse::<i32>().unwrap())];
            for pair in [["covered", "covered"], ["covered_forward", "covered_backward"], ["covered_backward", "covered_forward"]] {
                prop_assert!(is_same(row, counterpart, pair), "{id} {pair:?}: {row:?} {counterpart:?}");
            }
            prop_assert_eq!(row.int("passes_forward"), counterpart.int("passes_backward"));
            prop_assert_eq!(row.int("images"), counterpart.int("images"));
        }
    }

    #[test]
    fn a_street_that_is_cut_into_pieces_is_covered_as_much(step_m in 4.0..45.0_f64, cuts in proptest::collection::btree_set(1..29_i32, 0..6)) {
        let whole = street(1, &[(0.0, 0.0), (300.0, 0.0)]);
        let mut ends = vec![0.0];
        ends.extend(cuts.iter().map(|cut| f64::from(*cut) * 10.0));
        ends.push(300.0);
        let pieces: Vec<_> = ends.windows(2).zip(1..).map(|(pair, id)| street(id, &[(pair[0], 0.0), (pair[1], 0.0)])).collect();
        let images = drive(1, &[(0.0, 0.0), (300.0, 0.0)], step_m);
        let one = run(&[whole], &images)["1-0"].metres("covered");
        let others: f64 = run(&pieces, &images).values().map(|row| row.metres("covered")).sum();
        // An image shows nothing beyond the end of its piece, which matters behind the last image only. And the last image
        // stays on the piece before, when it is only a few metres beyond its end.
        let last = (300.0 / step_m).floor() * step_m;
        let is_cut_at_end = cuts.iter().any(|cut| (last - 12.0..last + 10.0).contains(&(f64::from(*cut) * 10.0)));
        prop_assume!(!is_cut_at_end);
        prop_assert!((one - others).abs() < 0.02, "{one} {others}");
    }
}
