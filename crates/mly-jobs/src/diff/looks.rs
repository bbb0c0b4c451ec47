//! Looks: images that would show a map feature if it were there.

use std::collections::{HashMap, HashSet};

use arrow_array::{Array, RecordBatch};
use mly::{Error, Result};

use super::dates::{DAY_MS, Dates};
use super::grid::Grid;
use super::sun;
use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::{Position, angle_between, bearing, distance_m};

/// Nearer than this, a sign is above or beside the picture.
const NEAREST_M: f64 = 3.0;
/// Farther away, signs are too small to be recognised reliably.
const FARTHEST_M: f64 = 25.0;
/// Half the angle of view of a flat image.
const HALF_VIEW_DEG: f64 = 30.0;
/// A sign is recognised from up to so far beside the direction that it faces.
const ASIDE_DEG: f64 = 75.0;
/// Images of lower quality show too little.
const LEAST_QUALITY: f64 = 0.3;

/// The columns of images that are read.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "sequence_id",
    "sequence",
    "captured_at",
    "compass_angle",
    "is_pano",
    "quality_score",
    "geometry",
];

/// A map feature whose looks are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    pub(super) at: Option<Position>,
    /// The direction to the cameras that saw it, in degrees.
    pub(super) facing: Option<f64>,
    /// Looks count from a day after this, in milliseconds; nobody can be said to have looked since when it is not known.
    pub(super) seen_ms: Option<i64>,
    /// When it was last seen by the old result and by the new one, if it is in both.
    pub(super) trial: Option<(i64, i64)>,
}

/// The looks at one map feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) images: u64,
    pub(super) sequences: u32,
    /// The first and the last one, in milliseconds.
    pub(super) span_ms: Option<(i64, i64)>,
    /// Sequences that looked after the old result, and how many of them the date in the new result reaches.
    pub(super) trials: u32,
    pub(super) successes: u32,
}

impl Looks {
    /// Whether there were looks on two days in UTC.
    pub(super) fn are_on_days(&self) -> bool {
        self.span_ms.is_some_and(|(first, last)| first.div_euclid(DAY_MS) != last.div_euclid(DAY_MS))
    }
}

/// The looks of one sequence at one map feature.
#[derive(Clone, Copy, Debug, Default)]
struct Sighting {
    images: u64,
    span_ms: Option<(i64, i64)>,
    /// The first look after the date in the old result.
    first_trial_ms: Option<i64>,
}

/// Counts looks, image by image.
pub(super) struct LookCounter<'a> {
    watched: &'a [Watched],
    grid: Grid,
    dates: Dates,
    /// Later images may not have been processed yet, in milliseconds.
    until_ms: i64,
    sequences: HashMap<Option<Id>, u32>,
    sightings: HashMap<(u32, u32), Sighting>,
    /// The images that counted, so that none counts twice.
    seen: HashSet<Id>,
}

impl<'a> LookCounter<'a> {
    /// A counter of looks that were taken until a moment.
    pub(super) fn new(watched: &'a [Watched], dates: Dates, until_ms: i64) -> Self {
        let grid = Grid::new(watched.iter().map(|feature| feature.at), FARTHEST_M);
        let (sequences, sightings, seen) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { watched, grid, dates, until_ms, sequences, sightings, seen }
    }

    /// Reads all images.
    ///
    /// # Errors
    /// [`Error::Input`] when they cannot be read, or are no images.
    pub(super) fn count(mut self, images: &Input) -> Result<Vec<Looks>> {
        for batch in images.rows_of(COLUMNS)?.batches {
            self.add(&batch?);
        }
        Ok(self.looks())
    }

    fn add(&mut self, batch: &RecordBatch) {
        let columns = Columns(batch);
        // Look-ups call it by the name that the graph has for it.
        let has_id = batch.column_by_name("sequence_id").is_some();
        let (ids, sequences) =
            (columns.ids("id"), columns.ids(if has_id { "sequence_id" } else { "sequence" }));
        let (captured, angles) = (columns.times("captured_at"), columns.numbers("compass_angle"));
        let (panos, quality) = (columns.flags("is_pano"), columns.numbers("quality_score"));
        let geometries = columns.geometries();
        for row in 0..batch.num_rows() {
            let moment = self.dates.known(captured(row)).filter(|moment| *moment <= self.until_ms);
            let Some(moment) = moment.filter(|_| quality(row).is_none_or(|score| score >= LEAST_QUALITY))
            else {
                continue;
            };
            let Some(at) = geometries.point(row) else { continue };
            let is_pano = panos.is_some_and(|panos| panos.is_valid(row) && panos.value(row));
            // An angle of exactly 0 is what cameras without a compass write.
            let angle = angles(row).filter(|angle| *angle > 0.0);
            if !is_pano && angle.is_none() {
                continue;
            }
            let camera = Camera { at, angle: angle.filter(|_| !is_pano), moment };
            self.look(camera, || ids.get(row), || sequences.get(row));
        }
    }

