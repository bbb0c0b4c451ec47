//! Views of panoramas: photos as a camera without distortion would take them.
//!
//! Panoramas are equirectangular: x is the direction, y the height above the horizon. In a view straight lines are
//! straight, as in the photos that most models were trained with.

use std::f64::consts::{PI, TAU};
use std::fmt;
use std::str::FromStr;

use mly::{Error, Result};

use crate::outline::{PhotoRings, coco};

/// Views of one panorama are at most so many.
const MOST: u32 = 36;

/// Angles that a view may show, in degrees. Beyond them its edges are stretched too far to be of use.
const FIELDS_OF_VIEW: std::ops::RangeInclusive<f64> = 20.0..=120.0;

/// Fewer pixels on a side are not worth a view.
const LEAST_SIDE: f64 = 32.0;

/// Parts of an outline that are closer than this to the plane of the camera are cut off: they would be infinitely far
/// out.
const NEAR: f64 = 1e-3;

/// Steps into which the edges of outlines are divided, in shares of the width or height of the panorama: what is straight
/// there is bent in a view.
const STEP: f64 = 1.0 / 360.0;

/// A label is in a view if it is at least so wide and high there, in shares of the view.
const LEAST_LABEL: f64 = 1.0 / 256.0;

/// Views into which panoramas are divided: so many of them, evenly around the horizon, each of the same angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PanoViews {
    count: u32,
    degrees: f64,
}

impl PanoViews {
    /// So many views, each so many degrees wide and high. The first looks where the middle of the panorama is, the others
    /// follow to the right.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there are none or more than 36, or the angle is not from 20 to 120 degrees.
    pub fn new(count: u32, degrees: f64) -> Result<Self> {
        if !(1..=MOST).contains(&count) || !FIELDS_OF_VIEW.contains(&degrees) {
            let what = format!("{count} views of {degrees} degrees cannot be made of a panorama");
            return Err(Error::query(what).with_hint("give 1 to 36 views of 20 to 120 degrees, such as 4x90"));
        }
        Ok(Self { count, degrees })
    }

    /// Every view, from the first.
    pub(crate) fn views(self) -> impl Iterator<Item = PanoView> {
        (0..self.count).map(move |number| PanoView {
            number,
            yaw: f64::from(number) / f64::from(self.count) * TAU,
            half_width: (self.degrees.to_radians() / 2.0).tan(),
            share: self.degrees / 360.0,
        })
    }
}

impl FromStr for PanoViews {
    type Err = Error;

    /// Reads `4x90`: four views of 90 degrees.
    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once(['x', 'X']);
        let read = parts.and_then(|(count, degrees)| Some((count.parse().ok()?, degrees.parse().ok()?)));
        let (count, degrees) = read.ok_or_else(|| {
            Error::query(format!("`{text}` is no number of views and their angle"))
                .with_hint("give for example 4x90: four views of 90 degrees")
        })?;
        Self::new(count, degrees)
    }
}

impl fmt::Display for PanoViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.count, self.degrees)
    }
}

/// One view of a panorama, as wide as it is high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PanoView {
    pub(crate) number: u32,
    /// Direction to the right of the middle of the panorama, in radians.
    yaw: f64,
    /// Half the width of the picture at a distance of 1.
    half_width: f64,
    /// The part of the horizon that it shows.
    share: f64,
}

impl PanoView {
    /// Pixels on a side: as many as the panorama has for the same angle.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the width of a photo"
    )]
    pub(crate) fn side(self, pano_width: u32) -> u32 {
        (f64::from(pano_width) * self.share).round().max(LEAST_SIDE) as u32
    }

    /// Where in the panorama a place of the view is; all in shares of width and height, y down.
    pub(crate) fn in_pano(self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (right, down) = ((2.0 * x - 1.0) * self.half_width, (2.0 * y - 1.0) * self.half_width);
        let direction = self.yaw + right.atan2(1.0);
        let pitch = (-down).atan2(right.hypot(1.0));
        [(direction / TAU + 0.5).rem_euclid(1.0), 0.5 - pitch / PI]
    }

    /// Where a place of the panorama is from the camera: right, down and ahead.
    fn seen_from(self, [x, y]: [f64; 2]) -> [f64; 3] {
        let (direction, pitch) = ((x - 0.5) * TAU - self.yaw, (0.5 - y) * PI);
        [pitch.cos() * direction.sin(), -pitch.sin(), pitch.cos() * direction.cos()]
    }

    /// The part of an outline that the view shows; `None` if it shows too little of it.
    pub(crate) fn outline(self, rings: &PhotoRings) -> Option<PhotoRings> {
        let ring = |ring: &Vec<[f64; 2]>| {
            let ahead: Vec<[f64; 3]> = bent(ring).into_iter().map(|at| self.seen_from(at)).collect();
            let ahead = cut(&ahead, |at| at[2] - NEAR);
            let place = |[right, down, ahead]: &[f64; 3]| {
                let to_share = |side: f64| f64::midpoint(side / ahead / self.half_width, 1.0);
                [to_share(*right), to_share(*down)]
            };
            let flat: Vec<[f64; 2]> = ahead.iter().map(place).collect();
            let flat = cut(&flat, |at| at[0]);
            let flat = cut(&flat, |at| 1.0 - at[0]);
            let flat = cut(&flat, |at| at[1]);
            cut(&flat, |at| 1.0 - at[1])
                .into_iter()
                .map(|at| at.map(|n| n.clamp(0.0, 1.0)))
                .collect::<Vec<_>>()
        };
        let rings: PhotoRings = rings.iter().map(ring).filter(|ring| ring.len() > 2).collect();
        let [_, _, width, height] = coco(&rings)?.bbox;
        (width >= LEAST_LABEL && height >= LEAST_LABEL).then_some(rings)
    }
}

