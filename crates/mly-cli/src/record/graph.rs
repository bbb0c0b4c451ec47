//! Questions about searches and look-ups.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exchange::{Outcome, rows};
use super::place;
use super::script::{UNKNOWN_ID, values_of};
use super::seen::Seen;
use super::sighting::Sighting;
use super::step::Step;
use super::unanswered::Unanswered;

type Judged = Result<Sighting, Unanswered>;

/// The code of a wrong request, and that of too much data.
const WRONG_REQUEST: i64 = 100;
const TOO_MUCH_DATA: i64 = 1;

/// The parameters of images that were not processed, which say nothing about the camera.
const NOT_CALIBRATED: [f64; 3] = [0.85, 0.0, 0.0];

fn outcome(seen: &Seen, step: Step) -> Result<Outcome, Unanswered> {
    Ok(seen.answer(step)?.outcome())
}

/// Whether a refusal is about the request itself and not about the load of the service.
fn is_refusal(status: u16, code: Option<i64>) -> bool {
    match code {
        Some(code) => code == WRONG_REQUEST,
        None => (400..500).contains(&status),
    }
}

/// How a search was answered that should be refused: `refused`, or one of these words for an answer without rows and one
/// with rows.
fn search(seen: &Seen, step: Step, empty: &'static str, answered: &'static str) -> Judged {
    let outcome = outcome(seen, step)?;
    match &outcome {
        Outcome::Refused { status, code, .. } if is_refusal(*status, *code) => {
            Ok(Sighting::new("refused", outcome.to_string()))
        }
        Outcome::Refused { code: Some(TOO_MUCH_DATA), .. } => {
            Ok(Sighting::new("too-much-data", outcome.to_string()))
        }
        Outcome::Refused { .. } => Err(Unanswered::new(outcome.to_string())),
        Outcome::Answer(value) => {
            let count = rows(value)?.len();
            Ok(Sighting::new(if count == 0 { empty } else { answered }, format!("{count} rows")))
        }
    }
}

/// Whether the small box has images; without any, an answer without rows means nothing.
fn small_box_has_rows(seen: &Seen) -> Result<(), Unanswered> {
    let answer = seen.answer(Step::SearchSmall)?.answer()?;
    if rows(&answer)?.is_empty() { Err(Unanswered::new("the small box has no images")) } else { Ok(()) }
}

pub(super) fn bbox_rule(seen: &Seen) -> Judged {
    let Sighting { word, detail } = search(seen, Step::SearchWide, "side", "area")?;
    let word = match &*word {
        "refused" => "side".into(),
        "too-much-data" => return Err(Unanswered::new(detail)),
        _ => word,
    };
    Ok(Sighting { word, detail: format!("a box of 0.02 by 0.002 degrees: {detail}") })
}

pub(super) fn bbox_too_large(seen: &Seen) -> Judged {
    search(seen, Step::SearchTooLarge, "empty", "answered")
}

pub(super) fn bbox_order(seen: &Seen) -> Judged {
    small_box_has_rows(seen)?;
    search(seen, Step::SearchOrder, "empty", "swapped")
}

pub(super) fn bad_date(seen: &Seen) -> Judged {
    small_box_has_rows(seen)?;
    search(seen, Step::SearchBadDate, "empty", "ignored")
}

pub(super) fn limit_over_2000(seen: &Seen) -> Judged {
    search(seen, Step::SearchLimit, "capped", "capped")
}

pub(super) fn radius_over_50(seen: &Seen) -> Judged {
    search(seen, Step::SearchRadius, "capped", "capped")
}

pub(super) fn detections_search(seen: &Seen) -> Judged {
    search(seen, Step::SearchDetections, "empty", "works")
}