    fn look(&mut self, camera: Camera, id: impl Fn() -> Option<Id>, sequence: impl Fn() -> Option<Id>) {
        let (watched, sightings) = (self.watched, &mut self.sightings);
        let mut known = None;
        self.grid.near(camera.at, |place| {
            let feature = &watched[place];
            let is_after = |seen_ms: i64| camera.moment > seen_ms.saturating_add(DAY_MS);
            let counts = feature.seen_ms.is_some_and(is_after);
            let is_trial = feature.trial.is_some_and(|(old_ms, _)| is_after(old_ms));
            if !(counts || is_trial) || !camera.shows(feature) {
                return;
            }
            // What concerns the image alone is found out once, and only if it shows anything.
            let sequence = *known.get_or_insert_with(|| {
                let is_new =
                    sun::is_up(camera.moment, camera.at) && id().is_none_or(|id| self.seen.insert(id));
                let next = u32::try_from(self.sequences.len()).unwrap_or(u32::MAX);
                is_new.then(|| *self.sequences.entry(sequence()).or_insert(next))
            });
            let Some(sequence) = sequence else { return };
            let feature = u32::try_from(place).unwrap_or(u32::MAX);
            let sighting: &mut Sighting = sightings.entry((feature, sequence)).or_default();
            if counts {
                sighting.images += 1;
                sighting.span_ms = joined(sighting.span_ms, Some((camera.moment, camera.moment)));
            }
            if is_trial {
                let first = sighting.first_trial_ms.map_or(camera.moment, |first| first.min(camera.moment));
                sighting.first_trial_ms = Some(first);
            }
        });
    }

    fn looks(self) -> Vec<Looks> {
        let mut all = vec![Looks::default(); self.watched.len()];
        for ((place, _), sighting) in self.sightings {
            let place = place as usize;
            let looks = &mut all[place];
            looks.images += sighting.images;
            looks.sequences += u32::from(sighting.images > 0);
            looks.span_ms = joined(looks.span_ms, sighting.span_ms);
            if let (Some(first), Some((_, new_ms))) = (sighting.first_trial_ms, self.watched[place].trial) {
                looks.trials += 1;
                looks.successes += u32::from(new_ms >= first);
            }
        }
        all
    }
}

/// An image with a date.
#[derive(Clone, Copy, Debug)]
struct Camera {
    at: Position,
    /// Where it looks to, in degrees; `None` for everywhere.
    angle: Option<f64>,
    moment: i64,
}

impl Camera {
    /// Whether a map feature is near enough, in view, and turned to the camera as far as that is known.
    fn shows(&self, feature: &Watched) -> bool {
        let Some(to) = feature.at else { return false };
        if !(NEAREST_M..=FARTHEST_M).contains(&distance_m(self.at, to)) {
            return false;
        }
        let is_in_view =
            self.angle.is_none_or(|angle| angle_between(bearing(self.at, to), angle) <= HALF_VIEW_DEG);
        is_in_view
            && feature.facing.is_none_or(|facing| angle_between(bearing(to, self.at), facing) <= ASIDE_DEG)
    }
}

/// The span of two spans.
fn joined(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some((first, last)), Some((begin, end))) => Some((first.min(begin), last.max(end))),
        (one, other) => one.or(other),
    }
}

/// The newest date of images.
///
/// # Errors
/// [`Error::Input`] when they cannot be read.
pub(super) fn newest_ms(images: &Input, dates: Dates) -> Result<Option<i64>> {
    let mut newest_ms = None;
    for batch in images.rows_of(&["captured_at"])?.batches {
        let batch = batch?;
        let captured = Columns(&batch).times("captured_at");
        newest_ms = (0..batch.num_rows()).filter_map(|row| dates.known(captured(row))).max().max(newest_ms);
    }
    Ok(newest_ms)
}

/// Checks that an input can hold images.
///
/// # Errors
/// [`Error::Input`] when it lacks a column without which no image can be a look.
pub(super) fn check(images: &Input, role: &str) -> Result<()> {
    let rows = images.rows()?;
    let has = |name: &str| rows.schema.column_with_name(name).is_some();
    // A result without rows may have no columns either.
    if rows.schema.fields().is_empty() || (has("captured_at") && has("geometry")) {
        return Ok(());
    }
    Err(Error::input(format!("{}: these are no images with dates and positions", images.name(role)))
        .with_hint(
            "ask for them with mly images, with the columns captured_at, compass_angle and sequence_id",
        ))
}
