//! Bodies of any path as the service sends them, which the drop-in package asks for.

use mly::{Client, Error};
use mly_emulator::{Emulator, Endpoint, Fault, World};

use crate::support::{TOKEN, client, demo, options_at};

#[tokio::test]
async fn the_body_of_any_path_is_what_the_service_sent() {
    let emulator = demo();
    let client = client(&emulator);
    let found = client.get_json("/images", "bbox=9,51.99,9.01,52&fields=id%2Cmake&limit=3").await;
    let found: serde_json::Value = serde_json::from_slice(&found.unwrap()).unwrap();
    assert_eq!(found["data"].as_array().unwrap().len(), 3);
    let sent = emulator.requests().pop().unwrap();
    assert_eq!(sent.path, "/images");
    assert!(sent.query.contains("limit=3") && sent.query.contains("fields=id"), "{}", sent.query);

    let tile = client.get_tile("maps/vtp/mly1_computed_public/2/8/134/84", "").await.unwrap();
    assert!(mly_mvt_layers(&tile).contains(&"sequence".to_owned()));
    // A base URL cannot be left by a path.
    assert!(client.get_json("//example.com/x", "").await.is_err());
    assert!(emulator.requests().pop().unwrap().path.contains("example.com"));
}

fn mly_mvt_layers(tile: &[u8]) -> Vec<String> {
    mly_mvt::Tile::new(tile).layers().map(|layer| layer.unwrap().name().to_owned()).collect()
}

#[tokio::test]
async fn other_requests_are_asked_again_and_refused_like_all() {
    let emulator = demo();
    let client = client(&emulator);
    emulator.fail(Fault::status(503).on(Endpoint::Entity).next(2));
    let unknown = client.get_json("1", "fields=id").await.unwrap_err();
    assert!(matches!(unknown, Error::Api { status: 400, code: Some(100), .. }), "{unknown}");
    assert_eq!(emulator.requests().len(), 3);

    emulator.clear_faults();
    let images = || client.get_json("image_ids", "sequence_id=x");
    let whole = images().await.unwrap();
    let tile = || client.get_tile("maps/vtp/mly1_public/2/8/134/84", "");
    let whole_tile = tile().await.unwrap();
    for fault in [Fault::garbled, Fault::empty_200, Fault::cut_body] {
        emulator.clear_faults();
        emulator.fail(fault().on(Endpoint::Entity).next(1));
        assert_eq!(images().await.unwrap(), whole);
    }
    emulator.fail(Fault::garbled().on(Endpoint::Tile).next(1));
    assert_eq!(tile().await.unwrap(), whole_tile);
    emulator.fail(Fault::garbled().on(Endpoint::Entity).always());
    assert!(matches!(images().await, Err(Error::Decode { .. })));
}

#[tokio::test]
async fn a_refused_token_is_told_with_all_that_the_service_says() {
    let emulator = Emulator::builder(World::demo()).with_known_tokens_only(true).start().unwrap();
    let wrong = options_at(emulator.url(), TOKEN);
    let refused = Client::new(wrong).unwrap().get_json("1933525276802129", "fields=id").await;
    let Err(Error::Auth { refusal: Some(refusal), code, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((refusal.kind.as_deref(), code), (Some("OAuthException"), Some(190)));
    assert!(refusal.trace_id.is_some_and(|id| id.starts_with('A')));
}
