//! Faults of the service, formats and places where runs end, by seed: complete and the same, or an honest error with
//! everything done kept.

use std::path::Path;

use mly::sink::Format;
use mly::{Client, Error, Summary};
use mly_emulator::Fault;

use super::question::{Question, question};
use super::{Desk, Dice, Whole, unfinished};

type Make = fn() -> Fault;

/// Faults after which an answer is none. An answer that is empty is none of them: such is a tile of the sea.
const FAULTS: [(&str, Make); 17] = [
    ("400", || Fault::status(400)),
    ("401", || Fault::status(401)),
    ("403", || Fault::status(403)),
    ("429", || Fault::status(429)),
    ("500", || Fault::status(500)),
    ("503", || Fault::status(503).with_retry_after(0)),
    ("a cut body", Fault::cut_body),
    ("a short length", Fault::short_length),
    ("a garbled body", Fault::garbled),
    ("another type", Fault::wrong_type),
    ("a login page", Fault::html),
    ("a block", Fault::block),
    ("code 4", Fault::throttle),
    ("code 2", Fault::transient),
    ("code 1", Fault::too_much_data),
    ("a gzip bomb", || Fault::gzip_bomb(65 << 20)),
    ("404", Fault::not_found_404),
];

const QUESTIONS: [&str; 6] = ["images", "sequences", "signs", "images with fields", "ids", "a wide circle"];

/// Seeds for each fault and format.
const SEEDS: u64 = 3;

/// Runs that may end in an error before the service gets well.
const MOST_ERRORS: usize = 6;

/// Combinations of faults, seeds and formats: every format but coco, which takes detections only.
const COMBINATIONS: usize = FAULTS.len() * (Format::ALL.len() - 1) * SEEDS as usize;
const _: () = assert!(COMBINATIONS >= 300);

/// All faults and seeds of one format.
fn matrix(format: Format) {
    let desk = Desk::demo();
    let wholes: Vec<(&Question, Whole)> = QUESTIONS
        .iter()
        .map(|name| question(name))
        .filter_map(|question| Some((question, desk.whole(&question.plan, format)?)))
        .collect();
    let clients = [1, 2, 3].map(|n| desk.tuned(|options| options.with_concurrency(n).with_retries(0)));
    let mut met = 0;
    for (number, (fault, make)) in FAULTS.iter().enumerate() {
        for seed in 0..SEEDS {
            let mut dice = Dice(number as u64 * SEEDS + seed);
            let (question, whole) = &wholes[dice.below(wholes.len())];
            // Each request, or some of them; then every run ends somewhere else.
            let every = if seed == 0 { 1 } else { 2 + dice.below(whole.requests.min(12)) };
            let name =
                format!("{} as {format}, {fault} at each {every}th request, seed {seed}", question.name);
            let path = desk.file(&format!("{number}-{seed}"));
            desk.emulator.fail(make().every(every as u32));
            // A service that never answers answers no better the next time, and bombs take their time.
            let most_errors = if every == 1 || *fault == "a gzip bomb" { 1 } else { MOST_ERRORS };
            let settings = (&clients[..], 1 + dice.below(clients.len()), most_errors);
            met += end(&desk, question, format, &path, settings, (whole, &name));
            std::fs::remove_file(&path).unwrap();
        }
    }
    assert!(met > FAULTS.len(), "faults were hardly met");
}

/// Runs until the file is there, and gives how many runs ended in an error.
fn end(
    desk: &Desk,
    question: &Question,
    format: Format,
    path: &Path,
    (clients, concurrency, most_errors): (&[Client], usize, usize),
    (whole, name): (&Whole, &str),
) -> usize {
    let before = desk.emulator.requests().len();
    let mut rows = 0;
    for errors in 0.. {
        if errors == most_errors {
            desk.emulator.clear_faults();
        }
        let client = &clients[concurrency - 1];
        let mut batches = client.run(&question.plan);
        let progress = batches.progress();
        match desk.wait(batches.write_file(path, format, false)) {
            Ok(summary) => {
                desk.emulator.clear_faults();
                assert!(summary.resumed >= rows, "{name}: {} rows of {rows} were kept", summary.resumed);
                if !lacks_what_it_tells(&summary, whole) {
                    whole.is_at(path, name);
                    whole.is_told(&summary, name);
                }
                let asked = desk.emulator.requests().len() - before;
                // What fails for whatever reason is asked in parts, unless the reason forbids to ask for anything.
                let is_whole =
                    ["401 ", "429 ", "code 4 ", "page ", "block "].iter().any(|fault| name.contains(fault));
                let parts = if is_whole { 0 } else { whole.requests * 3 };
                // Tiles and look-ups of what is in them go on side by side, and a tile may be half written.
                let in_flight = (2 * concurrency + 1) * question.at_once;
                let most = whole.requests + errors * in_flight + parts;
                assert!(
                    asked <= most,
                    "{name}: {asked} requests, {} needed, {errors} errors",
                    whole.requests
                );
                return errors;
            }
            Err(error) => {
                assert!(errors < most_errors, "{name}: {error}");
                assert!(is_honest(&error), "{name}: {error:?}");
                assert!(!path.exists(), "{name}: there before it is complete");
                let resumed = progress.resumed();
                assert!(resumed >= rows, "{name}: {resumed} rows of {rows} were kept");
                rows = resumed;
                assert!(rows == 0 || unfinished(path).exists(), "{name}");
            }
        }
    }
    unreachable!("runs end")
}

/// Whether a result lacks something and says so, as after a tile that was never there.
fn lacks_what_it_tells(summary: &Summary, whole: &Whole) -> bool {
    summary.missing.len() > whole.summary.missing.len()
        || summary.not_found.len() > whole.summary.not_found.len()
        || summary.failed.len() > whole.summary.failed.len()
}

/// Whether an error is about the service.
fn is_honest(error: &Error) -> bool {
    matches!(
        error,
        Error::Auth { .. }
            | Error::RateLimited { .. }
            | Error::Api { .. }
            | Error::Transport { .. }
            | Error::Decode { .. }
    )
}

#[test]
fn faults_leave_a_geojson_collection_as_it_should_be() {
    matrix(Format::GeoJson);
}

#[test]
fn faults_leave_geojson_lines_as_they_should_be() {
    matrix(Format::GeoJsonSeq);
}

#[test]
fn faults_leave_a_csv_table_as_it_should_be() {
    matrix(Format::Csv);
}

#[test]
fn faults_leave_an_arrow_stream_as_it_should_be() {
    matrix(Format::Arrow);
}

#[test]
fn faults_leave_a_parquet_file_as_it_should_be() {
    matrix(Format::Parquet);
}

#[test]
fn faults_leave_a_flatgeobuf_as_it_should_be() {
    matrix(Format::FlatGeobuf);
}

#[test]
fn faults_leave_a_geopackage_as_it_should_be() {
    matrix(Format::GeoPackage);
}

#[test]
fn faults_leave_an_archive_of_tiles_as_it_should_be() {
    matrix(Format::PmTiles);
}
