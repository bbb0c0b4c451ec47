//! Lines of one tile. They are simplified before they are clipped: the ends that clipping makes must stay on the border.

use crate::grid::EXTENT;

/// The parts of a line inside the tile, 0 to 4096 on both axes, in whole units.
///
/// A line that leaves the tile and returns has several parts, each ending on the border. Rounding can move all vertices of
/// a short part to one place; it is left out then, since a line needs two vertices.
pub(super) fn clip(line: &[[f64; 2]]) -> Vec<Vec<[i32; 2]>> {
    let mut parts: Vec<Vec<[i32; 2]>> = Vec::new();
    // The unrounded end of the last segment inside. A segment that begins elsewhere begins a new part.
    let mut pen: Option<[f64; 2]> = None;
    for pair in line.windows(2) {
        let Some([from, to]) = clip_segment(pair[0], pair[1]) else {
            pen = None;
            continue;
        };
        if pen != Some(from) {
            parts.push(vec![whole(from)]);
        }
        if let Some(part) = parts.last_mut()
            && part.last() != Some(&whole(to))
        {
            part.push(whole(to));
        }
        pen = Some(to);
    }
    parts.retain(|part| part.len() > 1);
    parts
}

/// The piece of a segment inside the tile, by Liang and Barsky's line clipping (1984): each border moves the fraction of
/// the way where the segment enters the tile forward, or the one where it leaves back.
fn clip_segment(from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for axis in [0, 1] {
        let delta = to[axis] - from[axis];
        for (run, gap) in [(-delta, from[axis]), (delta, f64::from(EXTENT) - from[axis])] {
            if run == 0.0 {
                if gap < 0.0 {
                    return None;
                }
            } else if run < 0.0 {
                enter = enter.max(gap / run);
            } else {
                leave = leave.min(gap / run);
            }
        }
    }
    // An end inside the tile is returned as it is: `clip` compares ends to see whether segments are connected.
    let at = |part: f64| {
        if part <= 0.0 {
            from
        } else if part >= 1.0 {
            to
        } else {
            [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]
        }
    };
    (enter <= leave).then(|| [at(enter), at(leave)])
}

#[expect(clippy::cast_possible_truncation, reason = "clipped to the tile")]
fn whole(place: [f64; 2]) -> [i32; 2] {
    place.map(|part| part.round().clamp(0.0, f64::from(EXTENT)) as i32)
}

/// Leaves out vertices that lie within `tolerance` of the line without them (Douglas and Peucker, 1973).
pub(super) fn simplify(line: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut spans = vec![(0, line.len() - 1)];
    while let Some((first, last)) = spans.pop() {
        let farthest = (first + 1..last)
            .map(|index| (index, squared_distance(line[index], line[first], line[last])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((index, squared)) = farthest
            && squared > tolerance * tolerance
        {
            keep[index] = true;
            spans.extend([(first, index), (index, last)]);
        }
    }
    line.iter().zip(keep).filter_map(|(vertex, keep)| keep.then_some(*vertex)).collect()
}

pub(super) fn length(line: &[[f64; 2]]) -> f64 {
    line.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum()
}

/// The square of the distance from a place to a segment.
fn squared_distance(place: [f64; 2], from: [f64; 2], to: [f64; 2]) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 {
        0.0
    } else {
        (((place[0] - from[0]) * dx + (place[1] - from[1]) * dy) / length).clamp(0.0, 1.0)
    };
    (place[0] - from[0] - along * dx).powi(2) + (place[1] - from[1] - along * dy).powi(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_that_leaves_and_returns_has_two_parts_that_end_on_the_border() {
        let parts = clip(&[[4000.0, 10.0], [5000.0, 10.0], [5000.0, 90.0], [4000.0, 90.0]]);
        assert_eq!(parts, [vec![[4000, 10], [4096, 10]], vec![[4096, 90], [4000, 90]]]);
    }

    #[test]
    fn a_line_across_a_corner_is_cut_on_both_sides() {
        assert_eq!(clip(&[[-100.0, 50.0], [50.0, -100.0]]), Vec::<Vec<[i32; 2]>>::new());
        assert_eq!(clip(&[[-50.0, 100.0], [100.0, -50.0]]), [vec![[0, 50], [50, 0]]]);
    }

    proptest! {
        #[test]
        fn clipped_parts_lie_in_the_tile_and_on_the_line(
            line in proptest::collection::vec([-6000.0..9000.0f64, -6000.0..9000.0], 2..12),
        ) {
            for part in clip(&line) {
                prop_assert!(part.len() > 1);
                for vertex in part {
                    prop_assert!(vertex.iter().all(|unit| (0..=4096).contains(unit)));
                    let place = vertex.map(f64::from);
                    let nearest = line.windows(2).map(|pair| squared_distance(place, pair[0], pair[1]));
                    // Rounding moves a vertex by half a unit on each axis.
                    prop_assert!(nearest.fold(f64::MAX, f64::min) <= 0.5 + 1e-6);
                }
            }
        }

        #[test]
        fn simplified_lines_stay_within_the_tolerance(
            line in proptest::collection::vec([0.0..4096.0f64, 0.0..4096.0], 2..30),
        ) {
            let simple = simplify(&line, 3.0);
            for vertex in line {
                let nearest = simple.windows(2).map(|pair| squared_distance(vertex, pair[0], pair[1]));
                prop_assert!(nearest.fold(f64::MAX, f64::min) <= 9.0 + 1e-6);
            }
        }
    }

    #[test]
    fn straight_runs_are_simplified_and_corners_are_kept() {
        let line = [[0.0, 0.0], [10.0, 0.4], [20.0, 0.0], [20.0, 30.0]];
        assert_eq!(simplify(&line, 1.0), [[0.0, 0.0], [20.0, 0.0], [20.0, 30.0]]);
    }
}
