//! What ends a recording early.

use mly_emulator::{Emulator, Endpoint, Fault, World};

use super::{observed, report};
use crate::support::{mly, names_in, own_demo};

#[test]
fn a_wrong_token_ends_it_with_the_first_request_and_leaves_no_folder() {
    let emulator = Emulator::builder(World::demo()).with_known_tokens_only(true).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    let wrong = "MLY|1|00112233445566778899aabbccddeeff";
    let command = mly("doctor -q --record").arg(&records).at(&emulator).variable("MAPILLARY_TOKEN", wrong);
    let outcome = command.fails(3);
    assert!(outcome.out.is_empty() && !records.exists());
    assert_eq!(emulator.requests().len(), 1);
    mly("doctor --record").arg(&records).at(&emulator).done();
}

#[test]
fn nothing_is_sent_without_a_token() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    mly("doctor --record").arg(folder.path()).at(&emulator).variable("MAPILLARY_TOKEN", "").fails(3);
    assert!(emulator.requests().is_empty() && names_in(folder.path()).is_empty());
}

#[test]
fn a_block_ends_it_at_once_and_what_was_answered_is_written() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    emulator.fail(Fault::block().on(Endpoint::Entity));
    let outcome = mly("doctor -q --record").arg(folder.path()).at(&emulator).fails(4);
    assert!(outcome.err.contains("blocked"), "{}", outcome.err);
    assert_eq!(emulator.requests().iter().filter(|seen| seen.kind != Endpoint::Tile).count(), 1);
    let report = report(folder.path());
    assert!(report["stopped"].as_str().unwrap().contains("blocked"));
    let observed = observed(&report);
    assert_eq!(observed["empty-feature-tile"].as_deref(), Some("water"));
    assert_eq!(observed["ids-at-once"], None);
    assert!(outcome.text().contains("it was not asked, because the recording stopped"));
}

#[test]
fn a_limit_and_a_service_that_is_down_end_it() {
    for (fault, code) in [(Fault::throttle().on(Endpoint::Search), 4), (Fault::cut_body(), 5)] {
        let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
        emulator.fail(fault);
        mly("doctor -q --retries 0 --record").arg(folder.path().join("records")).at(&emulator).fails(code);
    }
}

#[test]
fn a_fault_that_passes_is_tried_again() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    emulator.fail(Fault::transient().on(Endpoint::Search).next(1));
    mly("doctor --retries 1 --record").arg(folder.path()).at(&emulator).done();
    assert_eq!(observed(&report(folder.path()))["bad-id-in-image-ids"].as_deref(), Some("left-out"));
}

#[test]
fn files_that_cannot_be_fetched_leave_their_questions_open() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    emulator.fail(Fault::expired());
    let outcome = mly("doctor --record").arg(folder.path()).at(&emulator).done();
    assert!(outcome.text().contains("observed nothing: the file server answered 403"), "{}", outcome.text());
    let observed = observed(&report(folder.path()));
    assert_eq!((observed["mesh-file"].as_ref(), observed["cluster-file"].as_ref()), (None, None));
    assert_eq!(observed["bbox-rule"].as_deref(), Some("area"));
}

#[test]
fn a_folder_with_files_is_refused_before_anything_is_sent() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    for place in [folder.path(), &file] {
        mly("doctor --record").arg(place).at(&emulator).fails(2);
    }
    assert!(emulator.requests().is_empty());
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}
