//! Joins the lines of sequences that tiles have cut.

use std::collections::{HashMap, HashSet};

use super::tile::TileLine;

/// A line, and the number of the tile that shows it.
pub(super) type Piece = (usize, TileLine);

/// Joins a line to one of another tile that begins exactly where it ends.
///
/// A tile clips lines at its edge, and its neighbour continues the line from the same position. Both tiles round that
/// position to the same unit of the edge, so the two ends are equal and no tolerance is needed. Two lines of one tile
/// are never joined, lines keep their direction, and the result begins with the line that was seen first. An end that
/// was cut stays marked as cut if no other tile continues the line.
pub(super) fn stitch(pieces: Vec<Piece>) -> Vec<TileLine> {
    let key = |[x, y]: [f64; 2]| (x.to_bits(), y.to_bits());
    let mut begins: HashMap<_, Vec<usize>> = HashMap::new();
    let mut ends: HashMap<_, HashSet<usize>> = HashMap::new();
    for (i, (tile, line)) in pieces.iter().enumerate() {
        if let (Some(first), Some(last)) = (line.positions.first(), line.positions.last()) {
            begins.entry(key(*first)).or_default().push(i);
            ends.entry(key(*last)).or_default().insert(*tile);
        }
    }
    let continues_another = |(tile, line): &Piece| {
        let before = line.positions.first().and_then(|p| ends.get(&key(*p)));
        before.is_some_and(|tiles| tiles.iter().any(|other| other != tile))
    };
    // A chain begins with a line that continues no other. Lines that belong to no such chain form closed circles, which
    // are then begun anywhere.
    let heads: Vec<_> = (0..pieces.len()).filter(|i| !continues_another(&pieces[*i])).collect();
    let order = heads.into_iter().chain(0..pieces.len());
    let mut left: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    let mut joined = Vec::new();
    for head in order {
        let Some((mut tile, mut line)) = left[head].take() else { continue };
        let first_tile = tile;
        while let Some((next, more)) = line.positions.last().and_then(|end| {
            let list = begins.get(&key(*end))?;
            let next = list.iter().find(|i| left[**i].as_ref().is_some_and(|(other, _)| *other != tile))?;
            left[*next].take()
        }) {
            tile = next;
            line.is_cut[1] = more.is_cut[1];
            line.positions.extend(more.positions.into_iter().skip(1));
        }
        // First and last position are equal also when a drive leaves a tile at the point where it entered. It is a
        // closed circle only if the last line is from another tile than the first.
        if tile != first_tile && line.positions.first() == line.positions.last() {
            line.is_cut = [false; 2];
        }
        joined.push(line);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line that was cut on both sides.
    fn line(points: &[i32]) -> TileLine {
        TileLine { positions: points.iter().map(|x| [f64::from(*x), 0.0]).collect(), is_cut: [true; 2] }
    }

    /// Lines of as many tiles.
    fn tiles(lines: &[&[i32]]) -> Vec<Piece> {
        lines.iter().enumerate().map(|(tile, points)| (tile, line(points))).collect()
    }

    fn lines(lines: &[&[i32]]) -> Vec<TileLine> {
        lines.iter().map(|points| line(points)).collect()
    }

    #[test]
    fn pieces_in_any_order_become_one_line() {
        assert_eq!(stitch(tiles(&[&[2, 3], &[0, 1, 2], &[3, 4, 5]])), lines(&[&[0, 1, 2, 3, 4, 5]]));
    }

    #[test]
    fn lines_that_do_not_meet_stay_apart_and_in_order() {
        assert_eq!(stitch(tiles(&[&[5, 6], &[0, 1], &[8, 9]])), lines(&[&[5, 6], &[0, 1], &[8, 9]]));
    }

    #[test]
    fn lines_of_one_tile_stay_as_they_were_sent() {
        assert_eq!(stitch(vec![(7, line(&[0, 1])), (7, line(&[1, 2]))]), lines(&[&[0, 1], &[1, 2]]));
    }

    #[test]
    fn lines_that_end_together_are_not_turned_around() {
        assert_eq!(stitch(tiles(&[&[0, 1], &[2, 1]])), lines(&[&[0, 1], &[2, 1]]));
    }

    #[test]
    fn a_circle_is_closed_once() {
        let closed = TileLine { is_cut: [false; 2], ..line(&[0, 1, 2, 3, 0]) };
        assert_eq!(stitch(tiles(&[&[0, 1, 2], &[2, 3, 0]])), [closed]);
    }

    #[test]
    fn a_drive_that_leaves_its_tile_where_it_came_in_stays_cut() {
        assert_eq!(stitch(vec![(7, line(&[0, 1, 2, 0]))])[0].is_cut, [true; 2]);
        let (there, back) = (line(&[5, 0]), line(&[0, 6]));
        let whole = stitch(vec![(1, line(&[0, 1, 2, 0])), (2, there), (2, back)]);
        assert_eq!(whole, lines(&[&[5, 0, 1, 2, 0, 6]]));
    }

    #[test]
    fn an_end_that_is_joined_is_no_longer_cut() {
        let [mut first, mut last] = [line(&[0, 1]), line(&[1, 2])];
        (first.is_cut, last.is_cut) = ([false, true], [true, false]);
        assert_eq!(stitch(vec![(0, first.clone())])[0].is_cut, [false, true]);
        assert_eq!(stitch(vec![(1, last), (0, first)])[0].is_cut, [false, false]);
    }

    #[test]
    fn no_position_is_lost_at_a_fork() {
        assert_eq!(stitch(tiles(&[&[0, 1], &[1, 2], &[1, 3]])), lines(&[&[0, 1, 2], &[1, 3]]));
    }
}
