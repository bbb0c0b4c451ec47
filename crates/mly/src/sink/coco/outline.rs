//! The outline of a detection as COCO describes it.

/// Fewer positions than this enclose nothing.
const SMALLEST_RING: usize = 3;

/// The rings of a detection that have an area, with the box and area that COCO asks for.
#[derive(Debug, PartialEq)]
pub(super) struct CocoOutline<'a> {
    /// Exterior rings, none with its first position repeated at the end.
    pub(super) exteriors: Vec<&'a [[f64; 2]]>,
    /// Left, top, width and height in pixels.
    pub(super) bbox: [f64; 4],
    /// In square pixels, without the holes.
    pub(super) area: f64,
}

impl<'a> CocoOutline<'a> {
    /// The outline of rings, or `None` when no ring encloses anything.
    ///
    /// The first ring with an area is an exterior one, and holes wind the other way (Mapbox Vector Tile 2.1, 4.3.4.4).
    pub(super) fn of(rings: &[&'a [[f64; 2]]]) -> Option<Self> {
        let mut exteriors = Vec::new();
        let (mut winding, mut area) = (0.0, 0.0);
        for ring in rings.iter().copied().map(open) {
            let signed = signed_area(ring);
            if ring.len() < SMALLEST_RING || signed == 0.0 {
                continue;
            }
            if exteriors.is_empty() {
                winding = signed.signum();
            }
            area += signed * winding;
            if signed * winding > 0.0 {
                exteriors.push(ring);
            }
        }
        let bbox = bbox(&exteriors)?;
        // The sum is negative only when holes are larger than their polygon, which is an error in the data.
        Some(Self { exteriors, bbox, area: area.max(0.0) })
    }
}

/// A ring without its first position repeated at the end.
fn open(ring: &[[f64; 2]]) -> &[[f64; 2]] {
    match ring {
        [first, rest @ .., last] if first.iter().eq(last) => ring.get(..=rest.len()).unwrap_or(ring),
        _ => ring,
    }
}

/// Shoelace formula. Coordinates are taken relative to the first position, so that large ones lose no precision.
fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let Some([x0, y0]) = ring.first() else { return 0.0 };
    let cross = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0);
    ring.iter().zip(ring.iter().skip(1)).map(cross).sum::<f64>() / 2.0
}

fn bbox(rings: &[&[[f64; 2]]]) -> Option<[f64; 4]> {
    let mut positions = rings.iter().copied().flatten();
    let first = positions.next()?;
    let (low, high) = positions.fold((*first, *first), |(low, high), at| {
        ([low[0].min(at[0]), low[1].min(at[1])], [high[0].max(at[0]), high[1].max(at[1])])
    });
    Some([low[0], low[1], high[0] - low[0], high[1] - low[1]])
}
