//! A service that fails: the result is complete, or the error says what is missing.

use std::time::Duration;

use mly::{Area, Client, Error, Options, Query};
use mly_emulator::{Emulator, Endpoint, Fault, World};

use crate::support::{SECRET, TOKEN, demo, features, options, options_at, town, write};
use mly::sink::Format;

type Make = fn() -> Fault;

/// The images of the town while a fault is on.
async fn under(emulator: &Emulator, fault: Fault) -> Result<Vec<u8>, Error> {
    emulator.clear_faults();
    emulator.fail(fault);
    write(options(emulator), &Query::images(town()), Format::GeoJson).await.map(|(bytes, _)| bytes)
}

#[tokio::test]
async fn passing_faults_leave_no_trace_in_the_result() {
    let emulator = demo();
    let (whole, _) = write(options(&emulator), &Query::images(town()), Format::GeoJson).await.unwrap();
    let passing: [(&str, Make); 9] = [
        ("500", || Fault::status(500)),
        ("503", || Fault::status(503)),
        ("429", || Fault::status(429)),
        ("cut", Fault::cut_body),
        ("garbled", Fault::garbled),
        ("code 4", Fault::throttle),
        ("code 2", Fault::transient),
        ("code 1", Fault::too_much_data),
        ("404", Fault::not_found_404),
    ];
    for (name, fault) in passing {
        for fault in [fault().on(Endpoint::Tile).next(1), fault().on(Endpoint::Tile).every(4)] {
            let got = under(&emulator, fault).await.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(got == whole, "{name}");
        }
    }
}

#[tokio::test]
async fn lasting_faults_end_in_an_error_that_names_the_request() {
    let emulator = demo();
    let error = under(&emulator, Fault::status(503).on(Endpoint::Tile).always()).await.unwrap_err();
    let Error::Transport { attempts, ref url, .. } = error else { panic!("{error}") };
    assert_eq!(attempts, 6);
    assert!(url.to_string().contains("/maps/vtp/mly1_public/2/14/"), "{url}");
    assert!(error.is_retryable());

    let error = under(&emulator, Fault::throttle().on(Endpoint::Tile).always()).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    let error = under(&emulator, Fault::garbled().on(Endpoint::Tile).always()).await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
}

#[tokio::test]
async fn a_block_stops_at_once_and_is_not_followed() {
    for fault in [Fault::block(), Fault::html()] {
        let emulator = demo();
        emulator.fail(fault.on(Endpoint::Tile).always());
        let options = options(&emulator).with_concurrency(1);
        let error = features(options, &Query::images(town())).await.unwrap_err();
        assert!(matches!(error, Error::RateLimited { .. }), "{error}");
        assert_eq!(emulator.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_block_stops_requests_whose_turn_comes_before_it() {
    let emulator = demo();
    let tiles: Vec<_> = Query::images(town()).plan().unwrap().requests().filter_map(|r| r.tile()).collect();
    // The first tile never answers and the second one is blocked: rows in order would wait for the first one for ever.
    let never = Duration::from_secs(3600);
    emulator.fail(Fault::delay(never).tile(tiles[0].z(), tiles[0].x(), tiles[0].y()).always());
    emulator.fail(Fault::block().tile(tiles[1].z(), tiles[1].x(), tiles[1].y()).always());
    let options = options(&emulator).with_concurrency(tiles.len()).with_timeout(never);
    let error = features(options, &Query::images(town())).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    assert!(emulator.requests().len() <= tiles.len());
}

#[tokio::test]
async fn hostile_bodies_are_refused_with_little_effort() {
    let emulator = demo();
    emulator.fail(Fault::gzip_bomb(200 << 20).on(Endpoint::Tile).always());
    let one_tile = Query::images(Area::tile("14/8601/5411".parse().unwrap()));
    let error = features(options(&emulator), &one_tile).await.unwrap_err();
    assert_eq!(emulator.requests().len(), 1, "it would be the same again");
    assert!(error.to_string().contains("unpacks to more than"), "{error}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_asked_for_again() {
    let emulator = demo();
    emulator.fail(Fault::delay(Duration::from_secs(600)).on(Endpoint::Tile).next(2));
    let options = options(&emulator).with_timeout(Duration::from_millis(300));
    let (_, summary) = write(options, &Query::images(town()), Format::GeoJson).await.unwrap();
    assert!(summary.retries >= 2);
}

#[tokio::test]
async fn empty_answers_are_empty_and_lasting_404_is_told() {
    for fault in [Fault::empty_200(), Fault::no_content_204()] {
        let emulator = demo();
        emulator.fail(fault.on(Endpoint::Tile).always());
        let (_, summary) = write(options(&emulator), &Query::images(town()), Format::GeoJson).await.unwrap();
        assert_eq!((summary.rows, summary.tiles, summary.missing.len()), (0, 9, 0));
    }
    let emulator = demo();
    emulator.fail(Fault::not_found_404().on(Endpoint::Tile).always());
    let (_, summary) = write(options(&emulator), &Query::images(town()), Format::GeoJson).await.unwrap();
    assert_eq!((summary.rows, summary.missing.len()), (0, 9));
}

#[tokio::test]
async fn a_wrong_token_is_told_apart_and_never_shown() {
    let emulator = Emulator::builder(World::demo()).with_known_tokens_only(true).start().unwrap();
    let wrong = options_at(emulator.url(), TOKEN);
    let shown = format!("{wrong:?}");
    let client = Client::new(wrong.clone()).unwrap();
    let error = features(wrong, &Query::images(town())).await.unwrap_err();
    assert!(matches!(error, Error::Auth { .. }), "{error}");
    assert!(matches!(Client::new(Options::default()), Err(Error::Auth { status: None, .. })));
    for text in [shown, format!("{client:?}"), error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_the_token() {
    let options = options_at("http://127.0.0.1:9", TOKEN).with_retries(1);
    let area = Area::near(9.0, 52.0, 10.0).unwrap();
    let error = features(options, &Query::images(area)).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let text = format!("{error} {error:?} {cause} {cause:?}");
    assert!(text.contains("cannot connect") && text.contains("127.0.0.1:9"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn a_compressed_answer_gives_the_same_rows_for_fewer_bytes() {
    let emulator = demo();
    let plain = options(&emulator);
    // The same machine under an address that is not known to be the same machine.
    let far = plain.clone().with_base_url(&emulator.url().replace("127.0.0.1", "0.0.0.0")).unwrap();
    let (want, plain) = write(plain, &Query::images(town()), Format::GeoJson).await.unwrap();
    let (got, packed) = write(far, &Query::images(town()), Format::GeoJson).await.unwrap();
    assert!(got == want);
    assert!(packed.bytes < plain.bytes, "{} {}", packed.bytes, plain.bytes);
}
