//! What is worth knowing of a data set and was not asked for, one sentence each.

use crate::assembled::Assembled;
use crate::content::Content;
use crate::detected::Detections;
use crate::settings::Dataset;

/// Most classes or values that a message names.
const NAMED: usize = 5;

/// Shares may differ from the wanted ones by so many points before that is told.
const POINTS: f64 = 5.0;

/// What of the detections is not in the data set.
pub(crate) fn notes_of(detections: &Detections) -> Vec<String> {
    let mut notes = Vec::new();
    if detections.without_image > 0 {
        notes.push(format!(
            "detections left out because their image is not known: {}",
            detections.without_image
        ));
    }
    if detections.unusable > 0 {
        notes.push(format!("detections left out without an outline or a value: {}", detections.unusable));
    }
    notes
}

/// What the user did not ask for.
pub(crate) fn warnings_of(content: &Content, made: &Assembled, dataset: &Dataset) -> Vec<String> {
    let mut warnings = Vec::new();
    let some = |names: &[String]| {
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if names.len() > NAMED { format!("{shown}, ...") } else { shown }
    };
    if !content.classes.absent.is_empty() {
        warnings.push(format!("no detection is of the classes {}", some(&content.classes.absent)));
    }
    if made.labels == 0 {
        let values: Vec<String> = content.values.iter().cloned().collect();
        let known = if values.is_empty() { "nothing".to_owned() } else { some(&values) };
        warnings.push(format!("there are no labels; what was recognised: {known}"));
    }
    let all: u64 = made.parts.iter().sum();
    if all > 0 {
        #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53 images")]
        let shares = made.parts.map(|part| part as f64 / all as f64 * 100.0);
        let is_missed =
            shares.iter().zip(dataset.split.shares()).any(|(got, want)| (got - want).abs() > POINTS);
        if is_missed {
            let [train, validate, test] = shares;
            warnings.push(format!(
                "the split is {train:.1},{validate:.1},{test:.1}: a division by {} cannot be nearer to {}",
                dataset.grouping, dataset.split
            ));
        }
    }
    warnings
}
