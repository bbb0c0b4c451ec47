//! Answers to what is not known of the service.

use mly_emulator::{Choice, Emulator, Question, World};

use crate::support::{error, get, json, layer};

fn town(choice: &str) -> Emulator {
    Emulator::builder(World::demo()).with_answer(choice.parse().unwrap()).start().unwrap()
}

#[test]
fn every_question_has_a_name_of_its_own_and_at_least_two_answers() {
    let mut names: Vec<_> = Question::ALL.iter().map(|question| question.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Question::ALL.len());
    for question in Question::ALL {
        assert!(question.asks.ends_with('?') && question.variants.len() > 1, "{question:?}");
        for variant in question.variants {
            let choice: Choice = format!("{}={}", question.name, variant.name).parse().unwrap();
            assert_eq!((choice.question(), choice.variant()), (question, variant));
        }
    }
}

#[test]
fn every_question_and_every_answer_is_in_the_guide() {
    let guide = std::fs::read_to_string("../../docs/guides/record.md").unwrap();
    for question in Question::ALL {
        let answers: Vec<_> =
            question.variants.iter().map(|variant| format!("`{}` {}", variant.name, variant.means)).collect();
        let row = format!("| `{}`: {} | {} |", question.name, question.asks, answers.join("; "));
        assert!(guide.contains(&row), "{row}");
    }
}

#[test]
fn an_unknown_name_is_refused_with_the_list() {
    let said = |text: &str| text.parse::<Choice>().unwrap_err().to_string();
    for text in ["bbox=side", "", "side", "=", "BBOX-RULE=side"] {
        let said = said(text);
        assert!(said.contains("the questions are point-buffer, ") && said.contains("bbox-rule"), "{said}");
    }
    for text in ["bbox-rule=", "bbox-rule", "bbox-rule=both"] {
        assert!(said(text).ends_with("the answers to bbox-rule are area, side"), "{}", said(text));
    }
}

#[test]
fn a_box_is_measured_by_its_area_or_by_its_sides() {
    let wide = "/images?bbox=8.99,51.99,9.01,51.992&fields=id&limit=5";
    assert_eq!(json(&town("bbox-rule=area"), wide)["data"].as_array().unwrap().len(), 5);
    let (status, refused) = error(get(&town("bbox-rule=side"), wide));
    assert_eq!((status, refused["code"].as_i64()), (400, Some(100)));
}

#[test]
fn an_unknown_id_fails_the_request_or_is_left_out_or_null() {
    let ask = |choice: &str| get(&town(choice), "/?ids=7038203092802113,77&fields=is_pano");
    assert_eq!(error(ask("bad-id-in-ids=fails")).0, 400);
    for (choice, is_null) in [("bad-id-in-ids=left-out", None), ("bad-id-in-ids=null", Some(true))] {
        let answer: serde_json::Value = ask(choice).json().unwrap();
        assert!(answer["7038203092802113"]["is_pano"].is_boolean());
        assert_eq!(answer.get("77").map(serde_json::Value::is_null), is_null, "{choice}");
    }
}

#[test]
fn with_a_buffer_a_point_near_an_edge_is_in_both_tiles_at_one_place() {
    let emulator = town("point-buffer=computed");
    let images = |x, y| layer(&crate::support::tile(&emulator, "mly1_computed_public", 14, x, y), "image");
    let (west, east) = (images(8601, 5411), images(8602, 5411));
    let both: Vec<_> = west
        .iter()
        .filter_map(|image| Some((image, east.iter().find(|other| other.text("id") == image.text("id"))?)))
        .collect();
    assert!(!both.is_empty());
    for (in_west, in_east) in both {
        let ([x, y], [other_x, other_y]) = (in_west.point(), in_east.point());
        assert_eq!((x - 4096, y), (other_x, other_y));
    }
    let without = town("point-buffer=none");
    let tile = crate::support::tile(&without, "mly1_computed_public", 14, 8601, 5411);
    assert!(
        layer(&tile, "image").iter().all(|image| image.point().iter().all(|unit| (0..4096).contains(unit)))
    );
}

#[test]
fn an_emulator_can_be_told_to_remember_few_requests() {
    let emulator = Emulator::builder(World::empty()).with_requests_remembered(2).start().unwrap();
    for _ in 0..4 {
        get(&emulator, "/image_ids?sequence_id=x");
    }
    assert_eq!(emulator.requests().iter().map(|seen| seen.status).collect::<Vec<_>>(), [200, 200]);
}
