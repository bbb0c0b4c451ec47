//! The photo that shows a sign best.

use super::evidence::Evidence;
use super::photo::Photo;
use super::seen_box::{PhotoBox, SeenBox};
use super::sign::Sign;
use crate::metric::{angle_between, bearing};
use crate::sun::sun_height;

/// The time in which the worth of a newer photo halves: 3 years.
const HALF_LIFE_MS: f64 = 3.0 * 365.25 * 86_400_000.0;

/// A box that is nearer to the edge of its photo may be cut, as a share of the photo.
const EDGE: f64 = 0.02;

/// A sign that is seen from farther aside is hard to read, in degrees.
const MOST_ASIDE: f64 = 60.0;

/// Below this height of the sun there is no daylight, in degrees: the end of civil twilight.
const NIGHT: f64 = -6.0;

/// The worth of a photo without a quality score.
const USUAL_QUALITY: f64 = 0.5;

/// The best view of a sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BestView {
    pub(super) image: i64,
    pub(super) captured_at: Option<i64>,
    pub(super) area: PhotoBox,
    pub(super) crop: PhotoBox,
}

/// The best view of a sign among those of its members, of equal ones that with the smallest id.
pub(super) fn best_view(
    members: &[&Sign],
    facing: Option<f64>,
    evidence: &Evidence,
    as_of_ms: i64,
) -> Option<BestView> {
    let views = members.iter().flat_map(|sign| evidence.boxes(sign).iter().map(move |seen| (*sign, seen)));
    let mut best: Option<(f64, &SeenBox, Option<&Photo>)> = None;
    for (sign, seen) in views {
        let photo = evidence.photo(seen.image);
        let worth = worth(sign, seen, photo, facing, as_of_ms);
        let is_better = best.is_none_or(|(most, other, _)| {
            worth.total_cmp(&most).then(other.image.cmp(&seen.image)).then(order(other, seen)).is_gt()
        });
        if is_better {
            best = Some((worth, seen, photo));
        }
    }
    best.map(|(_, seen, photo)| BestView {
        image: seen.image,
        captured_at: photo.and_then(|photo| photo.captured_at),
        area: seen.area,
        crop: crop(seen.area, photo),
    })
}

