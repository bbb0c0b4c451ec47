//! What dates and photos tell.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, StringArray};
use mly::ColumnKind;
use mly_jobs::Table;
use mly_jobs::osm::SignsInOsm;

use super::town::{Town, rows_of};
use crate::assets::signs::{BEGIN_MS, DAY_MS, STOP, SignRow, place, points, sign, signs, table, times};

const WORKS: &str = "warning--roadworks--g1";

fn street() -> Town {
    Town::street(vec![("highway", "residential")])
}

#[test]
fn signs_near_road_works_of_the_same_time_are_temporary() {
    let all = |metres: f64, days: [i64; 2]| {
        let stop = sign(1, STOP, [4.0, -100.0], [0, 9]).facing(180.0);
        let rows = street().compared(&[stop, sign(2, WORKS, [4.0, -100.0 + metres], days)]);
        rows.into_iter().map(|row| row.status).collect::<Vec<_>>()
    };
    assert_eq!(all(149.0, [9, 20]), ["temporary", "temporary"]);
    assert_eq!(all(149.0, [10, 20]), ["missing", "temporary"]);
    assert_eq!(all(151.0, [0, 9]), ["missing", "temporary"]);
}

#[test]
fn only_lasting_signs_count_if_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let town = street().file(&folder);
    let status = |days: [i64; 2]| {
        let job = SignsInOsm::of(signs(&[sign(1, STOP, [4.0, 0.0], days).facing(180.0)]), &town);
        rows_of(&job.with_permanent(true).run().unwrap().table().unwrap())[0].status.clone()
    };
    assert_eq!((status([0, 200]), status([0, 300])), ("temporary".into(), "missing".into()));
}

#[test]
fn a_sign_on_one_photo_is_weak_and_one_without_photos_told_is_not() {
    let on = |images: &[i64]| street().status(&sign(1, STOP, [4.0, 0.0], [0, 9]).facing(180.0).on(images));
    assert_eq!((on(&[11]), on(&[11, 12])), ("weak".into(), "missing".into()));
    assert_eq!(street().status(&sign(1, STOP, [4.0, 0.0], [0, 9]).facing(180.0)), "missing");
}

/// Photos of a place from so many metres south, by day, in two sequences in turn.
fn photos(count: i64, south_m: f64, day: i64) -> Table {
    let all = || 0..count;
    table(vec![
        ("id", ColumnKind::Int, Arc::new(all().map(|i| 10 + i).collect::<Int64Array>())),
        (
            "sequence_id",
            ColumnKind::Text,
            Arc::new(all().map(|i| Some(format!("s{}", i % 2))).collect::<StringArray>()),
        ),
        (
            "captured_at",
            ColumnKind::Time,
            times(all().map(|i| Some(BEGIN_MS + day * DAY_MS + DAY_MS / 2 + i))),
        ),
        ("compass_angle", ColumnKind::Float, Arc::new(all().map(|_| Some(5.0)).collect::<Float64Array>())),
        ("geometry", ColumnKind::Point, points(all().map(|_| place([4.0, -south_m])))),
    ])
}

#[test]
fn a_thing_that_newer_photos_do_not_show_may_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    // There are objects among the features, so that it is known that objects are recognised.
    let other: [SignRow; 1] = [sign(1, "object--bench", [4.0, 200.0], [0, 9])];
    let rows = |tags: Vec<(&'static str, &'static str)>, images: Table| {
        let town = street().node(900, [4.0, 0.0], tags).node(901, [4.0, 200.0], vec![("amenity", "bench")]);
        let job = SignsInOsm::of(signs(&other), town.file(&folder)).with_looks(images);
        rows_of(&job.run().unwrap().table().unwrap())
    };
    let bench = vec![("amenity", "bench")];
    let found = rows(bench.clone(), photos(4, 10.0, 100));
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[1].status.as_str(), found[1].osm_id.as_deref(), found[1].id),
        ("maybe_removed", Some("node/900"), None)
    );
    assert_eq!(rows(bench.clone(), photos(3, 10.0, 100)).len(), 1, "too few photos");
    assert_eq!(rows(bench.clone(), photos(4, 30.0, 100)).len(), 1, "from too far");
    assert_eq!(rows(bench.clone(), photos(4, -10.0, 100)).len(), 1, "looking away");
    let checked = vec![("amenity", "bench"), ("check_date", "2020-12-01")];
    assert_eq!(rows(checked, photos(4, 10.0, 100)).len(), 1, "checked since");
    assert_eq!(rows(vec![("amenity", "fountain")], photos(4, 10.0, 100)).len(), 1, "never recognised");
    assert_eq!(rows(vec![("highway", "stop")], photos(4, 10.0, 100)).len(), 1, "signs were not asked for");
}

#[test]
fn a_sign_of_openstreetmap_that_photos_do_not_show_may_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let other = [sign(1, "regulatory--yield--g1", [4.0, 200.0], [0, 9]).facing(180.0)];
    let found = |tags: Vec<(&'static str, &'static str)>| {
        let town = street().node(106, [0.0, 0.0], tags);
        let job = SignsInOsm::of(signs(&other), town.file(&folder)).with_looks(photos(4, 10.0, 100));
        rows_of(&job.run().unwrap().table().unwrap()).len() == 2
    };
    assert!(found(vec![("highway", "stop")]));
    assert!(found(vec![("traffic_sign", "DE:274-30")]));
    assert!(!found(vec![("highway", "crossing")]), "a crossing need not have a sign");
}
