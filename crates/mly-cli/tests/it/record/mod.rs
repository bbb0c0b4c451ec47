//! `mly doctor --record`: what is asked, how it is answered, and what is written.

mod secret;
mod stop;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mly_emulator::{Choice, Emulator, Endpoint, Question, World};
use serde_json::Value;

use crate::support::{Outcome, demo, mly, names_in, own_demo};

/// Records the answers of an emulator in a folder.
fn record(emulator: &Emulator, folder: &Path) -> Outcome {
    mly("doctor --record").arg(folder).at(emulator).done()
}

/// The report in a folder.
fn report(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap()
}

/// What was observed to each question; `None` where there is no answer.
fn observed(report: &Value) -> BTreeMap<String, Option<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let questions = report["questions"].as_array().unwrap();
    questions.iter().map(|q| (text(&q["question"]).unwrap(), text(&q["observed"]))).collect()
}

#[test]
fn every_question_has_one_line_and_the_emulator_answers_as_expected() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let outcome = record(&emulator, folder.path());
    let lines: Vec<_> = outcome.text().lines().collect();
    assert_eq!(lines.len(), Question::ALL.len());
    for (line, question) in lines.iter().zip(Question::ALL) {
        let mut words = line.split_whitespace();
        let (name, verdict) = (words.next().unwrap(), words.next().unwrap());
        assert_eq!(name, question.name);
        let is_brown = name == "brown-parameters";
        assert_eq!(verdict, if is_brown { "unanswered" } else { "same" }, "{line}");
        assert!(line.contains("expected ") && line.contains(", observed "), "{line}");
    }
    let last = outcome.err.lines().last().unwrap();
    assert!(last.starts_with("31 questions: 30 as expected, 1 unanswered -> "), "{last}");
    assert!(outcome.text().contains("observed nothing: no image of camera_type brown among "));
    let requests = emulator.requests();
    assert!((20..=28).contains(&requests.len()), "about 25 requests, not {}", requests.len());
}

/// Every choice of an answer, in three lists: about tiles, about the graph, and about the rest.
fn choices() -> [Vec<Choice>; 3] {
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    for question in Question::ALL {
        let is_about = |words: &[&str]| words.iter().any(|word| question.name.contains(word));
        let list = if is_about(&["tile", "overview", "zoom", "point", "computed", "slash", "map-feature"]) {
            0
        } else if is_about(&["bbox", "bad-", "ids", "limit", "radius", "detections"]) {
            1
        } else {
            2
        };
        let all = question.variants.iter().map(|variant| Choice::new(question.name, variant.name).unwrap());
        lists[list].extend(all);
    }
    lists
}

#[test]
fn every_answer_that_an_emulator_plays_is_recognised() {
    // An answer about tiles, one about the graph and one about the rest do not meet, so they are played together.
    let lists = choices();
    for turn in 0..lists.iter().map(Vec::len).max().unwrap() {
        let played: Vec<Choice> = lists.iter().filter_map(|list| list.get(turn).copied()).collect();
        let builder = Emulator::builder(World::demo());
        let emulator = played.iter().fold(builder, |builder, choice| builder.with_answer(*choice));
        let (emulator, folder) = (emulator.start().unwrap(), tempfile::tempdir().unwrap());
        record(&emulator, folder.path());
        let report = report(folder.path());
        let observed = observed(&report);
        for choice in played {
            let (question, variant) = (choice.question().name, choice.variant().name);
            let there_is_none = question == "brown-parameters" && variant == "none";
            let expected = (!there_is_none).then(|| variant.to_owned());
            assert_eq!(observed[question], expected, "{question}: {}", report["questions"]);
        }
    }
}

#[test]
fn the_report_names_requests_and_payloads_and_nothing_else_is_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    record(demo(), folder.path());
    let report = report(folder.path());
    let requests = report["requests"].as_array().unwrap();
    let mut files: Vec<String> =
        requests.iter().filter_map(|request| Some(request["payload"].as_str()?.to_owned())).collect();
    assert!(files.len() > 15 && files.iter().any(|name| name.ends_with("-mesh.bin")), "{files:?}");
    files.push("report.json".to_owned());
    files.sort();
    assert_eq!(names_in(folder.path()), files);
    for request in requests {
        assert!(request["status"].is_u64() && request["headers"].is_object(), "{request}");
    }
    let asked: Vec<&str> = requests.iter().map(|request| request["request"].as_str().unwrap()).collect();
    for question in report["questions"].as_array().unwrap() {
        let steps = question["requests"].as_array().unwrap();
        assert!(!steps.is_empty() && question["asks"].as_str().unwrap().ends_with('?'), "{question}");
        assert!(steps.iter().any(|step| asked.contains(&step.as_str().unwrap())), "{question}");
    }
    let tile = fs::read(folder.path().join("02-tile.mvt")).unwrap();
    assert!(tile.windows(5).any(|bytes| bytes == b"image"));
}

#[test]
fn the_demo_needs_no_token_and_the_summary_counts_the_requests() {
    let folder = tempfile::tempdir().unwrap();
    let (records, summary) = (folder.path().join("records"), folder.path().join("summary.json"));
    mly("doctor --demo --record").arg(&records).arg("--summary").arg(&summary).done();
    let requests = report(&records)["requests"].as_array().unwrap().len() as u64;
    let summary: Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    let counted: u64 = summary["requests"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counted, requests);
}

#[test]
fn an_empty_world_leaves_most_questions_open_and_says_why() {
    let (emulator, folder) = (Emulator::start(World::empty()).unwrap(), tempfile::tempdir().unwrap());
    let outcome = record(&emulator, folder.path());
    assert!(outcome.text().contains("observed nothing: there are no images near the place"));
    let observed = observed(&report(folder.path()));
    assert_eq!(observed["empty-coverage-tile"].as_deref(), Some("empty"));
    assert_eq!(observed["bbox-rule"], None);
}

#[test]
fn the_place_is_where_images_are() {
    let (emulator, folder) =
        (Emulator::start(World::random(3, 60_000)).unwrap(), tempfile::tempdir().unwrap());
    record(&emulator, folder.path());
    let tiles: Vec<_> = emulator.requests().into_iter().filter(|seen| seen.kind == Endpoint::Tile).collect();
    // The world begins there, and the place that is asked for first is 22 tiles farther south.
    assert!(
        tiles[1].path.ends_with("/14/8601/5390") || tiles[1].path.ends_with("/14/8601/5389"),
        "{tiles:?}"
    );
    assert_eq!(observed(&report(folder.path()))["bbox-rule"].as_deref(), Some("area"));
}

#[test]
fn requests_that_are_not_tiles_are_as_slow_as_tiles() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    mly("doctor --tiles-per-minute 1500 --record").arg(folder.path()).at(&emulator).done();
    let times: Vec<i64> = emulator
        .requests()
        .iter()
        .filter(|seen| seen.kind != Endpoint::Tile)
        .map(|seen| seen.at_ms)
        .collect();
    assert!(times.len() > 10 && times.windows(2).all(|pair| pair[1] - pair[0] >= 40), "{times:?}");
}
