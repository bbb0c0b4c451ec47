//! Lines that tiles have cut, joined again.

use std::collections::{HashMap, HashSet};

type Line = Vec<[f64; 2]>;

/// Joins lines where one ends at the very position where another begins.
///
/// A tile clips lines at its edge, and the next tile goes on from the same position. Lines keep their direction, and
/// the result begins with the line that was seen first.
pub(super) fn stitch(lines: Vec<Line>) -> Vec<Line> {
    if lines.len() < 2 {
        return lines;
    }
    let key = |[x, y]: [f64; 2]| (x.to_bits(), y.to_bits());
    let mut begins: HashMap<_, Vec<usize>> = HashMap::new();
    for (i, line) in lines.iter().enumerate().rev() {
        if let Some(first) = line.first() {
            begins.entry(key(*first)).or_default().push(i);
        }
    }
    let ends: HashSet<_> = lines.iter().filter_map(|line| line.last().map(|p| key(*p))).collect();
    let is_continued = |line: &Line| line.first().is_some_and(|p| ends.contains(&key(*p)));
    // Lines that continue no other begin a chain; what is left after them goes in circles.
    let heads = (0..lines.len()).filter(|i| !is_continued(&lines[*i]));
    let order: Vec<_> = heads.chain(0..lines.len()).collect();
    let mut left: Vec<Option<Line>> = lines.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for head in order {
        let Some(mut line) = left[head].take() else { continue };
        while let Some(next) = line.last().and_then(|p| begins.get_mut(&key(*p))).and_then(|list| next_of(list, &mut left)) {
            line.extend(next.into_iter().skip(1));
        }
        joined.push(line);
    }
    joined
}

/// The first line of a list that is still left.
fn next_of(list: &mut Vec<usize>, left: &mut [Option<Line>]) -> Option<Line> {
    std::iter::from_fn(|| list.pop()).find_map(|i| left[i].take())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[i32]) -> Line {
        points.iter().map(|x| [f64::from(*x), 0.0]).collect()
    }

    #[test]
    fn pieces_in_any_order_become_one_line() {
        assert_eq!(stitch(vec![line(&[2, 3]), line(&[0, 1, 2]), line(&[3, 4, 5])]), [line(&[0, 1, 2, 3, 4, 5])]);
    }

    #[test]
    fn lines_that_do_not_meet_stay_apart_and_in_order() {
        let apart = vec![line(&[5, 6]), line(&[0, 1]), line(&[8, 9])];
        assert_eq!(stitch(apart.clone()), apart);
    }

    #[test]
    fn lines_that_end_together_are_not_turned_around() {
        let facing = vec![line(&[0, 1]), line(&[2, 1])];
        assert_eq!(stitch(facing.clone()), facing);
    }

    #[test]
    fn a_circle_is_closed_once() {
        assert_eq!(stitch(vec![line(&[0, 1, 2]), line(&[2, 3, 0])]), [line(&[0, 1, 2, 3, 0])]);
    }

    #[test]
    fn no_position_is_lost_at_a_fork() {
        let fork = vec![line(&[0, 1]), line(&[1, 2]), line(&[1, 3])];
        assert_eq!(stitch(fork), [line(&[0, 1, 2]), line(&[1, 3])]);
    }
}
