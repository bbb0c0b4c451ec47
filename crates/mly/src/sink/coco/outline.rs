//! The outline of a detection as COCO describes it.

/// Fewer positions than this enclose nothing.
const SMALLEST_RING: usize = 3;

/// The rings of a detection that have an area, with the box and area that COCO asks for.
#[derive(Debug, PartialEq)]
pub struct CocoOutline {
    /// Exterior rings with their holes, none with its first position repeated at the end.
    pub polygons: Vec<Vec<[f64; 2]>>,
    /// Left, top, width and height in pixels.
    pub bbox: [f64; 4],
    /// In square pixels, without the holes.
    pub area: f64,
}

impl CocoOutline {
    /// The outline of rings, or `None` when no ring encloses anything.
    ///
    /// The first ring with an area is an exterior one, and holes follow their exterior ring and wind the other way
    /// (Mapbox Vector Tile 2.1, 4.3.4.4).
    pub fn of(rings: &[&[[f64; 2]]]) -> Option<Self> {
        let mut polygons: Vec<Vec<[f64; 2]>> = Vec::new();
        let (mut winding, mut area) = (0.0, 0.0);
        for ring in rings.iter().copied().map(open) {
            let signed = signed_area(ring);
            if ring.len() < SMALLEST_RING || signed == 0.0 {
                continue;
            }
            if polygons.is_empty() {
                winding = signed.signum();
            }
            area += signed * winding;
            match polygons.last_mut().filter(|_| signed * winding < 0.0) {
                Some(exterior) => cut_out(ring, exterior),
                None => polygons.push(ring.to_vec()),
            }
        }
        let bbox = bbox(&polygons)?;
        // The sum is negative only when holes are larger than their polygon, which is an error in the data.
        Some(Self { polygons, bbox, area: area.max(0.0) })
    }
}

/// Cuts a hole out of a ring.
///
/// Polygons of COCO have one ring. So the ring goes from its position nearest to the hole to the hole, around it, and
/// back the same way. Readers fill what is inside an odd number of times, which the way there and back does not change.
fn cut_out(hole: &[[f64; 2]], ring: &mut Vec<[f64; 2]>) {
    let Some([x, y]) = hole.first().copied() else { return };
    let distance = |at: &[f64; 2]| (at[0] - x).powi(2) + (at[1] - y).powi(2);
    let nearest = ring.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    let Some((place, from)) = nearest.map(|(place, from)| (place, *from)) else { return };
    let way = hole.iter().copied().chain([[x, y], from]);
    let after = place + 1;
    ring.splice(after..after, way);
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

fn bbox(rings: &[Vec<[f64; 2]>]) -> Option<[f64; 4]> {
    let mut positions = rings.iter().flatten();
    let first = positions.next()?;
    let (low, high) = positions.fold((*first, *first), |(low, high), at| {
        ([low[0].min(at[0]), low[1].min(at[1])], [high[0].max(at[0]), high[1].max(at[1])])
    });
    Some([low[0], low[1], high[0] - low[0], high[1] - low[1]])
}
