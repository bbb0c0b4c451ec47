//! `/map_features` and `/detections`.

use super::{
    area::{self, SearchArea},
    entity,
};
use crate::{
    answer::ApiError,
    answers::DetectionsSearch,
    graph::{Entity, Graph},
    json::Json,
    request::Request,
};

pub(super) fn map_features(graph: &Graph<'_>, request: &Request) -> Result<Json, ApiError> {
    let answers = graph.answers;
    let area = required_bbox(graph, request)?;
    let first_seen = area::TimeSpan::of(request, "start_first_seen_at", "end_first_seen_at", answers)?;
    let last_seen = area::TimeSpan::of(request, "start_last_seen_at", "end_last_seen_at", answers)?;
    let values: Vec<&str> = entity::list(request.parameter("object_values")).collect();
    let found = match area {
        SearchArea::Box(bbox) => graph.source.features_in(bbox),
        SearchArea::Nowhere => Vec::new(),
    };
    let found = found.into_iter().filter(|feature| {
        first_seen.contains(feature.first_seen_at_ms)
            && last_seen.contains(feature.last_seen_at_ms)
            && is_wanted(&values, &feature.value)
    });
    graph.data(found.take(area::limit(request, answers)?).map(Entity::Feature), &entity::fields(request)?)
}

pub(super) fn detections(graph: &Graph<'_>, request: &Request) -> Result<Json, ApiError> {
    let answers = graph.answers;
    let area = match (required_bbox(graph, request)?, answers.detections_search) {
        (_, DetectionsSearch::Refused) => {
            return Err(ApiError::invalid("Unknown path components: /detections"));
        }
        (_, DetectionsSearch::Empty) => SearchArea::Nowhere,
        (area, DetectionsSearch::Works) => area,
    };
    let captured = area::TimeSpan::of(request, "start_captured_at", "end_captured_at", answers)?;
    let values: Vec<&str> = entity::list(request.parameter("values")).collect();
    let images = match area {
        SearchArea::Box(bbox) => graph.source.images_in(bbox, graph.limits.images_per_box),
        SearchArea::Nowhere => Some(Vec::new()),
    };
    let images = images.ok_or_else(ApiError::too_much_data)?;
    let found = images
        .into_iter()
        .filter(|image| captured.contains(image.captured_at_ms))
        .flat_map(|image| graph.source.detections_of_image(image.id))
        .filter(|detection| is_wanted(&values, &detection.value));
    graph.data(found.take(area::limit(request, answers)?).map(Entity::Detection), &entity::fields(request)?)
}

fn required_bbox(graph: &Graph<'_>, request: &Request) -> Result<SearchArea, ApiError> {
    area::bbox(request, graph.answers)?.ok_or_else(|| ApiError::invalid("The parameter bbox is required"))
}

/// Whether a value matches one of the patterns. Without patterns every value does.
fn is_wanted(patterns: &[&str], value: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, value))
}

/// `*` stands for any number of any characters.
fn matches(pattern: &str, value: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == value };
    let Some(mut value) = value.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = value.split_once(piece) else { return false };
        value = after;
    }
    value.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let cases = [
            ("object--bench", "object--bench", true),
            ("object--bench", "object--bench-2", false),
            ("object--*", "object--bench", true),
            ("*--g1", "regulatory--stop--g1", true),
            ("regulatory--*--g1", "regulatory--stop--g1", true),
            ("regulatory--*--g1", "regulatory--stop--g2", false),
            ("*speed*30*", "regulatory--maximum-speed-limit-30--g1", true),
            ("a*a", "a", false),
            ("*", "anything", true),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value}");
        }
    }
}
