//! Geometries.

/// Which kind of geometry a feature has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GeometryKind {
    /// Not said, or a kind that this version of the format does not have.
    Unknown,
    /// One point or several.
    Point,
    /// One line or several.
    LineString,
    /// One polygon or several.
    Polygon,
}

/// A geometry in tile units, y down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Geometry {
    /// Of a feature that does not say its kind: the format gives its commands no meaning.
    Unknown,
    /// One point or several.
    Points(Vec<[i32; 2]>),
    /// One line or several, each of two vertices or more.
    Lines(Vec<Vec<[i32; 2]>>),
    /// One polygon or several.
    Polygons(Vec<Polygon>),
}

/// A polygon. Its rings are closed: a vertex equal to the first is added to those that the tile holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polygon {
    /// The outer ring.
    pub exterior: Vec<[i32; 2]>,
    /// The holes.
    pub interiors: Vec<Vec<[i32; 2]>>,
}

impl Geometry {
    /// The kind.
    pub fn kind(&self) -> GeometryKind {
        match self {
            Self::Unknown => GeometryKind::Unknown,
            Self::Points(_) => GeometryKind::Point,
            Self::Lines(_) => GeometryKind::LineString,
            Self::Polygons(_) => GeometryKind::Polygon,
        }
    }
}

impl GeometryKind {
    #[inline]
    pub(crate) const fn from_wire(n: u64) -> Self {
        match n {
            1 => Self::Point,
            2 => Self::LineString,
            3 => Self::Polygon,
            _ => Self::Unknown,
        }
    }

    #[inline]
    pub(crate) const fn to_wire(self) -> u64 {
        match self {
            Self::Unknown => 0,
            Self::Point => 1,
            Self::LineString => 2,
            Self::Polygon => 3,
        }
    }
}

/// Twice the area of a closed ring by the surveyor's formula: positive when clockwise on a screen, y down.
pub(crate) fn doubled_area(ring: &[[i32; 2]]) -> i128 {
    // One step fits 63 bits: 2^62 from the corner of all coordinates, and less than 2^62 from any other.
    let step = |[ax, ay]: [i32; 2], [bx, by]: [i32; 2]| {
        i64::from(ax) * i64::from(by) - i64::from(bx) * i64::from(ay)
    };
    ring.iter().zip(ring.iter().skip(1)).map(|(&a, &b)| i128::from(step(a, b))).sum()
}