/// Of two boxes in one photo, the one further to the left comes first.
fn order(a: &SeenBox, b: &SeenBox) -> std::cmp::Ordering {
    let sides = |seen: &SeenBox| seen.area.map(|share| share);
    let pairs = sides(a).into_iter().zip(sides(b));
    pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// What a view is worth: the logarithm of the height of the sign in pixels, up to 1 for being new, the quality score,
/// and 1 less for each thing that spoils it.
fn worth(sign: &Sign, seen: &SeenBox, photo: Option<&Photo>, facing: Option<f64>, as_of_ms: i64) -> f64 {
    let is_pano = photo.is_some_and(|photo| photo.is_pano);
    let [left, top, right, bottom] = seen.area;
    let is_cut = top < EDGE || bottom > 1.0 - EDGE || (!is_pano && (left < EDGE || right > 1.0 - EDGE));
    let is_on_seam = is_pano && (left < EDGE || right > 1.0 - EDGE);
    let from = photo.map(|photo| photo.at).or(seen.taken_at);
    let is_aside = facing
        .zip(from)
        .is_some_and(|(facing, from)| angle_between(bearing(sign.at, from), facing) > MOST_ASIDE);
    let captured = photo.and_then(|photo| photo.captured_at);
    let is_dark = captured.zip(from).is_some_and(|(at, from)| sun_height(at, from) < NIGHT);
    #[expect(clippy::cast_precision_loss, reason = "moments in milliseconds are far below 2^53")]
    let recency = captured.map_or(0.0, |at| (-((as_of_ms - at).max(0) as f64) / HALF_LIFE_MS).exp2());
    let quality = photo.and_then(|photo| photo.quality).unwrap_or(USUAL_QUALITY);
    let spoilt = [is_cut, is_on_seam, is_aside, is_dark].into_iter().filter(|is| *is).count();
    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    let spoilt = spoilt as f64;
    seen.height_px.max(1.0).ln() + recency + quality - spoilt
}

/// A quarter of a box is added on each side of it.
const MARGIN: f64 = 0.25;

/// A crop has at least so many pixels on each side, if the photo has them.
const LEAST_PX: f64 = 64.0;

/// The part of a photo to cut out for a box.
pub(super) fn crop([left, top, right, bottom]: PhotoBox, photo: Option<&Photo>) -> PhotoBox {
    let is_pano = photo.is_some_and(|photo| photo.is_pano);
    let [least_x, least_y] = photo.and_then(|p| p.size).map_or([0.0; 2], |size| size.map(|px| LEAST_PX / px));
    let [mut left, right] = grown(left, right, least_x, !is_pano);
    let [top, bottom] = grown(top, bottom, least_y, true);
    let mut width = right - left;
    if is_pano {
        if width >= 1.0 {
            (left, width) = (0.0, 1.0);
        }
        // What begins left of the seam begins at the right edge of the photo.
        left = left.rem_euclid(1.0);
        return [left, top, left + width, bottom];
    }
    [left, top, right, bottom]
}

/// A side of a box with its margins. If it is limited, it stays within the photo.
fn grown(from: f64, to: f64, least: f64, is_limited: bool) -> [f64; 2] {
    let margin = (to - from) * MARGIN;
    let (mut from, mut to) = (from - margin, to + margin);
    let lacking = least - (to - from);
    if lacking > 0.0 {
        (from, to) = (from - lacking / 2.0, to + lacking / 2.0);
    }
    if !is_limited {
        return [from, to];
    }
    let (mut inner, mut outer) = (from.max(0.0), to.min(1.0));
    // What the edge of the photo has cut off is added at the other side, as far as it is needed.
    if outer - inner < least {
        (inner, outer) = if inner <= 0.0 { (0.0, least.min(1.0)) } else { ((1.0 - least).max(0.0), 1.0) };
    }
    [inner, outer]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(is_pano: bool, size: [f64; 2]) -> Photo {
        Photo { at: [9.0, 52.0], captured_at: None, sequence: None, quality: None, is_pano, size: Some(size) }
    }

    fn check(area: PhotoBox, photo: &Photo, want: PhotoBox) {
        let found = crop(area, Some(photo));
        assert!(found.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {want:?}");
    }

    #[test]
    fn a_crop_adds_a_quarter_on_each_side_within_the_photo() {
        let flat = photo(false, [4000.0, 3000.0]);
        check([0.4, 0.4, 0.6, 0.5], &flat, [0.35, 0.375, 0.65, 0.525]);
        check([0.0, 0.9, 0.2, 1.0], &flat, [0.0, 0.875, 0.25, 1.0]);
    }

    #[test]
    fn a_crop_of_a_panorama_goes_over_the_seam() {
        let pano = photo(true, [8000.0, 4000.0]);
        check([0.0, 0.4, 0.02, 0.5], &pano, [0.995, 0.375, 1.025, 0.525]);
        check([0.98, 0.4, 1.0, 0.5], &pano, [0.975, 0.375, 1.005, 0.525]);
    }

    #[test]
    fn a_sign_of_one_pixel_is_cut_out_with_64() {
        let flat = photo(false, [6400.0, 3200.0]);
        let pixel = [0.5, 0.5, 0.5 + 1.0 / 6400.0, 0.5 + 1.0 / 3200.0];
        let [left, top, right, bottom] = crop(pixel, Some(&flat));
        assert!(
            ((right - left) * 6400.0 - 64.0).abs() < 1e-6 && ((bottom - top) * 3200.0 - 64.0).abs() < 1e-6
        );
        let corner = [0.0, 0.0, 1.0 / 6400.0, 1.0 / 3200.0];
        check(corner, &flat, [0.0, 0.0, 0.01, 0.02]);
        check([0.0, 0.0, 1.0, 1.0], &photo(false, [32.0, 32.0]), [0.0, 0.0, 1.0, 1.0]);
    }
}
