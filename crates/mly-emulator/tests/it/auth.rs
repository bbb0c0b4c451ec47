//! API-V4 section 2.1 and the first rows of section 7.

use mly_emulator::{DEMO_TOKEN, Emulator, TokenForm, World};

use crate::support::{error, escaped, http};

const STRANGER: &str = "MLY|1234567890|0123456789abcdef0123456789abcdef";

/// The answer to a graph request with a token in the header or the query.
fn ask(emulator: &Emulator, form: TokenForm, token: &str) -> reqwest::blocking::Response {
    let url = format!("{}/image_ids?sequence_id=x", emulator.url());
    let request = match form {
        TokenForm::Header => http().get(url).header("authorization", format!("OAuth {token}")),
        TokenForm::Query => http().get(format!("{url}&access_token={}", escaped(token))),
        _ => http().get(url),
    };
    request.send().unwrap()
}

#[test]
fn the_graph_takes_tokens_in_the_header_and_in_the_query() {
    let emulator = Emulator::start(World::empty()).unwrap();
    for token in [DEMO_TOKEN, STRANGER] {
        for form in [TokenForm::Header, TokenForm::Query] {
            assert_eq!(ask(&emulator, form, token).status(), 200);
        }
    }
    let seen = emulator.requests();
    assert_eq!(seen.iter().map(|seen| seen.token).collect::<Vec<_>>().len(), 4);
    assert!(seen.iter().all(|seen| seen.query == "sequence_id=x" && seen.path == "/image_ids"));
    assert_eq!(seen[0].token, TokenForm::Header);
    assert_eq!(seen[1].token, TokenForm::Query);
}

#[test]
fn refusals_look_as_recorded() {
    let emulator = Emulator::builder(World::empty())
        .with_token("MLY|1|ffffffffffffffffffffffffffffffff")
        .with_known_tokens_only(true)
        .start()
        .unwrap();
    let cases = [
        (TokenForm::None, "", 500, "MLYApiException", "Invalid OAuth 2.0 Access Token"),
        (TokenForm::Header, "nonsense", 401, "OAuthException", "Failed to decode"),
        (
            TokenForm::Query,
            "nonsense",
            400,
            "OAuthException",
            "Invalid OAuth access token - Cannot parse access token",
        ),
        (TokenForm::Header, STRANGER, 401, "OAuthException", "Error validating application"),
        (TokenForm::Query, STRANGER, 400, "OAuthException", "Error validating application"),
        (TokenForm::Query, DEMO_TOKEN, 400, "OAuthException", "Error validating application"),
    ];
    for (form, token, status, kind, message) in cases {
        let (answered, error) = error(ask(&emulator, form, token));
        assert_eq!(answered, status, "{form:?} {token}");
        assert_eq!(error["code"], 190);
        assert_eq!(error["type"], kind);
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        let trace = error["fbtrace_id"].as_str().unwrap();
        assert!(trace.starts_with('A') && (22..=23).contains(&trace.len()), "{trace}");
    }
    assert_eq!(ask(&emulator, TokenForm::Header, emulator.token()).status(), 200);
}

#[test]
fn tiles_take_their_token_only_from_the_query() {
    let emulator = Emulator::start(World::empty()).unwrap();
    let url = format!("{}/maps/vtp/mly1_public/2/14/8601/5411", emulator.url());
    let status = |request: reqwest::blocking::RequestBuilder| request.send().unwrap().status().as_u16();
    assert_eq!(status(http().get(format!("{url}?access_token={}", escaped(DEMO_TOKEN)))), 200);
    assert_eq!(status(http().get(format!("{url}/?access_token={}", escaped(DEMO_TOKEN)))), 200);
    assert_eq!(status(http().get(&url).header("authorization", format!("OAuth {DEMO_TOKEN}"))), 403);
    assert_eq!(status(http().get(&url)), 403);
    assert_eq!(status(http().get(format!("{url}?access_token=nonsense"))), 403);
}
