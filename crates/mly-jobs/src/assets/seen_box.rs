//! Where in photos signs were recognised: the boxes around the outlines of detections.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use mly::Result;

use super::photo::Photos;
use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::Position;

/// The height of a photo in pixels where it is not known.
const USUAL_HEIGHT_PX: f64 = 2000.0;

/// How near to the edge of a panorama an outline has to come to go on at the other edge, as a share of its width.
const SEAM: f64 = 0.005;

/// Left, top, right and bottom as shares of a photo. In a panorama, what crosses the seam has a right beyond 1.
pub(super) type PhotoBox = [f64; 4];

/// A sign in a photo.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeenBox {
    pub(super) image: i64,
    /// Where the photo was taken, as the detection tells it.
    pub(super) taken_at: Option<Position>,
    pub(super) area: PhotoBox,
    /// Its height in pixels of the original.
    pub(super) height_px: f64,
    /// Detections that it is made of.
    pub(super) detections: u32,
}

/// A detection: its image, its id, where the image was taken, and the boxes of its rings.
type Outline = (i64, i64, Option<Position>, Vec<PhotoBox>);

/// The boxes of map features, by their ids; those of one feature are sorted by image.
pub(super) fn read_detections(input: &Input, photos: &Photos) -> Result<HashMap<i64, Vec<SeenBox>>> {
    // By feature and image, so that the two parts of a sign on the seam of a panorama come together.
    let mut found: HashMap<i64, Vec<Outline>> = HashMap::new();
    for rows in input.rows()?.batches {
        let rows = rows?;
        let columns = Columns(&rows);
        let (ids, images) = (columns.ids("id"), columns.ids("image_id"));
        let (features, geometries) = (columns.ids("map_feature_id"), columns.geometries());
        let outlines = rows.column_by_name("polygons");
        for row in 0..rows.num_rows() {
            let (Some(Id::Number(image)), Some(Id::Number(feature))) = (images.get(row), features.get(row))
            else {
                continue;
            };
            let id = match ids.get(row) {
                Some(Id::Number(id)) => id,
                _ => 0,
            };
            let boxes = outlines.map(|column| ring_boxes(column, row)).unwrap_or_default();
            if !boxes.is_empty() {
                found.entry(feature).or_default().push((image, id, geometries.point(row), boxes));
            }
        }
    }
    let seen = found.into_iter().map(|(feature, mut all)| {
        all.sort_by_key(|(image, id, ..)| (*image, *id));
        let mut seen = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            boxes_of_photo(same, photos, &mut seen);
        }
        (feature, seen)
    });
    Ok(seen.collect())
}

/// Adds the boxes of a feature in one photo.
fn boxes_of_photo(same: &[Outline], photos: &Photos, seen: &mut Vec<SeenBox>) {
    let Some((image, _, taken_at, _)) = same.first() else { return };
    let photo = photos.get(*image);
    let is_pano = photo.is_some_and(|photo| photo.is_pano);
    let height = photo.and_then(|photo| photo.size).map_or(USUAL_HEIGHT_PX, |[_, height]| height);
    let mut add = |boxes: &[PhotoBox], detections: usize| {
        let area = if is_pano { around_seam(boxes) } else { around(boxes) };
        let height_px = (area[3] - area[1]) * height;
        let detections = u32::try_from(detections).unwrap_or(u32::MAX);
        seen.push(SeenBox { image: *image, taken_at: *taken_at, area, height_px, detections });
    };
    let all: Vec<PhotoBox> = same.iter().flat_map(|(.., boxes)| boxes.iter().copied()).collect();
    let reaches =
        |edge: f64, side: usize| all.iter().any(|b| b.get(side).is_some_and(|x| (x - edge).abs() <= SEAM));
    if is_pano && same.len() == 2 && reaches(0.0, 0) && reaches(1.0, 2) {
        return add(&all, 2);
    }
    for (.., boxes) in same {
        add(boxes, 1);
    }
}

/// The boxes of the rings of a row.
fn ring_boxes(column: &ArrayRef, row: usize) -> Vec<PhotoBox> {
    let Some(rings) = column.as_list_opt::<i32>().filter(|rings| rings.is_valid(row)) else {
        return Vec::new();
    };
    let rings = rings.value(row);
    let Some(rings) = rings.as_list_opt::<i32>() else { return Vec::new() };
    let one = |ring: ArrayRef| {
        let positions = ring.as_fixed_size_list_opt()?;
        let numbers = positions.values().as_primitive_opt::<Float64Type>()?;
        let (from, to) = (positions.offset() * 2, (positions.offset() + positions.len()) * 2);
        let numbers = numbers.values().get(from..to)?;
        let (pairs, _) = numbers.as_chunks::<2>();
        (!pairs.is_empty()).then(|| around_points(pairs))
    };
    rings.iter().flatten().filter_map(one).filter(|area| area.iter().all(|share| share.is_finite())).collect()
}

fn around_points(points: &[[f64; 2]]) -> PhotoBox {
    around(&points.iter().map(|[x, y]| [*x, *y, *x, *y]).collect::<Vec<_>>())
}

/// The box around boxes.
fn around(boxes: &[PhotoBox]) -> PhotoBox {
    let least = |side: fn(&PhotoBox) -> f64| boxes.iter().map(side).fold(f64::INFINITY, f64::min);
    let most = |side: fn(&PhotoBox) -> f64| boxes.iter().map(side).fold(f64::NEG_INFINITY, f64::max);
    [least(|b| b[0]), least(|b| b[1]), most(|b| b[2]), most(|b| b[3])]
}

/// The narrowest box around boxes of a panorama, which may go over the seam.
fn around_seam(boxes: &[PhotoBox]) -> PhotoBox {
    let plain = around(boxes);
    // To begin at the left of any of the boxes, those to the left of it go beyond 1.
    let from = |begin: f64| {
        let moved = |b: &PhotoBox| if b[0] < begin { [b[0] + 1.0, b[1], b[2] + 1.0, b[3]] } else { *b };
        around(&boxes.iter().map(moved).collect::<Vec<_>>())
    };
    let others = boxes.iter().map(|b| from(b[0]));
    let width = |b: &PhotoBox| b[2] - b[0];
    others.fold(plain, |best, other| if width(&other) < width(&best) { other } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_goes_over_the_seam_where_that_is_narrower() {
        let (left, right) = ([0.0, 0.4, 0.02, 0.5], [0.97, 0.41, 1.0, 0.52]);
        let found = around_seam(&[left, right]);
        let want = [0.97, 0.4, 1.02, 0.52];
        assert!(found.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        let plain = around_seam(&[[0.2, 0.4, 0.3, 0.5], [0.35, 0.4, 0.4, 0.5]]);
        assert!(plain.iter().zip([0.2, 0.4, 0.4, 0.5]).all(|(a, b)| (a - b).abs() < 1e-12), "{plain:?}");
    }
}
