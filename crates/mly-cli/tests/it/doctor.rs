//! `mly doctor`: one line a check, and the code of the first failure.

use insta::assert_snapshot;
use mly_emulator::{Emulator, Fault, World};

use crate::read::geojson;
use crate::support::{Outcome, demo, mly, own_demo, steady};

/// Output and messages, without what differs from run to run and from version to version.
fn said(outcome: &Outcome, emulator: &Emulator) -> String {
    let text = steady(&format!("{}---\n{}", outcome.text(), outcome.err), emulator);
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn all_is_well() {
    let emulator = own_demo();
    let outcome = mly("doctor").at(&emulator).done();
    let images = geojson(&mly("images --tile 14/8601/5411").at(demo()).done().out).len().to_string();
    assert_snapshot!(said(&outcome, &emulator).replace(&images, "SOME"), @r"
    version  ok      VERSION
    token    ok      from MAPILLARY_TOKEN
    graph    ok      http://EMULATOR/ (MAPILLARY_GRAPH_URL)
    tiles    ok      http://EMULATOR/ (MAPILLARY_TILES_URL)
    request  ok      tile 14/8601/5411 answered in TIME s, SOME images
    ---
    ");
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn nothing_is_sent_without_a_token() {
    let emulator = own_demo();
    let outcome = mly("doctor").at(&emulator).variable("MAPILLARY_TOKEN", "").fails(3);
    assert_snapshot!(said(&outcome, &emulator), @r"
    version  ok      VERSION
    token    failed  no access token
    graph    ok      http://EMULATOR/ (MAPILLARY_GRAPH_URL)
    tiles    ok      http://EMULATOR/ (MAPILLARY_TILES_URL)
    request  failed  not sent
    ---
    error: no access token
    hint: set MAPILLARY_TOKEN or pass --token; to try without one, add --demo
    ");
    assert_eq!(emulator.requests(), []);
}

#[test]
fn the_first_failure_gives_the_code_and_all_are_shown() {
    let emulator = own_demo();
    let outcome = mly("doctor")
        .variable("MAPILLARY_TOKEN", "a b")
        .variable("MAPILLARY_GRAPH_URL", "graph")
        .variable("MAPILLARY_TILES_URL", "http://user:secret@localhost:1/?access_token=MLY|1|2")
        .fails(2);
    assert_snapshot!(said(&outcome, &emulator), @r"
    version  ok      VERSION
    token    failed  the token from MAPILLARY_TOKEN is empty or has characters that are not allowed in a token
    graph    failed  MAPILLARY_GRAPH_URL: `graph` is not a URL: relative URL without a base
    tiles    ok      http://***@localhost:1/?access_token=*** (MAPILLARY_TILES_URL)
    request  failed  not sent
    ---
    error: the token from MAPILLARY_TOKEN is empty or has characters that are not allowed in a token
    hint: copy it whole, without spaces, and quote it, since | is special in shells
    ");
}

#[test]
fn a_request_that_fails_is_not_repeated() {
    for (fault, code, says) in [
        (Fault::status(503), 5, "the service answered 503"),
        (Fault::status(403), 3, "the service refused the token"),
        (Fault::block(), 4, "this IP address is blocked"),
        (Fault::not_found_404(), 5, "tile 14/8601/5411 answered 404"),
    ] {
        let emulator = own_demo();
        emulator.fail(fault);
        let outcome = mly("doctor").at(&emulator).fails(code);
        let last = outcome.text().lines().last().unwrap();
        assert!(last.starts_with(&format!("request  failed  {says}")), "{last}");
        assert_eq!((outcome.text().lines().count(), emulator.requests().len()), (5, 1));
    }
}

#[test]
fn retries_can_be_asked_for() {
    let emulator = Emulator::start(World::empty()).unwrap();
    emulator.fail(Fault::status(503).next(1));
    let outcome = mly("doctor --retries 1").at(&emulator).done();
    assert!(outcome.text().ends_with(" s, 0 images\n"), "{}", outcome.text());
    assert_eq!(emulator.requests().len(), 2);
}
