//! Faults that last: an exit code and two lines that say what happened.

use std::time::Duration;

use insta::assert_snapshot;
use mly_emulator::{Emulator, Fault, Limits, World};

use super::{on_tile, under};
use crate::read::geojson;
use crate::support::{TOWN, everything, mly, own_demo, steady};

#[test]
fn a_late_answer_is_asked_for_again() {
    let late = || Fault::delay(Duration::from_secs(60));
    let args = format!("images {TOWN} --timeout 0.5");
    let outcome = under([late().next(1)], &args);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert_eq!(geojson(&outcome.out), everything("images"));
    let outcome = under([late()], &format!("{args} --retries 0 --concurrency 1"));
    assert_eq!(outcome.code, 5);
    assert!(
        outcome.err.starts_with("error: no response in time, after 1 attempt in TIME s, requesting "),
        "{}",
        outcome.err
    );
}

#[test]
fn a_fault_that_lasts_ends_in_an_honest_exit_code() {
    let cases = [
        ("500", Fault::status(500), 5),
        ("503", Fault::status(503), 5),
        ("400", Fault::status(400), 5),
        ("429 that lasts two minutes", Fault::status(429).with_retry_after(120), 4),
        ("401", Fault::status(401), 3),
        ("403", Fault::status(403), 3),
        ("code 4", Fault::throttle(), 4),
        ("code 2", Fault::transient(), 5),
        ("code 1", Fault::too_much_data(), 5),
        ("302 to the login page", Fault::block(), 4),
        ("login page", Fault::html(), 4),
        ("gzip bomb", Fault::gzip_bomb(200 << 20), 5),
    ];
    let said = cases.map(|(name, fault, code)| {
        let outcome = under([fault], &format!("images {TOWN} --retries 0 --concurrency 1"));
        assert_eq!(outcome.code, code, "{name}: {}", outcome.err);
        format!("{name}\n{}", outcome.err)
    });
    assert_snapshot!(said.join("\n"), @r#"
    500
    error: the service answered 500 Internal Server Error, after 1 attempt in TIME s, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; check the network and run the same command again; --retries and --timeout give it more time

    503
    error: the service answered 503 Service Unavailable, after 1 attempt in TIME s, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; check the network and run the same command again; --retries and --timeout give it more time

    400
    error: the service refused the request (status 400) for http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; add -vv to see every request

    429 that lasts two minutes
    error: too many requests, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; wait 2 minutes and run the same command again; --tiles-per-minute sets the pace

    401
    error: the service refused the token
    hint: check the token; https://www.mapillary.com/dashboard/developers lists yours

    403
    error: the service refused the token
    hint: check the token; https://www.mapillary.com/dashboard/developers lists yours

    code 4
    error: Application request limit reached, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; wait a few hours and run the same command again; --tiles-per-minute sets the pace

    code 2
    error: Service temporarily unavailable, after 1 attempt in TIME s, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; check the network and run the same command again; --retries and --timeout give it more time

    code 1
    error: Please reduce the amount of data you're asking for, then retry your request (status 500, code 1) for http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; add -vv to see every request

    302 to the login page
    error: this IP address is blocked: the service answered with a redirect to its login page, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; wait 26 hours, since each request makes a block longer, and run the same command again, with a lower --tiles-per-minute; if this machine has a new address or it was no block, run mly budget --forget-block first

    login page
    error: this IP address is blocked: the service answered with its login page "Mapillary - Log in", requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8600/5411
    hint: 0 of 9 tiles fetched; wait 60 minutes, since each request makes a block longer, and run the same command again, with a lower --tiles-per-minute; if this machine has a new address or it was no block, run mly budget --forget-block first

    gzip bomb
    error: tile 14/8600/5411 cannot be read: it unpacks to more than 67108864 bytes
    hint: 0 of 9 tiles fetched; run the same command again later; if it fails again, the service is sending broken data
    "#);
}

#[test]
fn a_redirect_elsewhere_is_told_with_where_it_leads_and_is_no_block() {
    for (to, told) in [
        (
            "http://127.0.0.1:1/login-portal?next=x",
            "the service redirects to http://127.0.0.1:1/login-portal, which",
        ),
        ("https://127.0.0.1/x", "the service redirects http to https: use https://127.0.0.1 as its address"),
    ] {
        for line in [&format!("images {TOWN} --concurrency 1"), "image 7038203092802113"] {
            let emulator = own_demo();
            emulator.fail(Fault::redirect(to));
            let outcome = mly(line).at(&emulator).fails(5);
            assert!(outcome.err.starts_with(&format!("error: {told}")), "{}", outcome.err);
            assert!(outcome.err.contains("check --graph-url and --tiles-url"), "{}", outcome.err);
            assert!(!outcome.err.contains("login page"), "{}", outcome.err);
        }
    }
}

#[test]
fn broken_bodies_that_last_are_the_fault_of_the_service() {
    let faults = [
        Fault::cut_body(),
        Fault::short_length(),
        Fault::garbled(),
        Fault::wrong_type(),
        Fault::huge_tile(65 << 20),
    ];
    for fault in faults {
        let outcome = under([on_tile(fault.clone())], &format!("images {TOWN} --retries 0 --concurrency 1"));
        assert_eq!(outcome.code, 5, "{fault:?}: {}", outcome.err);
        let (error, hint) = outcome.err.split_once('\n').unwrap();
        assert!(error.contains("14/8601/5411") && hint.contains(" of 9 tiles fetched; "), "{}", outcome.err);
    }
}

#[test]
fn a_block_is_not_asked_again() {
    for fault in [Fault::block(), Fault::html()] {
        let emulator = own_demo();
        emulator.fail(fault);
        mly(&format!("images {TOWN} --concurrency 1 --retries 5")).at(&emulator).fails(4);
        assert_eq!(emulator.requests().len(), 1);
    }
}

#[test]
fn a_service_that_is_not_there_is_a_network_failure() {
    let gone = own_demo().url().to_owned();
    let outcome = mly(&format!("images {TOWN} --retries 0 --tiles-url {gone} --token t")).fails(5);
    assert!(outcome.err.starts_with("error: cannot connect, after 1 attempt in "), "{}", outcome.err);
}

#[test]
fn a_used_up_budget_stops_and_says_when_to_go_on() {
    let outcome = under([], &format!("images {TOWN} --tiles-per-day 3 --concurrency 1"));
    assert_eq!(outcome.code, 4);
    assert_snapshot!(outcome.err, @r"
    error: the budget of 3 tiles per day is used up, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8602/5412
    hint: 3 of 9 tiles fetched; wait 24 hours and run the same command again; --tiles-per-day sets the budget
    ");
}

#[test]
fn an_address_that_asks_too_fast_is_blocked_and_told_so() {
    let limits = Limits::default().with_tiles_per_minute(4);
    let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
    let outcome = mly(&format!("images {TOWN} --concurrency 1")).at(&emulator).fails(4);
    assert_snapshot!(steady(&outcome.err, &emulator), @r"
    error: this IP address is blocked: the service answered with a redirect to its login page, requesting http://EMULATOR/maps/vtp/mly1_public/2/14/8602/5413
    hint: 4 of 9 tiles fetched; wait 26 hours, since each request makes a block longer, and run the same command again, with a lower --tiles-per-minute; if this machine has a new address or it was no block, run mly budget --forget-block first
    ");
}

#[test]
fn what_was_read_before_a_failure_is_told() {
    let late = on_tile(Fault::status(400));
    let outcome = under([late], &format!("images {TOWN} --concurrency 1"));
    assert_eq!(outcome.code, 5);
    let hint = outcome.err.lines().nth(1).unwrap();
    let read =
        hint.strip_prefix("hint: ").and_then(|rest| rest.split_once(" of 9 tiles fetched; ")).unwrap().0;
    assert!((1..9).contains(&read.parse::<u32>().unwrap()), "{hint}");
}
