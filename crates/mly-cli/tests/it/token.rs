//! Where the token comes from, and what is said when it is missing or refused.

use insta::assert_snapshot;
use mly_emulator::{Emulator, World};

use crate::support::{TOWN, demo, mly, own_demo};

/// A well-formed token that [`strict`] refuses.
const OTHER: &str = "MLY|1|11111111111111111111111111111111";

/// A demo world that accepts one token only.
fn strict() -> Emulator {
    let builder = Emulator::builder(World::demo()).with_token("MLY|1|00000000000000000000000000000000");
    builder.with_known_tokens_only(true).start().unwrap()
}

#[test]
fn without_a_token_the_hint_names_the_variable_and_the_demo() {
    let emulator = own_demo();
    let outcome = mly(&format!("images {TOWN}")).at(&emulator).variable("MAPILLARY_TOKEN", "  ").fails(3);
    assert_snapshot!(outcome.err, @r"
    error: no access token
    hint: set MAPILLARY_TOKEN or pass --token; to try without one, add --demo
    ");
    assert_eq!(emulator.requests(), []);
}

#[test]
fn a_refused_token_is_told_apart_from_a_missing_one() {
    let emulator = strict();
    let command =
        mly(&format!("images {TOWN} --concurrency 1")).at(&emulator).variable("MAPILLARY_TOKEN", OTHER);
    assert_snapshot!(command.fails(3).err, @r"
    error: the service refused the token
    hint: check the token; https://www.mapillary.com/dashboard/developers lists yours
    ");
    assert_eq!(emulator.requests().len(), 1, "a refused token was tried again");
}

#[test]
fn look_ups_and_downloads_tell_of_a_refused_token_too() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        ["image 7038203092802113", "detections --image 7038203092802113", "thumbnail 7038203092802113"]
            .map(|line| mly(line).at(&strict()).variable("MAPILLARY_TOKEN", OTHER).fails(3).err);
    let photos = folder.path().join("photos");
    let download = mly("download 7038203092802113 --to").arg(&photos);
    let refused = download.at(&strict()).variable("MAPILLARY_TOKEN", OTHER).fails(3).err;
    assert!(said.iter().all(|err| *err == refused));
    assert_snapshot!(refused, @r"
    error: the service refused the token: Error validating application. Cannot get application info due to a system error.
    hint: check the token; https://www.mapillary.com/dashboard/developers lists yours
    ");
    assert!(!folder.path().join("photos.failed").exists());
}

#[test]
fn the_second_variable_and_the_option_give_the_token_too() {
    let emulator = strict();
    let good = emulator.token();
    let command = || mly("images --tile 14/8601/5411 -q").at(&emulator);
    command().variable("MAPILLARY_TOKEN", "").variable("MAPILLARY_ACCESS_TOKEN", good).done();
    command().variable("MAPILLARY_TOKEN", good).variable("MAPILLARY_ACCESS_TOKEN", OTHER).done();
    command().variable("MAPILLARY_TOKEN", OTHER).arg("--token").arg(good).done();
    command().variable("MAPILLARY_TOKEN", good).arg("--token").arg(OTHER).fails(3);
}

#[test]
fn a_demo_needs_nothing_and_heeds_no_variable() {
    let outcome = mly(&format!("images {TOWN} --demo -q"))
        .variable("MAPILLARY_TOKEN", "a b")
        .variable("MAPILLARY_TILES_URL", "nowhere")
        .done();
    assert_eq!(outcome.out, mly(&format!("images {TOWN}")).at(demo()).done().out);
}
