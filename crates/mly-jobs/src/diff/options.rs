//! What is compared, and how.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mly::plan::Scope;
use mly::{Area, Error, Result};

use super::counts::Counts;
use super::dates::{DAY_MS, Dates};
use super::kind::{Layer, RowKind};
use super::looks;
use super::scan::Scan;
use crate::input::Input;

/// What is compared, and how; the builder of a comparison says what each field means.
#[derive(Clone, Debug)]
pub(super) struct DiffOptions {
    pub(super) old: Input,
    pub(super) new: Input,
    pub(super) seen_by: Option<Input>,
    pub(super) within_m: f64,
    pub(super) lag: Duration,
    pub(super) has_same: bool,
    pub(super) as_of_ms: Option<i64>,
    pub(super) old_within: Option<Area>,
    pub(super) new_within: Option<Area>,
    pub(super) in_memory: usize,
}

impl DiffOptions {
    /// Checks the options, and that the two are of one layer, which it returns.
    pub(super) fn check(&self, old: &Layer, new: &Layer) -> Result<Layer> {
        if !(self.within_m >= 0.0 && self.within_m <= 1000.0) {
            return Err(Error::query(format!("{} m is not a distance from 0 to 1000", self.within_m))
                .with_hint("give metres, such as --within-m 15"));
        }
        if !old.fits(new) {
            let what = format!("OLD has {}, and NEW has {}", old.name(), new.name());
            return Err(Error::query(what).with_hint("compare two results of one layer"));
        }
        let layer = if new.kind == RowKind::Other { old } else { new }.clone();
        if let Some(images) = &self.seen_by {
            if !matches!(layer.kind, RowKind::Features | RowKind::Other) {
                return Err(Error::query(format!(
                    "looks are counted for map features, and these are {}",
                    layer.name()
                ))
                .with_hint("leave the images out"));
            }
            looks::check(images, "the images")?;
        }
        Ok(layer)
    }

    /// When the new result was made.
    pub(super) fn as_of(&self, new: &Scan) -> Result<Option<i64>> {
        if self.as_of_ms.is_some() {
            return Ok(self.as_of_ms);
        }
        let Some(images) = &self.seen_by else { return Ok(new.newest_ms) };
        let dates = Dates::until(Some(made_ms(images).saturating_add(DAY_MS)));
        Ok(looks::newest_ms(images, dates)?.max(new.newest_ms))
    }

    /// What the questions of the two results asked for, as far as it is known.
    pub(super) fn scopes(&self, counts: &mut Counts) -> Result<[Option<Scope>; 2]> {
        let mut scopes = [None, None];
        let inputs = [(&self.old, &self.old_within), (&self.new, &self.new_within)];
        for (scope, (input, within)) in scopes.iter_mut().zip(inputs) {
            let told = Scope::of(&input.rows()?.schema);
            *scope = match within {
                Some(area) => Some(told.unwrap_or_default().with_area(area)),
                None => told,
            };
        }
        let unknown = match &scopes {
            [None, None] => {
                "the areas of OLD and NEW are not known, so that both are taken to cover everything"
            }
            [None, _] => "the area of OLD is not known, so that it is taken to cover everything",
            [_, None] => "the area of NEW is not known, so that it is taken to cover everything",
            _ => return Ok(scopes),
        };
        counts.notes.push(unknown.to_owned());
        Ok(scopes)
    }
}

/// When an input was made, at the latest, in milliseconds since 1970: a date after this cannot be true.
pub(super) fn made_ms(input: &Input) -> i64 {
    let made = match input {
        Input::File(path) => path.metadata().and_then(|found| found.modified()).ok(),
        Input::Table(_) => None,
    };
    let since_1970 = made.unwrap_or_else(SystemTime::now).duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
