//! Outlines of detections within a photo.

use mly::sink::CocoOutline;

/// Rings of x and y in shares of the width and height, y down.
pub(crate) type PhotoRings = Vec<Vec<[f64; 2]>>;

/// How near to the left or right edge a ring is taken to touch it: two of the 4,096 steps in which outlines are sent.
const TOUCH: f64 = 2.0 / 4096.0;

/// The parts of an outline that are within the photo, one for each place where the object shows.
///
/// A panorama goes on at its other edge, so an object at the edge shows twice. A box around both would be as wide as the
/// photo.
pub(crate) fn pieces(rings: &PhotoRings, is_pano: bool) -> Vec<PhotoRings> {
    let cut = |rings: &[Vec<[f64; 2]>], shift: f64| {
        let ring = |ring: &Vec<[f64; 2]>| {
            ring.iter().map(|[x, y]| [(x + shift).clamp(0.0, 1.0), y.clamp(0.0, 1.0)]).collect()
        };
        rings.iter().map(ring).collect::<PhotoRings>()
    };
    if !is_pano {
        return vec![cut(rings, 0.0)].into_iter().filter(has_area).collect();
    }
    let reach = |ring: &Vec<[f64; 2]>| {
        ring.iter().fold((f64::MAX, f64::MIN), |(low, high), [x, _]| (low.min(*x), high.max(*x)))
    };
    let at_left = |ring: &Vec<[f64; 2]>| reach(ring).0.abs() <= TOUCH && reach(ring).1 < 0.5;
    let at_right = |ring: &Vec<[f64; 2]>| (reach(ring).1 - 1.0).abs() <= TOUCH && reach(ring).0 > 0.5;
    let is_split = rings.iter().all(|ring| at_left(ring) || at_right(ring))
        && rings.iter().any(at_left)
        && rings.iter().any(at_right);
    let parts: (PhotoRings, PhotoRings) =
        if is_split { rings.iter().cloned().partition(at_right) } else { (rings.clone(), Vec::new()) };
    let all = [parts.0, parts.1];
    let all = all.iter().flat_map(|rings| [0.0, -1.0, 1.0].map(|shift| cut(rings, shift)));
    all.filter(has_area).collect()
}

fn has_area(rings: &PhotoRings) -> bool {
    coco(rings).is_some()
}

/// The outline as COCO describes it, with its box; `None` if nothing is in it.
pub(crate) fn coco(rings: &[Vec<[f64; 2]>]) -> Option<CocoOutline> {
    CocoOutline::of(&rings.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square([x0, y0, x1, y1]: [f64; 4]) -> Vec<[f64; 2]> {
        vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    fn boxes(rings: &[[f64; 4]], is_pano: bool) -> Vec<[f64; 4]> {
        let rings = rings.iter().map(|corners| square(*corners)).collect();
        let found = pieces(&rings, is_pano);
        let corners = |[x, y, width, height]: [f64; 4]| [x, y, x + width, y + height];
        found.iter().filter_map(|rings| coco(rings)).map(|outline| corners(outline.bbox)).collect()
    }

    #[test]
    fn an_outline_ends_at_the_edges_of_the_photo() {
        assert_eq!(boxes(&[[-0.5, 0.25, 0.25, 1.5]], false), [[0.0, 0.25, 0.25, 1.0]]);
        assert!(boxes(&[[1.0, 0.0, 1.5, 0.5]], false).is_empty());
        assert!(boxes(&[[0.25, 0.25, 0.25, 0.5]], false).is_empty());
    }

    #[test]
    fn an_object_at_the_seam_of_a_panorama_shows_twice() {
        assert_eq!(boxes(&[[0.75, 0.0, 1.25, 0.5]], true), [[0.75, 0.0, 1.0, 0.5], [0.0, 0.0, 0.25, 0.5]]);
        let halves = [[0.0, 0.25, 0.125, 0.5], [0.875, 0.25, 1.0, 0.5]];
        assert_eq!(boxes(&halves, true), [halves[1], halves[0]]);
        assert_eq!(boxes(&halves, false), [[0.0, 0.25, 1.0, 0.5]]);
        // Two parts of which only one is at an edge are one object, such as a car behind a post.
        let apart = [[0.0, 0.25, 0.125, 0.5], [0.25, 0.25, 0.5, 0.5]];
        assert_eq!(boxes(&apart, true), [[0.0, 0.25, 0.5, 0.5]]);
    }
}
