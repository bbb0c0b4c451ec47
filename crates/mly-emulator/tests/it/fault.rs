//! Each fault does what it says.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use mly_emulator::{Emulator, Endpoint, Fault};
use reqwest::blocking::Response;

use crate::support::{decode, demo, error, escaped, get, tile};

const TILE: &str = "/maps/vtp/mly1_public/2/14/8601/5412";

/// Status of a tile and the length of its body.
fn tile_with(emulator: &Emulator, fault: Fault) -> Response {
    emulator.clear_faults();
    emulator.fail(fault);
    get(emulator, TILE)
}

fn search_with(emulator: &Emulator, fault: Fault) -> (u16, i64) {
    emulator.clear_faults();
    emulator.fail(fault);
    let (status, error) = error(get(emulator, "/images?bbox=9,51.99,9.001,52"));
    (status, error["code"].as_i64().unwrap())
}

#[test]
fn statuses_carry_the_envelope_on_the_graph() {
    let emulator = demo();
    assert_eq!(search_with(&emulator, Fault::status(503)), (503, 2));
    assert_eq!(search_with(&emulator, Fault::status(429)), (429, 4));
    assert_eq!(search_with(&emulator, Fault::throttle()), (403, 4));
    assert_eq!(search_with(&emulator, Fault::transient()), (500, 2));
    assert_eq!(search_with(&emulator, Fault::too_much_data()), (500, 1));
    assert_eq!(search_with(&emulator, Fault::not_found_404()), (404, 100));
}

#[test]
fn a_429_of_a_tile_is_xml_and_may_say_when_to_come_back() {
    let emulator = demo();
    let answer = tile_with(&emulator, Fault::status(429).with_retry_after(7));
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert!(answer.text().unwrap().starts_with("<?xml"));
}

#[test]
fn a_block_leads_to_the_login_page_with_the_token_in_its_address() {
    let emulator = demo();
    let answer = tile_with(&emulator, Fault::block());
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    let next = location.strip_prefix("https://www.mapillary.com/login/?next=").unwrap();
    let address =
        url::form_urlencoded::parse(format!("next={next}").as_bytes()).next().unwrap().1.into_owned();
    assert_eq!(address, format!("{}{TILE}?access_token={}", emulator.url(), escaped(emulator.token())));
    assert!(!next.contains('/') && next.contains("%257C"));
}

