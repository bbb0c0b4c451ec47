//! API-V4 section 2.2: the exchange of codes and tokens.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use mly_emulator::{DEMO_TOKEN, Emulator, Endpoint, World};
use serde_json::{Value, json};

use crate::support::{error, http};

fn post(emulator: &Emulator, body: &Value) -> reqwest::blocking::Response {
    let request = http()
        .post(format!("{}/token", emulator.url()))
        .header("authorization", format!("OAuth {DEMO_TOKEN}"));
    request.json(body).send().unwrap()
}

fn status_with(emulator: &Emulator, token: &str) -> u16 {
    let url = format!("{}/image_ids?sequence_id=x", emulator.url());
    http().get(url).header("authorization", format!("OAuth {token}")).send().unwrap().status().as_u16()
}

#[test]
fn a_code_gives_a_token_once_and_a_token_gives_another() {
    let emulator = Emulator::builder(World::empty())
        .with_token(DEMO_TOKEN)
        .with_known_tokens_only(true)
        .start()
        .unwrap();
    let body =
        json!({ "grant_type": "authorization_code", "client_id": 4_841_693_829_202_613_i64, "code": "abc" });
    let answer: Value = post(&emulator, &body).json().unwrap();
    assert_eq!(answer["token_type"], "bearer");
    assert!(answer["expires_in"].as_i64().unwrap() > 9000);
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(status_with(&emulator, token), 200);
    assert_eq!(error(post(&emulator, &body)).1["code"], 190, "a code works once");

    let form = [("grant_type", "refresh_token"), ("client_id", "4841693829202613"), ("refresh_token", token)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = http()
        .post(format!("{}/token", emulator.url()))
        .header("authorization", format!("OAuth {DEMO_TOKEN}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    let refreshed: Value = request.send().unwrap().json().unwrap();
    let second = refreshed["access_token"].as_str().unwrap();
    assert_ne!(second, token);
    assert_eq!(status_with(&emulator, second), 200);
    assert!(emulator.requests().iter().filter(|seen| seen.kind == Endpoint::Token).count() == 3);
}

#[test]
fn issued_tokens_expire() {
    let clock = Arc::new(AtomicI64::new(0));
    let hand = Arc::clone(&clock);
    let emulator =
        Emulator::builder(World::empty()).with_clock(move || hand.load(Ordering::Relaxed)).start().unwrap();
    let body = json!({ "grant_type": "authorization_code", "client_id": 1, "code": "abc" });
    let answer: Value = post(&emulator, &body).json().unwrap();
    let token = answer["access_token"].as_str().unwrap();
    clock.store(answer["expires_in"].as_i64().unwrap() * 1000, Ordering::Relaxed);
    assert_eq!(status_with(&emulator, token), 400);
    let refresh = json!({ "grant_type": "refresh_token", "client_id": 1, "refresh_token": token });
    assert_eq!(error(post(&emulator, &refresh)).1["code"], 190);
}

#[test]
fn incomplete_exchanges_are_refused() {
    let emulator = Emulator::start(World::empty()).unwrap();
    for body in [
        json!({}),
        json!({ "grant_type": "authorization_code", "client_id": 1 }),
        json!({ "grant_type": "authorization_code", "client_id": "x", "code": "abc" }),
        json!({ "grant_type": "client_credentials", "client_id": 1 }),
    ] {
        assert_eq!(error(post(&emulator, &body)).1["code"], 100, "{body}");
    }
    let without_secret = http().post(format!("{}/token", emulator.url())).send().unwrap();
    assert_eq!(error(without_secret).0, 500);
}
