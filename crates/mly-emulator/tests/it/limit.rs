//! API-V4 section 9: rates, and the other switches.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use mly_emulator::{Emulator, Limits, World};

use crate::support::{demo_tiles, error, get, json, layer};

const TILE: &str = "/maps/vtp/mly1_public/2/14/8601/5412";

fn with_limits(limits: Limits) -> (Emulator, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(0));
    let hand = Arc::clone(&clock);
    let emulator = Emulator::builder(World::demo())
        .with_limits(limits)
        .with_clock(move || hand.load(Ordering::Relaxed))
        .start()
        .unwrap();
    (emulator, clock)
}

#[test]
fn too_many_tiles_in_a_minute_start_a_block_that_lasts() {
    let (emulator, clock) = with_limits(Limits::default().with_tiles_per_minute(3));
    let status = || get(&emulator, TILE).status().as_u16();
    assert_eq!([status(), status(), status(), status()], [200, 200, 200, 302]);
    assert_eq!(get(&emulator, "/image_ids?sequence_id=x").status(), 200, "the graph goes on");
    clock.store(25 * 3_600_000, Ordering::Relaxed);
    assert_eq!(status(), 302);
    clock.store(27 * 3_600_000, Ordering::Relaxed);
    assert_eq!(status(), 200);
}

#[test]
fn slow_clients_are_not_blocked() {
    let (emulator, clock) = with_limits(Limits::default().with_tiles_per_minute(3));
    for request in 0..10 {
        clock.store(request * 20_000, Ordering::Relaxed);
        assert_eq!(get(&emulator, TILE).status(), 200);
    }
    assert_eq!(
        emulator.requests().iter().map(|seen| seen.at_ms).collect::<Vec<_>>(),
        (0..10).map(|n| n * 20_000).collect::<Vec<i64>>()
    );
}

#[test]
fn the_graph_has_limits_of_its_own() {
    let (emulator, clock) =
        with_limits(Limits::default().with_entities_per_minute(2).with_searches_per_minute(1));
    let search = || get(&emulator, "/images?bbox=9,51.99,9.001,52");
    let entity = || get(&emulator, "/image_ids?sequence_id=x");
    assert_eq!(search().status(), 200);
    let (status, throttled) = error(search());
    assert_eq!(
        (status, throttled["code"].as_i64(), throttled["is_transient"].as_bool()),
        (403, Some(4), Some(true))
    );
    assert_eq!(throttled["message"], "Application request limit reached");
    assert_eq!(
        [entity().status(), entity().status(), entity().status()].map(|status| status.as_u16()),
        [200, 200, 403]
    );
    clock.store(60_000, Ordering::Relaxed);
    assert_eq!(entity().status(), 200);
}

#[test]
fn stale_images_are_in_the_tiles_and_not_on_the_graph() {
    let (emulator, _) = with_limits(Limits::default().with_stale_one_in(10));
    let tiles = demo_tiles(&emulator, "mly1_public");
    let ids: Vec<String> = tiles
        .iter()
        .flat_map(|(_, bytes)| layer(bytes, "image"))
        .map(|image| image.text("id").to_owned())
        .collect();
    let stale: Vec<_> =
        ids.iter().step_by(10).filter(|id| get(&emulator, &format!("/{id}")).status() == 400).collect();
    assert!(stale.len() > 10 && stale.len() < 100, "{}", stale.len());
    assert_eq!(error(get(&emulator, &format!("/{}", stale[0]))).1["error_subcode"], 33);
    assert_eq!(
        json(&emulator, &format!("/images?image_ids={}", stale[0]))["data"].as_array().unwrap().len(),
        0
    );
}

#[test]
fn dense_and_thinned_boxes_can_be_switched_on() {
    let town = "/images?bbox=8.98,51.98,9.03,52.01";
    let (dense, _) = with_limits(Limits::default().with_images_per_box(100));
    assert_eq!(error(get(&dense, town)).1["code"], 1);
    let (thin, _) = with_limits(Limits::default().with_thin_large_boxes(true));
    let rows = json(&thin, town)["data"].as_array().unwrap().len();
    assert!(rows > 500 && rows < 1500, "{rows}");
}

#[test]
fn a_batch_of_too_many_rows_asks_for_less() {
    let (emulator, _) = with_limits(Limits::default().with_entity_rows(3));
    let ids = town_ids(&emulator, 4);
    let batch = |count: usize| get(&emulator, &format!("/?ids={}&fields=geometry", ids[..count].join(",")));
    assert_eq!(batch(3).status(), 200);
    let (status, large) = error(batch(4));
    assert_eq!((status, large["code"].as_i64()), (500, Some(1)));
    assert_eq!(
        large["message"],
        "Please reduce the amount of data you're asking for, then retry your request"
    );
}

#[test]
fn hostile_names_come_for_one_image_in_a_few_and_only_from_look_ups() {
    let (hostile, _) = with_limits(Limits::default().with_hostile_names(true));
    let (honest, _) = with_limits(Limits::default());
    let ids = town_ids(&hostile, 400);
    let mut names = std::collections::BTreeSet::new();
    let mut honest_names = 0;
    for ids in ids.chunks(50) {
        let path = format!("/?ids={}&fields=sequence", ids.join(","));
        let [hostile, honest] = [&hostile, &honest].map(|emulator| json(emulator, &path));
        for id in ids {
            let [name, right] = [&hostile, &honest].map(|rows| rows[id]["sequence"].as_str().unwrap());
            assert_eq!(right.len(), 22);
            honest_names += usize::from(name == right);
            if name != right {
                names.insert(name.to_owned());
            }
        }
    }
    assert!((280..360).contains(&honest_names), "{honest_names}");
    assert!(
        names.contains("../../etc") && names.contains("..") && names.contains("/etc/passwd"),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.contains('\0')));
    let bytes = |emulator| crate::support::tile(emulator, "mly1_public", 14, 8601, 5412);
    assert_eq!(bytes(&hostile), bytes(&honest), "tiles stay as they are");
}

fn town_ids(emulator: &Emulator, count: usize) -> Vec<String> {
    let rows = json(emulator, &format!("/images?bbox=8.98,51.98,9.03,52.01&limit={count}"));
    rows["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