/// The small box has only the original position of one image, and only the computed one of another.
pub(super) fn bbox_position(seen: &Seen) -> Judged {
    let place = place::small_box(seen)?;
    let answer = seen.answer(Step::SearchSmall)?.answer()?;
    let rows = rows(&answer)?;
    let is_inside = |row: &Value, field: &str| {
        let at = &row[field]["coordinates"];
        at[0].as_f64().zip(at[1].as_f64()).map(|(lon, lat)| place.bbox.contains(lon, lat))
    };
    let outside = |field| rows.iter().filter(|row| is_inside(row, field) == Some(false)).count();
    let is_found = |id: i64| rows.iter().any(|row| row["id"] == *id.to_string());
    let leaves = place.leaves.ok_or_else(|| {
        Unanswered::new("no image has a computed position that is far from its original one")
    })?;
    let (by_original, by_computed) = (is_found(leaves), place.enters.is_some_and(is_found));
    let detail = format!(
        "of {} images {} have their original position outside of the box, and {} their computed one",
        rows.len(),
        outside("geometry"),
        outside("computed_geometry")
    );
    let word = match (by_original, by_computed || outside("geometry") > 0) {
        (true, false) => "original",
        (true, true) => "either",
        (false, true) => "computed",
        (false, false) => {
            return Err(Unanswered::new(format!(
                "image {leaves} was not found, whose original position is inside"
            )));
        }
    };
    Ok(Sighting::new(word, detail))
}

pub(super) fn ids_at_once(seen: &Seen) -> Judged {
    let asked = |step| -> Result<bool, Unanswered> {
        let outcome = outcome(seen, step)?;
        match &outcome {
            Outcome::Answer(_) => Ok(true),
            Outcome::Refused { status, code, message }
                if is_refusal(*status, *code) && !message.contains("does not exist") =>
            {
                Ok(false)
            }
            Outcome::Refused { .. } => Err(Unanswered::new(outcome.to_string())),
        }
    };
    if asked(Step::Ids51)? {
        return Ok(Sighting::new("more", "51 ids were answered"));
    }
    let detail = outcome(seen, Step::Ids51)?.to_string();
    Ok(Sighting::new(if asked(Step::Ids50)? { "50" } else { "fewer" }, detail))
}

pub(super) fn bad_id_in_ids(seen: &Seen) -> Judged {
    let outcome = outcome(seen, Step::IdsUnknown)?;
    let Outcome::Answer(answer) = &outcome else { return refused_id(&outcome) };
    let by_id = answer.as_object().ok_or_else(|| Unanswered::new("the answer is no object"))?;
    Ok(match by_id.get(UNKNOWN_ID) {
        Some(Value::Null) => Sighting::new("null", "its value is null"),
        Some(_) => Sighting::new("found", "it is answered like the other one"),
        None => Sighting::new("left-out", format!("{} of 2 ids are answered", by_id.len())),
    })
}

pub(super) fn bad_id_in_image_ids(seen: &Seen) -> Judged {
    let outcome = outcome(seen, Step::ImageIdsUnknown)?;
    let Outcome::Answer(answer) = &outcome else { return refused_id(&outcome) };
    let rows = rows(answer)?;
    let word = if rows.iter().any(Value::is_null) { "null" } else { "left-out" };
    Ok(Sighting::new(word, format!("{} of 2 ids are answered", rows.len())))
}

fn refused_id(outcome: &Outcome) -> Judged {
    match outcome {
        Outcome::Refused { status, code, .. } if is_refusal(*status, *code) => {
            Ok(Sighting::new("fails", outcome.to_string()))
        }
        other => Err(Unanswered::new(other.to_string())),
    }
}

pub(super) fn brown_parameters(seen: &Seen) -> Judged {
    let images = values_of(seen, "camera_type");
    let mut counts = BTreeMap::new();
    for image in images.iter().filter(|image| image["camera_type"] == "brown") {
        let numbers: Vec<_> =
            image["camera_parameters"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        if numbers != NOT_CALIBRATED {
            *counts.entry(numbers.len()).or_insert(0) += 1;
        }
    }
    let Some((length, of)) = counts.into_iter().max_by_key(|(_, of)| *of) else {
        return Err(Unanswered::new(format!("no image of camera_type brown among {}", images.len())));
    };
    let word = match length {
        9 => "nine".to_owned(),
        5 => "five".to_owned(),
        other => other.to_string(),
    };
    Ok(Sighting::new(word, format!("{length} numbers on {of} images")))
}
