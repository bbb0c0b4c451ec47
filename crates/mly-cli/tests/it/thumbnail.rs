//! `mly thumbnail`: one fresh address a line, and nothing else.

use crate::graph::get;
use crate::lookup::{NOBODY, ids, still};
use crate::support::mly;

/// The address of a photo as the graph has it.
fn address(id: &str, field: &str) -> String {
    get(still(), &format!("/{id}?fields={field}"))[field].as_str().unwrap().to_owned()
}

#[test]
fn addresses_come_in_the_order_of_the_ids_and_in_every_size() {
    let ids = ids("images", 60);
    let listed: Vec<_> = ids.iter().rev().chain(&ids[..2]).cloned().collect();
    for (option, field) in [
        ("", "thumb_1024_url"),
        ("--size 256", "thumb_256_url"),
        ("--size 1024", "thumb_1024_url"),
        ("--size 2048", "thumb_2048_url"),
        ("--size original", "thumb_original_url"),
    ] {
        let outcome = mly(&format!("thumbnail {option} {}", listed.join(" "))).at(still()).done();
        let want: String = listed.iter().map(|id| address(id, field) + "\n").collect();
        assert!(outcome.text() == want, "{option}");
        assert!(outcome.err.starts_with("62 URLs from "), "{}", outcome.err);
    }
}

#[test]
fn ids_are_read_from_standard_input_as_well() {
    let ids = ids("images", 2);
    let outcome = mly("thumbnail - -q").input(format!("{}\r\n\r\n{}\r\n", ids[0], ids[1])).at(still()).done();
    assert_eq!(outcome.text().lines().count(), 2);
    assert_eq!(outcome.err, "");
}

#[test]
fn what_is_not_found_is_named_and_the_rest_is_printed() {
    let ids = ids("images", 2);
    let outcome = mly(&format!("thumbnail {} {NOBODY} {}", ids[0], ids[1])).at(still()).run();
    assert_eq!(outcome.code, 7);
    let want: String = ids.iter().map(|id| address(id, "thumb_1024_url") + "\n").collect();
    assert_eq!(outcome.text(), want);
    let lines: Vec<_> = outcome.err.lines().collect();
    assert_eq!(lines[0], format!("warning: 1 id was not found: {NOBODY}"));
    assert!(lines[1].starts_with("2 URLs from ") && lines.len() == 2, "{}", outcome.err);
}

#[test]
fn an_address_needs_no_token() {
    let outcome = mly(&format!("thumbnail {}", ids("images", 1)[0])).at(still()).done();
    let token = still().token();
    let parts: Vec<_> = token.split('|').filter(|part| part.len() > 5).collect();
    assert!(!parts.is_empty() && parts.iter().all(|part| !outcome.text().contains(part)));
}
