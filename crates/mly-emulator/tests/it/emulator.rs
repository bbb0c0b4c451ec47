//! Starting, stopping and watching.

use std::{io::ErrorKind, thread, time::Duration};

use mly_emulator::{DEMO_TOKEN, Emulator, Endpoint, Fault, World};

use crate::support::{get, http};

fn port(emulator: &Emulator) -> u16 {
    emulator.url().strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap()
}

#[test]
fn a_port_is_used_once() {
    let emulator = Emulator::start(World::empty()).unwrap();
    assert_eq!(emulator.token(), DEMO_TOKEN);
    let taken = port(&emulator);
    let error = Emulator::builder(World::empty()).with_port(taken).start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn an_emulator_stops_when_dropped_even_inside_a_slow_answer() {
    let emulator = Emulator::start(World::empty()).unwrap();
    emulator.fail(Fault::delay(Duration::from_secs(3600)));
    let url = emulator.url().to_owned();
    let waiting = thread::spawn(move || http().get(url).send().is_err());
    while emulator.requests().is_empty() {
        thread::yield_now();
    }
    assert_eq!(emulator.requests()[0].status, 0, "there is no answer yet");
    drop(emulator);
    assert!(waiting.join().unwrap());
}

#[test]
fn an_emulator_can_be_used_inside_a_runtime() {
    // Making the shared client installs what every other client needs; the order of tests is not ours.
    http();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let status = runtime.block_on(async {
        let emulator = Emulator::start(World::empty()).unwrap();
        let url = format!("{}/image_ids?sequence_id=x", emulator.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).header("authorization", format!("OAuth {DEMO_TOKEN}")).send().await.unwrap().status()
    });
    assert_eq!(status, 200);
}

#[test]
fn requests_are_noted_in_order_without_their_token() {
    let builder = Emulator::builder(World::empty());
    assert!(!format!("{:?}", builder.clone().with_token("secret")).contains("secret"));
    let emulator = builder.start().unwrap();
    let url = emulator.url();
    for path in
        ["/maps/vtp/mly1_public/2/14/1/2?access_token=a%7Cb&x=1", "/12?fields=id&access_token=a", "/a/b/c"]
    {
        http().get(format!("{url}{path}")).send().unwrap();
    }
    get(&emulator, "/images");
    http().post(format!("{url}/token")).send().unwrap();
    let seen: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|seen| (seen.kind, seen.method, seen.path, seen.query, seen.status))
        .collect();
    let row = |kind, method: &str, path: &str, query: &str, status| {
        (kind, method.to_owned(), path.to_owned(), query.to_owned(), status)
    };
    let expected = [
        row(Endpoint::Tile, "GET", "/maps/vtp/mly1_public/2/14/1/2", "x=1", 403),
        row(Endpoint::Entity, "GET", "/12", "fields=id", 400),
        row(Endpoint::Other, "GET", "/a/b/c", "", 500),
        row(Endpoint::Search, "GET", "/images", "", 400),
        row(Endpoint::Token, "POST", "/token", "", 500),
    ];
    assert_eq!(seen, expected);
    assert!(!format!("{:?}", emulator.requests()).contains("a%7Cb"));
}
