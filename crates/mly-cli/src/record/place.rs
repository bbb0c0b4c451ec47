//! Where questions are asked: one tile with images, and a small box in it.

use std::collections::BTreeMap;

use mly::TileId;
use mly::tile::{Bbox, DATA_ZOOM};

use super::drawn::{DrawnTile, degrees};
use super::exchange::Exchange;
use super::placed::PlacedImage;
use super::seen::Seen;
use super::step::Step;
use super::unanswered::Unanswered;

/// A position whose tile has images.
pub(crate) const PROBE: [f64; 2] = [9.008, 52.002];

/// A position far from every street.
const OCEAN: [f64; 2] = [-130.0, -40.0];

/// The zooms of the tiles around the place with the layer `overview`, and with simplified sequences.
const OVERVIEW_ZOOM: u8 = 5;
const LOW_ZOOM: u8 = 6;

/// Half the side of the small box, in degrees.
const HALF_BOX: f64 = 0.0004;

/// The small box is at least and at most so wide between two images, and so much wider than the images on the other axis.
const LEAST_WIDTH: f64 = 0.0001;
const MOST_WIDTH: f64 = 0.008;
const MARGIN: f64 = 0.0001;

pub(super) fn overview() -> TileId {
    around(OVERVIEW_ZOOM)
}

pub(super) fn low_zoom() -> TileId {
    around(LOW_ZOOM)
}

pub(super) fn ocean() -> TileId {
    TileId::containing(OCEAN[0], OCEAN[1], DATA_ZOOM)
}

fn around(zoom: u8) -> TileId {
    TileId::containing(PROBE[0], PROBE[1], zoom)
}

