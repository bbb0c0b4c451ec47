//! Faults of signed addresses, and what a test can say of the requests for them.

use mly_emulator::{Emulator, Endpoint, Fault, TokenForm};
use reqwest::blocking::Response;
use serde_json::Value;

use crate::support::{demo, error, escaped, http, json};

const PICTURE: Endpoint = Endpoint::Thumbnail;
const FILE: Endpoint = Endpoint::File;

/// Fresh addresses of a picture, a mesh and a point cloud of one image.
fn addresses(emulator: &Emulator) -> [String; 3] {
    let rows = json(emulator, "/images?bbox=8.995,51.99,9.005,51.998&fields=thumb_256_url,mesh&limit=50");
    rows["data"].as_array().unwrap().iter().find_map(|row| three(emulator, row)).unwrap()
}

fn three(emulator: &Emulator, row: &Value) -> Option<[String; 3]> {
    let id = row["id"].as_str()?;
    let cluster = json(emulator, &format!("/{id}?fields=sfm_cluster{{url}}"));
    let urls = [&row["thumb_256_url"], &row["mesh"]["url"], &cluster["sfm_cluster"]["url"]];
    Some([urls[0].as_str()?.into(), urls[1].as_str()?.into(), urls[2].as_str()?.into()])
}

fn get(url: &str) -> Response {
    http().get(url).send().unwrap()
}

/// Adds a fault in place of all others.
fn fail(emulator: &Emulator, fault: Fault) {
    emulator.clear_faults();
    emulator.fail(fault);
}

#[test]
fn a_fresh_address_can_be_taken_as_expired_as_often_as_told() {
    let emulator = demo();
    let urls = addresses(&emulator);
    fail(&emulator, Fault::expired().next(2));
    let id = json(&emulator, "/102316268680032?fields=username");
    assert_eq!(id["username"], "kartenfuchs", "look-ups neither meet it nor use it up");
    for (url, status) in urls.iter().zip([403, 403, 200]) {
        let answer = get(url);
        assert_eq!(answer.status(), status);
        assert_eq!(status == 403, answer.text().unwrap_or_default() == "URL signature expired");
    }
    fail(&emulator, Fault::expired().on(FILE));
    assert_eq!(urls.each_ref().map(|url| get(url).status().as_u16()), [200, 403, 403]);
}

#[test]
fn a_redirect_leads_where_the_test_wants() {
    let emulator = demo();
    let other = Emulator::start(mly_emulator::World::empty()).unwrap();
    let elsewhere = format!("{}/elsewhere?a=1", other.url());
    fail(&emulator, Fault::redirect(&*elsewhere).on(PICTURE).on(FILE));
    for url in addresses(&emulator) {
        let answer = get(&url);
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["location"], elsewhere.as_str());
        assert_eq!(answer.bytes().unwrap().len(), 0);
    }
    // What a client that follows sends on is seen by the other emulator.
    http().get(&elsewhere).send().unwrap();
    http().get(&elsewhere).header("authorization", "OAuth leaked").send().unwrap();
    let forms: Vec<_> = other.requests().iter().map(|seen| (seen.kind, seen.token)).collect();
    assert_eq!(forms, [(Endpoint::Entity, TokenForm::None), (Endpoint::Entity, TokenForm::Header)]);
}

#[test]
fn what_says_that_it_is_a_jpeg_may_be_a_page() {
    let emulator = demo();
    let [picture, mesh, cluster] = addresses(&emulator);
    fail(&emulator, Fault::not_jpeg());
    let answer = get(&picture);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "image/jpeg");
    assert!(answer.text().unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!([get(&mesh).status(), get(&cluster).status()], [200, 200]);
    assert_eq!(get(&mesh).headers()["content-type"], "application/octet-stream", "files are no pictures");
}

#[test]
fn bodies_of_pictures_and_files_are_cut_and_shortened() {
    let emulator = demo();
    for url in addresses(&emulator) {
        emulator.clear_faults();
        let right = get(&url).bytes().unwrap();
        for endpoint in [PICTURE, FILE] {
            let is_hit = (endpoint == PICTURE) == url.contains("/picture/");
            fail(&emulator, Fault::cut_body().on(endpoint));
            let answer = get(&url);
            assert_eq!(answer.headers()["content-length"], right.len().to_string().as_str());
            assert_eq!(answer.bytes().is_err(), is_hit, "{url}");
            fail(&emulator, Fault::short_length().on(endpoint));
            let length = if is_hit { right.len() / 2 } else { right.len() };
            assert_eq!(get(&url).bytes().unwrap(), right[..length], "{url}");
        }
    }
}

#[test]
fn pictures_and_files_can_be_throttled_and_can_be_gone() {
    let emulator = demo();
    let urls = addresses(&emulator);
    for throttle in [Fault::throttle().with_retry_after(3), Fault::status(429).with_retry_after(3)] {
        for url in &urls {
            fail(&emulator, throttle.clone().on(PICTURE).on(FILE).next(1));
            let answer = get(url);
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["retry-after"]),
                (429, &"3".parse().unwrap())
            );
            assert!(answer.text().unwrap().starts_with("<?xml"));
            assert_eq!(get(url).status(), 200);
        }
    }
    fail(&emulator, Fault::gone_410().on(PICTURE).on(FILE));
    assert_eq!(urls.each_ref().map(|url| get(url).status().as_u16()), [410, 410, 410]);
    fail(&emulator, Fault::throttle().with_retry_after(9));
    let answer = crate::support::get(&emulator, "/image_ids?sequence_id=x");
    assert_eq!(answer.headers()["retry-after"], "9");
    let (status, throttled) = error(answer);
    assert_eq!((status, throttled["code"].as_i64()), (403, Some(4)), "the graph keeps its envelope");
}

#[test]
fn a_token_that_was_sent_to_a_signed_address_is_seen_in_any_form() {
    let emulator = demo();
    let [picture, _, cluster] = addresses(&emulator);
    let before = emulator.requests().len();
    let token = escaped(emulator.token());
    http().get(&picture).send().unwrap();
    http().get(format!("{picture}&access_token={token}")).send().unwrap();
    for scheme in ["OAuth", "Bearer"] {
        http().get(&cluster).header("authorization", format!("{scheme} {token}")).send().unwrap();
    }
    let seen = emulator.requests().split_off(before);
    let forms: Vec<_> = seen.iter().map(|seen| (seen.kind, seen.token, seen.status)).collect();
    let expected = [
        (PICTURE, TokenForm::None, 200),
        (PICTURE, TokenForm::Query, 200),
        (FILE, TokenForm::Header, 200),
        (FILE, TokenForm::Header, 200),
    ];
    assert_eq!(forms, expected);
    assert!(seen.iter().all(|seen| !seen.query.contains(&token)));
}
