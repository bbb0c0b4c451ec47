//! The boxes that are searched, and how stored plans list them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::cover::Cover;
use crate::api::limits::SEARCH_ZOOM;
use crate::query::Region;
use crate::tile::TileId;

/// The small tiles of an area, whose boxes are searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredBoxes", into = "StoredBoxes")]
pub(super) struct SearchBoxes(Cover<SEARCH_ZOOM>);

impl SearchBoxes {
    /// Every small tile that can hold a position of the area, and no other.
    pub(super) fn of(region: &Region) -> Self {
        Self(Cover::of(region))
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len()
    }

    pub(super) fn is_sound(&self) -> bool {
        self.0.is_sound()
    }

    /// The tiles, in the order of the Hilbert curve.
    pub(super) fn tiles(&self) -> impl Iterator<Item = TileId> + Send + use<> {
        self.0.tiles()
    }

    /// How many of the boxes come no later on the curve than a tile of their zoom.
    pub(super) fn count_until(&self, last: u64) -> u64 {
        self.0.count_until(last)
    }

    /// The tiles at these places of the order.
    pub(super) fn part(&self, places: &Range<u64>) -> Self {
        Self(self.0.slice(places.start, places.end - places.start))
    }
}

/// The boxes of a stored plan.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum StoredBoxes {
    OfZoom {
        zoom: u8,
        ranges: Cover<SEARCH_ZOOM>,
    },
    /// As earlier versions stored them: tiles of the zoom that has data. Their parts are searched.
    Large(Cover),
}

impl TryFrom<StoredBoxes> for SearchBoxes {
    type Error = String;

    fn try_from(stored: StoredBoxes) -> Result<Self, String> {
        match stored {
            StoredBoxes::OfZoom { zoom: SEARCH_ZOOM, ranges } => Ok(Self(ranges)),
            StoredBoxes::OfZoom { zoom, .. } => Err(format!("boxes of zoom {zoom} instead of {SEARCH_ZOOM}")),
            StoredBoxes::Large(cover) => Ok(Self(cover.deeper())),
        }
    }
}

impl From<SearchBoxes> for StoredBoxes {
    fn from(boxes: SearchBoxes) -> Self {
        Self::OfZoom { zoom: SEARCH_ZOOM, ranges: boxes.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Area;

    #[test]
    fn stored_boxes_come_back_and_large_ones_come_back_in_parts() {
        let region = Area::bbox(9.0, 52.0, 9.03, 52.01).unwrap().region();
        let boxes = SearchBoxes::of(&region);
        let text = serde_json::to_string(&boxes).unwrap();
        assert!(text.starts_with(r#"{"zoom":16,"ranges":[{"start":"#), "{text}");
        assert_eq!(serde_json::from_str::<SearchBoxes>(&text).unwrap(), boxes);

        let large: Cover = Cover::of(&region);
        let parts: SearchBoxes = serde_json::from_str(&serde_json::to_string(&large).unwrap()).unwrap();
        assert_eq!(parts.len(), 16 * large.len());
        assert!(parts.tiles().all(|tile| large.tiles().any(|whole| tile.ancestor(14) == whole)));

        for text in [r#"{"zoom":15,"ranges":[]}"#, r#"{"ranges":[]}"#, "5"] {
            assert!(serde_json::from_str::<SearchBoxes>(text).is_err(), "{text}");
        }
        let beyond = format!(r#"[{{"start":0,"end":{}}}]"#, u64::MAX);
        assert!(!serde_json::from_str::<SearchBoxes>(&beyond).unwrap().is_sound());
    }

    #[test]
    fn sides_of_boxes_are_under_a_hundredth_of_a_degree() {
        let region = Area::bbox(-10.0, -0.02, -9.95, 0.02).unwrap().region();
        for tile in SearchBoxes::of(&region).tiles() {
            let b = tile.bbox();
            assert!(b.east - b.west < 0.01 && b.north - b.south < 0.01, "{tile}");
        }
    }
}
