//! Borders of tiles, tiles that failed, and dates that cannot be true.

use super::scene::{Image, NOON, drive, lone, run, street};

/// Shares of a row: covered, forward, backward.
fn shares(row: &super::scene::Row) -> [Option<f64>; 3] {
    ["covered", "covered_forward", "covered_backward"].map(|name| row.float(name))
}

/// The longitude of the border of two tiles of zoom 14, near the corner of these maps.
const BORDER: f64 = 9.008_789_062_5;

#[test]
fn a_drive_across_the_border_of_two_tiles_is_one_drive_in_whichever_order_tiles_come() {
    let east_m = (BORDER - 9.0) * 68_677.55;
    let streets = [
        street(1, &[(east_m - 150.0, 0.0), (east_m + 150.0, 0.0)]),
        street(2, &[(east_m - 150.0, 12.0), (east_m + 150.0, 12.0)]),
    ];
    let whole = drive(1, &[(east_m - 150.0, 1.0), (east_m + 150.0, 1.0)], 7.0);
    let want = run(&streets, &whole);
    assert_eq!(shares(&want["1-0"]), [Some(1.0), Some(1.0), Some(0.0)]);
    assert_eq!((want["1-0"].int("passes"), want["1-0"].int("sequences")), (Some(1), Some(1)));
    let (west, east): (Vec<_>, Vec<_>) = whole.into_iter().partition(|image| image.at[0] < BORDER);
    assert!(west.len() > 15 && east.len() > 15);
    for tiles in [[&west, &east], [&east, &west]] {
        let found = run(&streets, &tiles.map(Vec::as_slice).concat());
        let told = |rows: &std::collections::BTreeMap<String, super::scene::Row>| format!("{rows:?}");
        assert_eq!(told(&found), told(&want));
    }
}

#[test]
fn streets_in_a_tile_that_failed_are_unmeasured_and_those_beside_it_are_not() {
    let east_m = (BORDER - 9.0) * 68_677.55;
    let streets = [
        street(1, &[(east_m - 200.0, 0.0), (east_m - 50.0, 0.0)]),
        street(2, &[(east_m - 50.0, 0.0), (east_m + 50.0, 0.0)]),
        street(3, &[(east_m + 50.0, 0.0), (east_m + 200.0, 0.0)]),
    ];
    let images = drive(1, &[(east_m - 200.0, 0.0), (east_m - 1.0, 0.0)], 7.0);
    let tables = (super::scene::roads(&streets), super::scene::images(&images));
    let missing = vec![mly::TileId::containing(BORDER + 1e-6, 52.0, 14)];
    let job = mly_jobs::Streets::new(tables.0, tables.1).with_missing(missing);
    let found = super::scene::by_edge(&job.run().unwrap().streets);
    let told = |id: &str| (found[id].text("status").unwrap(), found[id].float("covered"));
    assert_eq!(told("1-0"), ("ok".to_owned(), Some(1.0)));
    assert_eq!(
        (told("2-0"), told("3-0")),
        (("unmeasured".to_owned(), None), ("unmeasured".to_owned(), None))
    );
}

#[test]
fn images_of_the_future_and_without_a_date_cover_and_age_nothing() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let tables = |captured_at: Option<i64>| {
        let dated = |image: Image| Image { captured_at, ..image };
        let shots: Vec<_> = [10.0, 40.0].map(|east| dated(lone(1, (east, 0.0)))).into();
        mly_jobs::Streets::new(super::scene::roads(&streets), super::scene::images(&shots))
    };
    for captured_at in [None, Some(0), Some(NOON + 400 * 86_400_000)] {
        let job = tables(captured_at).with_as_of("2025-07").unwrap();
        let row = super::scene::by_edge(&job.run().unwrap().streets).remove("1-0").unwrap();
        assert_eq!(
            (row.text("tier").as_deref(), row.time("newest")),
            (Some("none"), None),
            "{captured_at:?}"
        );
        assert_eq!((row.float("dated_share"), row.float("covered_fresh")), (Some(0.0), Some(0.0)));
        assert!(row.metres("covered") >= 20.0, "{captured_at:?}: {row:?}");
    }
}
