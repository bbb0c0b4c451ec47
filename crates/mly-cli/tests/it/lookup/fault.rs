//! Look-ups from a service that fails.

use insta::assert_snapshot;
use mly_emulator::{Emulator, Endpoint, Fault};

use super::ids;
use crate::support::{mly, names_in, own_demo, steady};

/// Commands that ask the graph about images.
fn lines() -> Vec<String> {
    let ids = ids("images", 60).join(" ");
    vec![
        format!("image {ids} --fields make,captured_at"),
        format!("detections --image {ids}"),
        format!("detections --image {ids} -f coco"),
    ]
}

fn failing(fault: Fault) -> Emulator {
    let emulator = own_demo();
    emulator.fail(fault.on(Endpoint::Entity));
    emulator
}

#[test]
fn faults_that_pass_leave_no_trace_in_the_result() {
    let wholes: Vec<_> = lines().iter().map(|line| mly(line).at(&own_demo()).done().out).collect();
    let faults: [fn() -> Fault; 6] = [
        || Fault::status(503),
        || Fault::status(429),
        Fault::cut_body,
        Fault::garbled,
        Fault::transient,
        Fault::too_much_data,
    ];
    std::thread::scope(|scope| {
        for fault in faults {
            for (line, whole) in lines().into_iter().zip(&wholes) {
                scope.spawn(move || {
                    let emulator = failing(fault().next(1));
                    let outcome = mly(&format!("{line} --concurrency 1")).at(&emulator).run();
                    assert_eq!(outcome.code, 0, "{:?}: {}", fault(), outcome.err);
                    assert!(outcome.out == *whole, "{:?}: {line}", fault());
                });
            }
        }
    });
}

/// A message that names fewer ids.
fn shortened(err: &str, images: &str) -> String {
    let (first, rest) = images.split_once(' ').unwrap();
    let short = rest.split(' ').fold(err.to_owned(), |err, id| err.replace(&format!(",{id}"), ""));
    short.replace(&format!("={first}&"), "=FIRST,...&").replace(first, "FIRST")
}

#[test]
fn a_fault_that_lasts_ends_in_an_honest_exit_code_and_leaves_nothing() {
    let cases = [
        ("503", Fault::status(503), 5),
        ("400", Fault::status(400), 5),
        ("401", Fault::status(401), 3),
        ("code 4", Fault::throttle(), 4),
        ("code 2", Fault::transient(), 5),
        ("cut", Fault::cut_body(), 5),
    ];
    let images = ids("images", 60).join(" ");
    let said = cases.map(|(name, fault, code)| {
        let (emulator, folder) = (failing(fault), tempfile::tempdir().unwrap());
        let line = format!("image {images} --fields make --retries 0 --concurrency 1");
        let outcome = mly(&line).to(&folder.path().join("a.csv")).at(&emulator).fails(code);
        assert_eq!(names_in(folder.path()), [""; 0], "{name}");
        format!("{name}\n{}", shortened(&steady(&outcome.err, &emulator), &images))
    });
    assert_snapshot!(said.join("\n"), @r"
    503
    error: Service temporarily unavailable, after 1 attempt in TIME s, requesting http://EMULATOR/8155595354067733?fields=make,geometry,captured_at
    hint: 0 of 2 requests fetched; check the network and run the same command again; --retries and --timeout give it more time

    400
    error: Invalid parameter (status 400, code 100) for http://EMULATOR/8155595354067733?fields=make,geometry,captured_at
    hint: 0 of 2 requests fetched; add -vv to see every request

    401
    error: the service refused the token: Failed to decode
    hint: check the token; https://www.mapillary.com/dashboard/developers lists yours

    code 4
    error: Application request limit reached, requesting http://EMULATOR/?ids=FIRST,6515903955...&fields=make,geometry,captured_at
    hint: 0 of 2 requests fetched; wait a few minutes and run the same command again; --concurrency sets the pace

    code 2
    error: Service temporarily unavailable, after 1 attempt in TIME s, requesting http://EMULATOR/8155595354067733?fields=make,geometry,captured_at
    hint: 0 of 2 requests fetched; check the network and run the same command again; --retries and --timeout give it more time

    cut
    error: the response was cut off, after 1 attempt in TIME s, requesting http://EMULATOR/8155595354067733?fields=make,geometry,captured_at: error decoding response body: request or response body error: error reading a body from connection: end of file before message length reached
    hint: 0 of 2 requests fetched; check the network and run the same command again; --retries and --timeout give it more time
    ");
}

#[test]
fn an_answer_that_unpacks_to_too_much_is_the_fault_of_the_service() {
    let emulator = failing(Fault::gzip_bomb(65 << 20));
    let id = ids("images", 1).remove(0);
    let err = mly(&format!("image {id} --fields make")).at(&emulator).fails(5).err;
    assert_snapshot!(err.replace(&id, "ID"), @r"
    error: entity ID cannot be read: it unpacks to more than 67108864 bytes
    hint: 0 of 1 request fetched; run the same command again later; if it fails again, the service is sending broken data
    ");
}

#[test]
fn a_second_request_that_fails_tells_how_far_it_came() {
    let emulator = own_demo();
    emulator.fail(Fault::throttle().on(Endpoint::Entity).every(2));
    let line = format!("image {} --fields make --retries 0 --concurrency 1", ids("images", 60).join(" "));
    let err = mly(&line).at(&emulator).fails(4).err;
    assert!(err.contains("\nhint: 1 of 2 requests fetched; wait"), "{err}");
}