/// A ring with further positions on its edges.
fn bent(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut all = Vec::with_capacity(ring.len());
    for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let longest = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "outlines are a few shares long"
        )]
        let steps = (longest / STEP).ceil().clamp(1.0, 4096.0) as u32;
        all.extend((0..steps).map(|step| {
            let share = f64::from(step) / f64::from(steps);
            [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
        }));
    }
    all
}

/// The part of a ring where `inside` is not negative (Sutherland and Hodgman).
fn cut<const N: usize>(ring: &[[f64; N]], inside: impl Fn(&[f64; N]) -> f64) -> Vec<[f64; N]> {
    let mut kept = Vec::with_capacity(ring.len());
    for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (a, b) = (inside(from), inside(to));
        if a >= 0.0 {
            kept.push(*from);
        }
        if (a >= 0.0) != (b >= 0.0) {
            let share = a / (a - b);
            kept.push(std::array::from_fn(|axis| from[axis] + share * (to[axis] - from[axis])));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn four() -> Vec<PanoView> {
        "4x90".parse::<PanoViews>().unwrap().views().collect()
    }

    fn square([x, y]: [f64; 2], half: f64) -> PhotoRings {
        vec![vec![[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]]]
    }

    #[test]
    fn a_number_of_views_and_an_angle_are_read() {
        assert_eq!("4x90".parse::<PanoViews>().unwrap().to_string(), "4x90");
        for text in ["", "4", "0x90", "4x", "4x10", "4x180", "100x90", "x", "-1x90", "4xNaN"] {
            assert!(text.parse::<PanoViews>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_middle_of_each_view_is_where_it_looks() {
        for (view, x) in four().iter().zip([0.5, 0.75, 0.0, 0.25]) {
            let [found, y] = view.in_pano([0.5, 0.5]);
            assert!((found - x).abs() < 1e-12 && (y - 0.5).abs() < 1e-12);
        }
        let [edge, _] = four()[0].in_pano([1.0, 0.5]);
        assert!((edge - 0.625).abs() < 1e-12, "45 degrees to the right: {edge}");
    }

    #[test]
    fn a_sign_is_in_the_view_that_looks_at_it_and_in_no_other() {
        for (place, wanted) in [([0.5, 0.45], 0), ([0.76, 0.5], 1), ([0.02, 0.5], 2), ([0.25, 0.55], 3)] {
            let seen: Vec<_> =
                four().iter().map(|view| view.outline(&square(place, 0.01)).is_some()).collect();
            assert_eq!(seen, (0..4).map(|view| view == wanted).collect::<Vec<_>>());
        }
        // Above the camera, no view looks.
        assert!(four().iter().all(|view| view.outline(&square([0.5, 0.05], 0.01)).is_none()));
    }

    #[test]
    fn a_sign_between_two_views_is_in_both_up_to_their_edges() {
        let seen: Vec<_> =
            four().iter().filter_map(|view| view.outline(&square([0.625, 0.5], 0.02))).collect();
        let boxes: Vec<_> = seen.iter().map(|rings| coco(rings).unwrap().bbox).collect();
        assert_eq!(boxes.len(), 2);
        assert!((boxes[0][0] + boxes[0][2] - 1.0).abs() < 1e-9 && boxes[1][0].abs() < 1e-9, "{boxes:?}");
    }

    proptest! {
        #[test]
        fn places_come_back(x in 0.0..1.0_f64, y in 0.0..1.0_f64, view in 0..4_usize) {
            let view = four()[view];
            let [right, down, ahead] = view.seen_from(view.in_pano([x, y]));
            prop_assert!(ahead > 0.0);
            let back = [right, down].map(|side| f64::midpoint(side / ahead / view.half_width, 1.0));
            prop_assert!((back[0] - x).abs() < 1e-9 && (back[1] - y).abs() < 1e-9);
        }

        #[test]
        fn an_outline_is_around_what_it_was_around(x in 0.4..0.6_f64, y in 0.4..0.6_f64, half in 0.005..0.02_f64, place in (-0.9..0.9_f64, -0.9..0.9_f64)) {
            let view = four()[0];
            let rings = view.outline(&square([x, y], half)).unwrap();
            let [left, top, width, height] = coco(&rings).unwrap().bbox;
            let [right, down, ahead] = view.seen_from([x + place.0 * half, y + place.1 * half]);
            let [px, py] = [right, down].map(|side| f64::midpoint(side / ahead / view.half_width, 1.0));
            prop_assert!(left <= px && px <= left + width && top <= py && py <= top + height);
        }
    }
}
