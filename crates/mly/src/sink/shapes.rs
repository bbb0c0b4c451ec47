//! The types of the geometries in a column.

use serde::{Deserialize, Serialize};

use super::text::UnknownGeometry;
use crate::table::Wkb;

/// Types of geometry, by the names that GeoJSON has for them.
pub(super) const POINT: &str = "Point";
pub(super) const MULTI_POINT: &str = "MultiPoint";
pub(super) const MULTI_LINE_STRING: &str = "MultiLineString";

/// Which types of geometry have been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shapes {
    point: bool,
    multi_point: bool,
    multi_line_string: bool,
}

impl Shapes {
    pub(super) fn add(&mut self, geometry: &Wkb) {
        match geometry {
            Wkb::Point(_) => self.point = true,
            Wkb::Points(_) => self.multi_point = true,
            Wkb::Lines(_) => self.multi_line_string = true,
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.point |= other.point;
        self.multi_point |= other.multi_point;
        self.multi_line_string |= other.multi_line_string;
    }

    /// Whether there are only points, or nothing.
    pub(super) fn is_points(self) -> bool {
        !self.multi_point && !self.multi_line_string
    }

    /// The types, or the one that the column is declared for if there is no geometry yet. Sorted.
    pub(super) fn names(self, declared: Option<&str>) -> Vec<&str> {
        let all = [
            (self.multi_line_string, MULTI_LINE_STRING),
            (self.multi_point, MULTI_POINT),
            (self.point, POINT),
        ];
        let found: Vec<_> = all.into_iter().filter_map(|(is_there, name)| is_there.then_some(name)).collect();
        if found.is_empty() { declared.into_iter().collect() } else { found }
    }
}

/// A geometry of a column that is declared for a kind, if it is of that kind. A column of lines also has points, in
/// place of lines that would lead nowhere.
pub(super) fn check(geometry: Wkb, kind: Option<&str>) -> Result<Wkb, UnknownGeometry> {
    let is_one = match kind {
        None => true,
        Some(MULTI_LINE_STRING) => matches!(geometry, Wkb::Lines(_) | Wkb::Points(_)),
        Some(kind) => kind == geometry.type_name(),
    };
    is_one.then_some(geometry).ok_or(UnknownGeometry)
}