#[test]
fn bodies_are_spoiled_in_their_own_way() {
    let emulator = demo();
    let right = tile(&emulator, "mly1_public", 14, 8601, 5412);

    let cut = tile_with(&emulator, Fault::cut_body());
    assert_eq!(cut.headers()["content-length"], right.len().to_string().as_str());
    assert!(cut.bytes().is_err(), "the connection breaks");

    let short = tile_with(&emulator, Fault::short_length()).bytes().unwrap();
    assert_eq!(short, right[..right.len() / 2]);

    let garbled = tile_with(&emulator, Fault::garbled()).bytes().unwrap();
    assert!(garbled.len() == right.len() && garbled != right);
    assert!(mly_mvt::Tile::new(&garbled).layers().any(|layer| layer.is_err()));

    let wrong_type = tile_with(&emulator, Fault::wrong_type());
    assert!(wrong_type.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_eq!(wrong_type.bytes().unwrap(), right);

    let html = tile_with(&emulator, Fault::html());
    assert_eq!(html.status(), 200);
    assert!(html.headers()["content-type"].to_str().unwrap().starts_with("text/html"));

    let empty = tile_with(&emulator, Fault::empty_200());
    assert_eq!((empty.status().as_u16(), empty.bytes().unwrap().len()), (200, 0));
    let none = tile_with(&emulator, Fault::no_content_204());
    assert_eq!((none.status().as_u16(), none.bytes().unwrap().len()), (204, 0));
    assert_eq!(tile_with(&emulator, Fault::not_found_404()).status(), 404);
}

#[test]
fn a_gzip_bomb_is_small_and_grows() {
    let emulator = demo();
    let bomb = tile_with(&emulator, Fault::gzip_bomb(50_000_000));
    assert_eq!(bomb.headers()["content-encoding"], "gzip");
    let packed = bomb.bytes().unwrap();
    assert!(packed.len() < 500_000);
    let grown =
        std::io::copy(&mut flate2::read::GzDecoder::new(&*packed).take(60_000_000), &mut std::io::sink());
    assert_eq!(grown.unwrap(), 50_000_000);
}

#[test]
fn a_huge_tile_is_valid() {
    let emulator = demo();
    let bytes = tile_with(&emulator, Fault::huge_tile(3_000_000)).bytes().unwrap();
    assert!(bytes.len() >= 3_000_000);
    assert_eq!(decode(&bytes)[0].0, "image");
}

#[test]
fn a_delayed_answer_is_right_and_late() {
    let emulator = demo();
    let before = Instant::now();
    let answer = tile_with(&emulator, Fault::delay(Duration::from_millis(120)));
    assert!(before.elapsed() >= Duration::from_millis(120));
    assert_eq!(answer.status(), 200);
}

#[test]
fn faults_hit_only_what_they_name_and_as_often() {
    let emulator = demo();
    let status = |path: &str| get(&emulator, path).status().as_u16();
    emulator.fail(Fault::status(503).on(Endpoint::Tile).next(2));
    assert_eq!(status("/image_ids?sequence_id=x"), 200);
    assert_eq!([status(TILE), status(TILE), status(TILE)], [503, 503, 200]);

    emulator.clear_faults();
    emulator.fail(Fault::status(500).every(3));
    assert_eq!([1, 2, 3, 4, 5, 6].map(|_| status(TILE)), [200, 200, 500, 200, 200, 500]);

    emulator.clear_faults();
    emulator.fail(Fault::not_found_404().tile(14, 8601, 5412));
    assert_eq!([status(TILE), status("/maps/vtp/mly1_public/2/14/8602/5412")], [404, 200]);

    emulator.clear_faults();
    emulator.fail(Fault::status(502).next(1));
    emulator.fail(Fault::status(503).next(1));
    assert_eq!([status(TILE), status(TILE), status(TILE)], [502, 503, 200], "faults queue up");

    emulator.clear_faults();
    emulator.fail(Fault::status(500).on(Endpoint::Search).on(Endpoint::Entity));
    assert_eq!([status(TILE), status("/image_ids?sequence_id=x"), status("/images")], [200, 500, 500]);
}

#[test]
fn faults_can_be_written_as_text() {
    let cases: [(&str, Fault); 12] = [
        ("status=503,next=2,on=tile", Fault::status(503).next(2).on(Endpoint::Tile)),
        ("block,every=10", Fault::block().every(10)),
        ("status=429,retry-after=30", Fault::status(429).with_retry_after(30)),
        ("delay=250ms", Fault::delay(Duration::from_millis(250))),
        ("delay=1.5s,always", Fault::delay(Duration::from_millis(1500))),
        ("cut_body, tile=14/8601/5412", Fault::cut_body().tile(14, 8601, 5412)),
        (
            "gzip-bomb=1000000,on=tile,on=search",
            Fault::gzip_bomb(1_000_000).on(Endpoint::Tile).on(Endpoint::Search),
        ),
        ("not-found", Fault::not_found_404()),
        ("gone,on=file", Fault::gone_410().on(Endpoint::File)),
        ("expired,next=1", Fault::expired().next(1)),
        ("redirect=http://127.0.0.1:1/a?b=c,every=2", Fault::redirect("http://127.0.0.1:1/a?b=c").every(2)),
        ("not_jpeg,on=thumbnail", Fault::not_jpeg().on(Endpoint::Thumbnail)),
    ];
    for (text, fault) in cases {
        assert_eq!(text.parse::<Fault>().unwrap(), fault, "{text}");
    }
    for text in [
        "",
        "stauts=503",
        "status=99",
        "block,next",
        "block,every=0",
        "block,on=everything",
        "delay=soon",
        "block,tile=1/2",
        "redirect",
        "redirect=",
        "expired=1",
    ] {
        let message = text.parse::<Fault>().unwrap_err().to_string();
        assert!(message.starts_with("invalid fault"), "{message}");
    }
}
