//! Chooses the kind of requests that answer a question with the lowest cost.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::boxes::SearchBoxes;
use super::cover::Cover;
use crate::api::limits::SEARCH_RADIUS_M;
use crate::query::{Layer, Lookup, Query};

/// With more boxes than this, paging through all images of a creator is assumed to be cheaper than searching each box.
const MOST_BOXES: u64 = 2_000;

/// The kind of requests that lead to the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Route {
    /// The tiles of the area.
    Tiles(Cover),
    /// Searches in the box of each small tile of the area.
    Boxes(SearchBoxes),
    /// Searches around a position.
    Circle,
    /// Searches for all images of creators, page by page.
    Creator,
    /// Look-ups of the ids in a range of the list.
    Ids(Range<usize>),
    /// A part without requests.
    Nothing,
}

impl Route {
    pub(super) fn of_query(query: &Query) -> Self {
        let region = query.area().region();
        let filters = query.filters();
        if in_small_circle(query) && !needs_tiles(query) {
            return Self::Circle;
        }
        if !filters.need_search() {
            return Self::Tiles(Cover::of(&region));
        }
        let boxes = SearchBoxes::of(&region);
        // Pages of images come in no order of place, so the nearest ones are known at the very end only.
        let may_page = filters.get("creator-username").is_some() && query.nearest().is_none();
        if may_page && boxes.len() > MOST_BOXES { Self::Creator } else { Self::Boxes(boxes) }
    }

    pub(super) fn of_lookup(lookup: &Lookup) -> Self {
        Self::Ids(0..lookup.ids().len())
    }

    /// Whether both are routes of the same kind.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Why this route was chosen, when it is not the tiles.
    pub(super) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Circle => {
                Some("one search sees 50 m around a position, for which up to 4 tiles would be needed")
            }
            Self::Boxes(_) => Some("tiles know no camera and no name of a creator, searches do"),
            Self::Creator => Some("the area has more tiles than a creator usually has pages of images"),
            Self::Tiles(_) | Self::Ids(_) | Self::Nothing => None,
        }
    }

    /// The `i`-th of `n` parts.
    pub(super) fn part(&self, i: u64, n: u64) -> Self {
        let share = |size: u64| {
            let bound = |i| u64::try_from(u128::from(size) * u128::from(i) / u128::from(n)).unwrap_or(size);
            bound(i)..bound(i + 1)
        };
        match self {
            Self::Tiles(cover) => {
                let Range { start, end } = share(cover.len());
                Self::Tiles(cover.slice(start, end - start))
            }
            Self::Boxes(boxes) => Self::Boxes(boxes.part(&share(boxes.len()))),
            Self::Ids(range) => {
                let part = share((range.end - range.start) as u64);
                let at = |n: u64| range.start + usize::try_from(n).unwrap_or(range.end);
                Self::Ids(at(part.start)..at(part.end).min(range.end))
            }
            Self::Circle | Self::Creator if i == 0 => self.clone(),
            Self::Circle | Self::Creator | Self::Nothing => Self::Nothing,
        }
    }
}

/// Whether the area is a circle that one search can answer.
fn in_small_circle(query: &Query) -> bool {
    // It is not known whether searches work across the antimeridian and near the poles.
    let is_plain = |[lon, lat]: [f64; 2]| lon.abs() < 179.9 && lat.abs() < 80.0;
    query.area().circle().is_some_and(|(at, radius_m)| radius_m <= SEARCH_RADIUS_M && is_plain(at))
}

/// Whether the query asks for something that only tiles have: the lines of sequences, the column `foot`, or a filter on
/// such a column.
fn needs_tiles(query: &Query) -> bool {
    let named = |name: &str| query.fields().is_some_and(|fields| fields.iter().any(|f| f == name));
    query.layer() == Layer::Sequences || named("foot") || query.filters().need_tiles()
}
