//! Lines with fewer vertices, and parts of lines.

use super::world::Spot;

/// A line without vertices that are nearly on the line without them (Douglas and Peucker).
///
/// No vertex that is left out is farther than `tolerance` from the line that is left; the ends stay.
pub(super) fn simplified(line: &[Spot], tolerance: i64) -> Vec<Spot> {
    if tolerance == 0 || line.len() < 3 {
        return line.to_vec();
    }
    let mut is_kept = vec![false; line.len()];
    let last = line.len() - 1;
    (is_kept[0], is_kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((begin, end)) = open.pop() {
        let between = (begin + 1..end).map(|at| (distance_squared(line[at], line[begin], line[end]), at));
        let farthest = between.max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, at)) =
            farthest.filter(|(squared, _)| *squared > number(tolerance) * number(tolerance))
        {
            is_kept[at] = true;
            open.extend([(begin, at), (at, end)]);
        }
    }
    line.iter().zip(is_kept).filter_map(|(at, is_kept)| is_kept.then_some(*at)).collect()
}

/// The square of the distance of a position from the stretch between two others.
fn distance_squared(at: Spot, from: Spot, to: Spot) -> f64 {
    let (dx, dy) = (number(to[0] - from[0]), number(to[1] - from[1]));
    let (x, y) = (number(at[0] - from[0]), number(at[1] - from[1]));
    let length_squared = dx * dx + dy * dy;
    let share = if length_squared > 0.0 { ((x * dx + y * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (x - share * dx, y - share * dy);
    x * x + y * y
}

/// The parts of lines inside of a box: west, north, east, south.
pub(super) fn clipped(lines: &[Vec<Spot>], sides: [i64; 4]) -> Vec<Vec<Spot>> {
    let mut parts = Vec::new();
    for line in lines {
        let mut part: Vec<Spot> = Vec::new();
        if let [only] = line.as_slice()
            && is_inside(*only, sides)
        {
            parts.push(vec![*only]);
        }
        for (from, to) in line.iter().zip(line.iter().skip(1)) {
            let Some((begin, end)) = stretch(*from, *to, sides) else {
                parts.extend(Some(std::mem::take(&mut part)).filter(|part| !part.is_empty()));
                continue;
            };
            if part.last() != Some(&begin) {
                parts.extend(Some(std::mem::take(&mut part)).filter(|part| !part.is_empty()));
                part.push(begin);
            }
            part.push(end);
        }
        parts.extend(Some(part).filter(|part| !part.is_empty()));
    }
    parts
}

fn is_inside(at: Spot, [west, north, east, south]: [i64; 4]) -> bool {
    (west..=east).contains(&at[0]) && (north..=south).contains(&at[1])
}

/// The part of a stretch inside of a box (Liang and Barsky).
fn stretch(from: Spot, to: Spot, sides: [i64; 4]) -> Option<(Spot, Spot)> {
    if is_inside(from, sides) && is_inside(to, sides) {
        return Some((from, to));
    }
    let [west, north, east, south] = sides;
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let borders =
        [(-dx, from[0] - west), (dx, east - from[0]), (-dy, from[1] - north), (dy, south - from[1])];
    for (step, room) in borders {
        match step {
            0 if room < 0 => return None,
            0 => {}
            // Towards the inside: the stretch enters where it meets the border.
            ..0 => enter = enter.max(number(room) / number(step)),
            1.. => leave = leave.min(number(room) / number(step)),
        }
    }
    if enter > leave {
        return None;
    }
    let at = |share: f64| [between(from[0], dx, share), between(from[1], dy, share)];
    Some((if enter > 0.0 { at(enter) } else { from }, if leave < 1.0 { at(leave) } else { to }))
}

#[expect(clippy::cast_possible_truncation, reason = "the result is between two whole numbers of the world")]
fn between(from: i64, distance: i64, share: f64) -> i64 {
    from + (number(distance) * share).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "numbers of the world have 34 bits at most")]
fn number(whole: i64) -> f64 {
    whole as f64
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "numbers of tests are small")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(most: usize) -> impl Strategy<Value = Vec<Spot>> {
        proptest::collection::vec([-2000..2000_i64, -2000..2000_i64], 2..most)
    }

    proptest! {
        #[test]
        fn no_vertex_is_farther_from_the_simple_line_than_allowed(line in line(30), tolerance in 1..500_i64) {
            let simple = simplified(&line, tolerance);
            prop_assert_eq!((simple.first(), simple.last()), (line.first(), line.last()));
            for at in &line {
                let nearest = simple.windows(2).map(|ends| distance_squared(*at, ends[0], ends[1])).fold(f64::INFINITY, f64::min);
                prop_assert!(nearest.sqrt() <= tolerance as f64 + 1e-9);
            }
        }

        #[test]
        fn parts_of_a_line_are_inside_and_have_its_length_there(line in line(8)) {
            let sides = [-700, -500, 600, 900];
            let parts = clipped(std::slice::from_ref(&line), sides);
            let length = |line: &[Spot]| line.windows(2).map(|ends| distance_squared(ends[1], ends[0], ends[0]).sqrt()).sum::<f64>();
            prop_assert!(parts.iter().flatten().all(|at| is_inside(*at, sides)));
            // Small steps along the line, each of which is inside or not.
            let steps = 4000;
            let inside: f64 = line.windows(2).map(|ends| {
                let step = length(ends) / f64::from(steps);
                let at = |n: i32, side: usize| ends[0][side] as f64 + (ends[1][side] - ends[0][side]) as f64 * (f64::from(n) + 0.5) / f64::from(steps);
                let is_in = |n: &i32| (-700.0..=600.0).contains(&at(*n, 0)) && (-500.0..=900.0).contains(&at(*n, 1));
                step * (0..steps).filter(is_in).count() as f64
            }).sum();
            let got: f64 = parts.iter().map(|part| length(part)).sum();
            prop_assert!((got - inside).abs() < 4.0 * line.len() as f64, "{} {}", got, inside);
        }
    }
}
