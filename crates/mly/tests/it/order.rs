//! The same query gives the same bytes.

use mly::sink::Format;
use mly::{Area, Query};
use mly_emulator::{Endpoint, Fault};
use std::time::Duration;

use crate::support::{demo, features, options, town, write};

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_do_not_depend_on_concurrency_or_on_who_answers_first() {
    let emulator = demo();
    for query in [Query::images(town()), Query::sequences(town()), Query::signs(town())] {
        for format in Format::of_any_rows().filter(|format| !format.needs_file()) {
            let mut first = None;
            for concurrency in [1, 2, 5, 32] {
                emulator.clear_faults();
                emulator.fail(Fault::delay(Duration::from_millis(20)).on(Endpoint::Tile).every(3));
                let options = options(&emulator).with_concurrency(concurrency);
                let (bytes, _) = write(options, &query, format).await.unwrap();
                assert!(bytes.len() > 1000);
                assert!(
                    *first.get_or_insert_with(|| bytes.clone()) == bytes,
                    "{query} {format} {concurrency}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_limit_gives_the_first_rows_and_stops_asking() {
    let emulator = demo();
    let all = features(options(&emulator), &Query::images(town())).await.unwrap();
    for limit in [0, 1, 7, 1500, u64::MAX] {
        let some = features(options(&emulator), &Query::images(town()).with_limit(limit)).await.unwrap();
        let count = usize::try_from(limit).unwrap().min(all.len());
        assert_eq!(some, all[..count]);
    }
    let before = emulator.requests().len();
    let one_at_a_time = options(&emulator).with_concurrency(1);
    let whole = Area::bbox(-180.0, -85.0, 180.0, 85.0).unwrap();
    let none = features(one_at_a_time, &Query::images(whole).with_limit(0)).await.unwrap();
    assert!(none.is_empty());
    assert_eq!(emulator.requests().len(), before, "nothing was wanted, so nothing is asked");
}

#[tokio::test]
async fn selected_fields_come_with_id_and_geometry_in_the_order_of_the_layer() {
    let emulator = demo();
    let query = Query::images(town()).with_fields(["is_pano", "captured_at"]).with_limit(3);
    let (csv, _) = write(options(&emulator), &query, Format::Csv).await.unwrap();
    let text = String::from_utf8(csv).unwrap();
    assert_eq!(text.lines().next(), Some("id,captured_at,is_pano,longitude,latitude"));
    assert_eq!(text.lines().count(), 4);
}
