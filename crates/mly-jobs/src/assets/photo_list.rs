//! The column `images` of map features: the photos that show each.

use serde_json::Value;

use crate::metric::Position;

/// A photo that shows a sign, and where it was taken, if that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SeenFrom {
    pub(super) image: i64,
    pub(super) at: Option<Position>,
}

/// The photos of a list in JSON, sorted by id, each once.
///
/// The service writes `{"data":[{"id":"7","geometry":{..}}]}`; a plain list of objects or of ids is read too. `None` when
/// it is none of these.
pub(super) fn photo_list(text: &str) -> Option<Box<[SeenFrom]>> {
    let parsed: Value = serde_json::from_str(text).ok()?;
    let list = match &parsed {
        Value::Array(list) => list,
        Value::Object(object) => object.get("data")?.as_array()?,
        _ => return None,
    };
    let mut photos: Vec<_> = list.iter().filter_map(photo).collect();
    photos.sort_by_key(|photo| (photo.image, photo.at.is_none()));
    photos.dedup_by_key(|photo| photo.image);
    Some(photos.into())
}

/// The ids of the photos in such a list, ascending.
pub(crate) fn photo_ids(text: &str) -> Option<Vec<i64>> {
    Some(photo_list(text)?.iter().map(|photo| photo.image).collect())
}

fn photo(entry: &Value) -> Option<SeenFrom> {
    let id = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    match entry.as_object() {
        None => Some(SeenFrom { image: id(entry)?, at: None }),
        Some(object) => {
            let numbers = object.get("geometry").and_then(|geometry| geometry.get("coordinates"));
            let at = numbers.and_then(|n| Some([n.get(0)?.as_f64()?, n.get(1)?.as_f64()?]));
            Some(SeenFrom { image: id(object.get("id")?)?, at })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_the_service_and_plain_ones_are_read() {
        let list = r#"{"data":[{"id":"9","geometry":{"type":"Point","coordinates":[9.0,52.0]}},{"id":"7"},{"id":"7"}]}"#;
        let want = [SeenFrom { image: 7, at: None }, SeenFrom { image: 9, at: Some([9.0, 52.0]) }];
        assert_eq!(photo_list(list).as_deref(), Some(&want[..]));
        assert_eq!(photo_list(r#"[9,"7"]"#).map(|list| list.len()), Some(2));
        assert_eq!(photo_list("7"), None);
        assert_eq!(photo_list("{"), None);
    }
}
