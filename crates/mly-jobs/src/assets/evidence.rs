//! What is known of signs beyond their rows: from looked-up features, their detections, and the photos.

use std::collections::{BTreeSet, HashMap};

use mly::Result;

use super::direction::mean_direction;
use super::photo::{Photo, Photos};
use super::photo_list::{SeenFrom, photo_list};
use super::seen_box::{SeenBox, read_detections};
use super::sign::Sign;
use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::bearing;

const DAY_MS: i64 = 86_400_000;

/// What look-ups tell.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    features: HashMap<i64, Feature>,
    boxes: HashMap<i64, Vec<SeenBox>>,
    photos: Photos,
    /// Whether detections were looked up, so that a sign without any has none.
    has_detections: bool,
}

/// A looked-up map feature.
#[derive(Debug)]
struct Feature {
    direction: Option<f64>,
    photos: Box<[SeenFrom]>,
}

impl Evidence {
    /// Reads the results of look-ups, as far as there are any.
    pub(super) fn read(
        features: Option<&Input>,
        detections: Option<&Input>,
        images: Option<&Input>,
    ) -> Result<Self> {
        let mut evidence = Self { has_detections: detections.is_some(), ..Self::default() };
        if let Some(input) = features {
            for rows in input.rows()?.batches {
                evidence.add_features(Columns(&rows?));
            }
        }
        if let Some(input) = images {
            evidence.photos = Photos::read(input)?;
        }
        if let Some(input) = detections {
            evidence.boxes = read_detections(input, &evidence.photos)?;
        }
        Ok(evidence)
    }

    fn add_features(&mut self, columns: Columns<'_>) {
        let (ids, directions, photos) =
            (columns.ids("id"), columns.numbers("aligned_direction"), columns.texts("images"));
        for row in 0..columns.0.num_rows() {
            let Some(Id::Number(id)) = ids.get(row) else { continue };
            let list = photos.and_then(|texts| {
                use arrow_array::Array;
                texts.is_valid(row).then(|| photo_list(texts.value(row)))?
            });
            let direction = directions(row).filter(|degrees| degrees.is_finite());
            let direction = direction.map(|degrees| degrees.rem_euclid(360.0));
            self.features.insert(id, Feature { direction, photos: list.unwrap_or_default() });
        }
    }

    pub(super) fn has_detections(&self) -> bool {
        self.has_detections
    }

    /// Where a sign was recognised.
    pub(super) fn boxes(&self, sign: &Sign) -> &[SeenBox] {
        self.boxes.get(&sign.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// A photo, if it was looked up.
    pub(super) fn photo(&self, image: i64) -> Option<&Photo> {
        self.photos.get(image)
    }

    /// The photos that show a sign, sorted by id; `None` when nothing tells.
    pub(super) fn photos_of(&self, sign: &Sign) -> Option<Vec<SeenFrom>> {
        let feature = self.features.get(&sign.id);
        if sign.photos.is_none() && feature.is_none() && !self.boxes.contains_key(&sign.id) {
            return None;
        }
        let listed = sign.photos.iter().flatten().chain(feature.iter().flat_map(|feature| &feature.photos));
        let of_boxes = self.boxes(sign).iter().map(|seen| SeenFrom { image: seen.image, at: seen.taken_at });
        let mut all: Vec<_> = listed.copied().chain(of_boxes).collect();
        all.sort_by_key(|photo| (photo.image, photo.at.is_none()));
        all.dedup_by_key(|photo| photo.image);
        Some(all)
    }

    /// The direction from a sign to those who read it: as the service tells it, else as the photos do, in which it is
    /// the larger the nearer.
    pub(super) fn direction(&self, sign: &Sign) -> Option<f64> {
        let told = sign.direction.or_else(|| self.features.get(&sign.id)?.direction);
        told.or_else(|| {
            let height = |image: i64| {
                let boxes = self.boxes(sign).iter().filter(|seen| seen.image == image);
                boxes.map(|seen| seen.height_px).fold(0.0, f64::max)
            };
            let photos = self.photos_of(sign)?;
            let ways: Vec<_> = photos
                .iter()
                .filter_map(|photo| {
                    let from = self.photo(photo.image).map(|photo| photo.at).or(photo.at)?;
                    // What is under the camera is seen in no direction.
                    let is_apart = crate::metric::distance_m(sign.at, from) >= 1.0;
                    let weight = height(photo.image);
                    is_apart.then(|| (bearing(sign.at, from), if weight > 0.0 { weight } else { 1.0 }))
                })
                .collect();
            mean_direction(ways.iter().copied())
        })
    }

    /// Whether one photo shows both.
    pub(super) fn share_photo(&self, a: &Sign, b: &Sign) -> bool {
        let (Some(a), Some(b)) = (self.photos_of(a), self.photos_of(b)) else { return false };
        let images: BTreeSet<i64> = a.iter().map(|photo| photo.image).collect();
        b.iter().any(|photo| images.contains(&photo.image))
    }

    /// Whether one sequence, or photos of one day, show both.
    pub(super) fn share_drive_or_day(&self, a: &Sign, b: &Sign) -> bool {
        let (a, b) = (self.passes(a), self.passes(b));
        !a.sequences.is_disjoint(&b.sequences) || !a.days.is_disjoint(&b.days)
    }

    /// The sequences and days of the photos of a sign, as far as they were looked up.
    pub(super) fn passes(&self, sign: &Sign) -> Passes {
        let mut passes = Passes::default();
        for photo in self.photos_of(sign).into_iter().flatten() {
            if let Some(photo) = self.photo(photo.image) {
                passes.sequences.extend(photo.sequence);
                passes.days.extend(photo.captured_at.map(|ms| ms.div_euclid(DAY_MS)));
            }
        }
        passes
    }
}

/// Drives past a sign.
#[derive(Debug, Default)]
pub(super) struct Passes {
    /// Numbers that stand for sequences.
    pub(super) sequences: BTreeSet<u32>,
    /// Days since 1970, in UTC.
    pub(super) days: BTreeSet<i64>,
}

/// How well a sign is attested, from 0 to 1.
///
/// Each drive past it, or each day where drives are not known, halves what is missing to 1, and each further photo takes
/// a sixth of it: `1 - 2^-(drives + (photos - drives) / 4)`. It orders signs; it is no probability.
pub(super) fn attested(images: Option<usize>, sequences: Option<usize>, days: usize) -> f64 {
    let drives = sequences.unwrap_or(0).max(days);
    let further = images.unwrap_or(0).saturating_sub(drives);
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
    let support = drives as f64 + further as f64 / 4.0;
    1.0 - (-support).exp2()
}
