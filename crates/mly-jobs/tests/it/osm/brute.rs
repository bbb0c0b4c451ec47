//! Things against the definition, pair by pair.

use geographiclib_rs::{Geodesic, InverseGeodesic};
use mly_jobs::osm::SignsInOsm;
use proptest::prelude::*;

use super::town::Town;
use crate::assets::signs::{LIMIT, STOP, SignRow, place, sign, signs};

fn metres(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (a, b) = (place(a), place(b));
    Geodesic::wgs84().inverse(a[1], a[0], b[1], b[0])
}

const BENCH: &str = "object--bench";

prop_compose! {
    fn some_sign()(
        at in [-60.0..60.0_f64, -60.0..60.0_f64],
        value in prop_oneof![Just(BENCH), Just(STOP), Just(LIMIT)],
        direction in proptest::option::of(0.0..360.0_f64),
    ) -> SignRow {
        SignRow { direction, ..sign(0, value, at, [0, 9]) }
    }
}

fn numbered(all: Vec<SignRow>) -> Vec<SignRow> {
    (1..).zip(all).map(|(id, sign)| SignRow { id, ..sign }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_nearest_thing_is_that_of_brute_force(
        benches in proptest::collection::vec([-60.0..60.0_f64, -60.0..60.0_f64], 0..20),
        all in proptest::collection::vec(some_sign(), 1..20).prop_map(numbered),
    ) {
        let mut town = Town::street(vec![("highway", "residential")]);
        for (id, at) in (1000..).zip(&benches) {
            town = town.node(id, *at, vec![("amenity", "bench")]);
        }
        let rows = town.compared(&all);
        for (row, sign) in rows.iter().zip(&all).filter(|(_, sign)| sign.value == BENCH) {
            let mut near: Vec<_> = (1000_i64..).zip(&benches).map(|(id, at)| (metres(sign.at_m, *at), id)).collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((distance, id)) = near.first().filter(|(distance, _)| *distance <= 10.0) {
                    prop_assert_eq!(row.osm_id.clone(), Some(format!("node/{id}")));
                    prop_assert!((row.distance_m.unwrap() - distance).abs() < 0.02);
            } else {
                prop_assert_eq!(&row.status, "missing");
            }
        }
    }

    #[test]
    fn the_order_of_rows_and_elements_changes_no_byte(
        (all, shuffled) in proptest::collection::vec(some_sign(), 0..20).prop_map(numbered)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        seed in 0..7_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut town = Town::street(vec![("highway", "residential"), ("maxspeed", "50")]).node(106, [0.0, 0.0], vec![("highway", "stop")]);
        town.way(2, vec![(300, [-90.0, 20.0]), (301, [90.0, 25.0])], vec![("highway", "service")]);
        let of = |town: &Town, all: &[SignRow]| {
            let found = SignsInOsm::of(signs(all), town.file(&folder)).run().unwrap();
            (format!("{:?}", found.table().unwrap().batches()), found.challenge(), found.josm(), found.change().unwrap())
        };
        let one = of(&town, &all);
        let count = town.nodes.len();
        town.nodes.rotate_left(seed % count);
        town.ways.reverse();
        prop_assert_eq!(one, of(&town, &shuffled));
    }
}