/// The tiles of the zoom of images in which the layer `overview` shows one.
pub(super) fn tiles_of_overview(tile: &DrawnTile<'_>) -> Vec<TileId> {
    let extent = tile.layer("overview").map_or(4096, mly_mvt::Layer::extent);
    let at = |at| {
        let [lon, lat] = degrees(overview(), extent, at);
        TileId::containing(lon, lat, DATA_ZOOM)
    };
    let mut tiles: Vec<_> = tile.points("overview").iter().map(|point| at(point.at)).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// The tile to ask about: that of [`PROBE`], or the nearest one that has images.
pub(super) fn tile(seen: &Seen) -> TileId {
    let home = around(DATA_ZOOM);
    let away = |tile: &TileId| {
        let [dx, dy] = [tile.x().abs_diff(home.x()), tile.y().abs_diff(home.y())].map(u64::from);
        (dx * dx + dy * dy, *tile)
    };
    let overview = seen.answer(Step::Overview).and_then(Exchange::tile);
    let tiles = overview.map(|tile| tiles_of_overview(&tile)).unwrap_or_default();
    tiles.into_iter().min_by_key(away).unwrap_or(home)
}

/// The tile east of it.
pub(super) fn next_tile(seen: &Seen) -> TileId {
    let tile = tile(seen);
    TileId::new(tile.z(), tile.x() + 1, tile.y()).unwrap_or(tile)
}

/// The images of the place, the one that was moved most before the others, which are in the order of their ids.
///
/// They are read from the tiles once, so the tiles must have been answered.
pub(super) fn images(seen: &Seen) -> Result<&[PlacedImage], Unanswered> {
    let images = seen.images.get_or_init(|| read_images(seen));
    images.as_deref().map_err(Unanswered::clone)
}

fn read_images(seen: &Seen) -> Result<Vec<PlacedImage>, Unanswered> {
    let positions = |step| -> Result<BTreeMap<i64, [f64; 2]>, Unanswered> {
        let tile = seen.answer(step)?.tile()?;
        let extent = tile.layer("image").map_or(4096, mly_mvt::Layer::extent);
        let points = tile.points("image");
        Ok(points.iter().map(|point| (point.id, degrees(self::tile(seen), extent, point.at))).collect())
    };
    let computed = positions(Step::TileComputed).unwrap_or_default();
    let mut images: Vec<PlacedImage> = positions(Step::Tile)?
        .into_iter()
        .map(|(id, original)| PlacedImage { id, original, computed: computed.get(&id).copied() })
        .collect();
    let most = images.iter().enumerate().filter_map(|(i, image)| Some((i, image.moved()?.1.abs())));
    if let Some((most, _)) = most.max_by(|a, b| a.1.total_cmp(&b.1)) {
        images[..=most].rotate_right(1);
    }
    if images.is_empty() { Err(Unanswered::new("there are no images near the place")) } else { Ok(images) }
}

/// A small box, and the images that tell by which position a search finds images.
#[derive(Clone, Copy, Debug)]
pub(super) struct SmallBox {
    pub(super) bbox: Bbox,
    /// An image whose original position is inside and whose computed one is not.
    pub(super) leaves: Option<i64>,
    /// An image whose computed position is inside and whose original one is not.
    pub(super) enters: Option<i64>,
}

/// The small box. One edge is between the two positions of an image, and the opposite one between those of another image
/// that was moved in the same direction, if there is one near.
pub(super) fn small_box(seen: &Seen) -> Result<SmallBox, Unanswered> {
    let images = images(seen)?;
    let first = images[0];
    let Some((axis, by)) = first.moved() else {
        let bbox = box_around(first.original, [HALF_BOX; 2]);
        return Ok(SmallBox { bbox, leaves: None, enters: None });
    };
    let edge = |image: &PlacedImage, by: f64| image.original[axis] + by / 2.0;
    let near = images[1..].iter().filter_map(|image| {
        let (_, moved) = image.moved().filter(|(other, moved)| *other == axis && moved * by > 0.0)?;
        let width = (edge(&first, by) - edge(image, moved)) * by.signum();
        let aside = (image.original[1 - axis] - first.original[1 - axis]).abs();
        let fits = (LEAST_WIDTH..MOST_WIDTH).contains(&width) && aside < MOST_WIDTH / 2.0;
        fits.then_some((width + aside, *image, edge(image, moved)))
    });
    let other = near.min_by(|a, b| a.0.total_cmp(&b.0));
    let opposite = other.map_or(edge(&first, by) - by.signum() * 2.0 * HALF_BOX, |(_, _, edge)| edge);
    let mut low = [f64::MAX; 2];
    let mut high = [f64::MIN; 2];
    let members = [Some(first), other.map(|(_, image, _)| image)].into_iter().flatten();
    for place in members.flat_map(|image| [Some(image.original), image.computed]).flatten() {
        for i in [0, 1] {
            (low[i], high[i]) = (low[i].min(place[i] - MARGIN), high[i].max(place[i] + MARGIN));
        }
    }
    (low[axis], high[axis]) = (edge(&first, by).min(opposite), edge(&first, by).max(opposite));
    let bbox = rounded(low, high);
    Ok(SmallBox { bbox, leaves: Some(first.id), enters: other.map(|(_, image, _)| image.id) })
}

/// A box around the first image, by half its width and half its height in degrees.
pub(super) fn box_of(seen: &Seen, half: [f64; 2]) -> Result<Bbox, Unanswered> {
    Ok(box_around(images(seen)?[0].original, half))
}

fn box_around([lon, lat]: [f64; 2], [width, height]: [f64; 2]) -> Bbox {
    rounded([lon - width, lat - height], [lon + width, lat + height])
}

/// A box whose numbers are short. They are rounded by less than what divides two positions.
fn rounded([west, south]: [f64; 2], [east, north]: [f64; 2]) -> Bbox {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    Bbox { west: round(west), south: round(south), east: round(east), north: round(north) }
}

/// A box as a parameter of searches.
pub(super) fn parameter(Bbox { west, south, east, north }: Bbox) -> String {
    format!("{west},{south},{east},{north}")
}
