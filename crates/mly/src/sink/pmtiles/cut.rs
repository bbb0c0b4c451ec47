//! The parts of geometries that lie in tiles.

use std::collections::BTreeMap;

use super::lines::{clipped, simplified};
use super::world::{LAST_ZOOM, Spot, WorldShape, in_tile, point_in_tile, sides, tile_at, units};
use crate::tile::TileId;

/// Tile units around a tile within which lines are still drawn, so that wide ones have no gaps between tiles.
const MARGIN: i64 = 128;

/// How far, in tile units, lines may be from where they are above the last zoom: half a pixel of a tile of 512 pixels.
const TOLERANCE: i64 = 4;

/// A geometry in the units of a tile.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TileShape {
    Points(Vec<[i32; 2]>),
    Lines(Vec<Vec<[i32; 2]>>),
}

/// What of a geometry lies in which tiles of a zoom.
pub(super) fn cut(shape: &WorldShape, anchor: Spot, zoom: u8) -> Vec<(TileId, TileShape)> {
    match shape {
        WorldShape::Point(at) => {
            let tile = tile_at(*at, zoom);
            vec![(tile, TileShape::Points(vec![point_in_tile(*at, tile)]))]
        }
        WorldShape::Points(points) => {
            let mut tiles: BTreeMap<TileId, Vec<[i32; 2]>> = BTreeMap::new();
            for at in points {
                let tile = tile_at(*at, zoom);
                tiles.entry(tile).or_default().push(point_in_tile(*at, tile));
            }
            tiles.into_iter().map(|(tile, points)| (tile, TileShape::Points(points))).collect()
        }
        WorldShape::Lines(lines) => {
            let tolerance = if zoom < LAST_ZOOM { units(TOLERANCE, zoom) } else { 0 };
            let lines: Vec<_> = lines.iter().map(|line| simplified(line, tolerance)).collect();
            let mut pieces = Vec::new();
            descend(&lines, start(&lines, zoom), zoom, &mut pieces);
            let home = tile_at(anchor, zoom);
            let drawn = pieces.into_iter().filter_map(|(tile, parts)| {
                let lines = in_units(&parts, tile, tile == home);
                (!lines.is_empty()).then_some((tile, TileShape::Lines(lines)))
            });
            drawn.collect()
        }
    }
}

/// The smallest tile that holds all of some lines, with what is around them.
fn start(lines: &[Vec<Spot>], zoom: u8) -> TileId {
    let margin = units(MARGIN, zoom);
    let around = lines.iter().flatten().fold(None, |around: Option<[i64; 4]>, at| {
        let [west, north, east, south] = around.unwrap_or([at[0], at[1], at[0], at[1]]);
        Some([west.min(at[0]), north.min(at[1]), east.max(at[0]), south.max(at[1])])
    });
    let [west, north, east, south] = around.unwrap_or_default();
    let corners = [[west - margin, north - margin], [east + margin, south + margin]];
    let same = |zoom: &u8| {
        let [first, last] = corners.map(|corner| tile_at(corner, *zoom));
        first == last
    };
    let zoom = (0..=zoom).rev().find(same).unwrap_or_default();
    tile_at([west, north], zoom)
}

/// Cuts lines into the tiles of a zoom, from one tile down to its descendants.
fn descend(parts: &[Vec<Spot>], tile: TileId, zoom: u8, out: &mut Vec<(TileId, Vec<Vec<Spot>>)>) {
    let margin = units(MARGIN, zoom);
    let [west, north, east, south] = sides(tile);
    let inside = clipped(parts, [west - margin, north - margin, east + margin, south + margin]);
    if inside.is_empty() {
        return;
    }
    if tile.z() >= zoom {
        out.push((tile, inside));
        return;
    }
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        if let Some(child) = TileId::new(tile.z() + 1, 2 * tile.x() + dx, 2 * tile.y() + dy) {
            descend(&inside, child, zoom, out);
        }
    }
}

/// Lines in the units of a tile, without vertices that repeat the one before.
///
/// What is shorter than a unit is left out, unless nothing would be left of a feature in its own tile: there it is a line
/// of one unit.
fn in_units(parts: &[Vec<Spot>], tile: TileId, is_home: bool) -> Vec<Vec<[i32; 2]>> {
    let mut lines = Vec::with_capacity(parts.len());
    let mut shortest = None;
    for part in parts {
        let mut line: Vec<[i32; 2]> = part.iter().map(|at| in_tile(*at, tile)).collect();
        line.dedup();
        match line.as_slice() {
            [_, _, ..] => lines.push(line),
            [at] => shortest = shortest.or(Some(*at)),
            [] => {}
        }
    }
    if let Some([x, y]) = shortest.filter(|_| is_home && lines.is_empty()) {
        lines.push(vec![[x, y], [x + 1, y]]);
    }
    lines
}
