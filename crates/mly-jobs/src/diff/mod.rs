//! What has changed between two results of one layer.
//!
//! Rows are compared by their ids, and map features that are left over by name and place, since the service gives new ids
//! when it computes a place anew. Inputs are read twice: first what is compared, a few bytes of each row, which are sorted
//! by id, on the disk if they are many; then the rows that are in the result.

mod change;
mod counts;
mod dates;
mod fields;
mod grid;
mod join;
mod kind;
mod looks;
mod pick;
mod place;
mod record;
mod rows;
mod scan;
mod sorted;
mod sun;
mod values;
mod verdict;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mly::plan::Scope;
use mly::{Area, Error, Result};

pub use change::Change;
pub use counts::Counts;

use crate::input::Input;
use crate::table::Table;
use dates::{DAY_MS, Dates};
use join::{Comparison, Joined, Match, Pair};
use kind::{Layer, RowKind};
use looks::{LookCounter, Looks, Watched};
use pick::Picked;
use place::PlaceMatcher;
use record::Record;
use rows::{ChangeRows, OWN};
use scan::{Reading, Scan};
use values::Values;
use verdict::Recall;

/// What has changed between two results of one layer.
///
/// ```no_run
/// use std::path::Path;
///
/// use mly_jobs::{Change, Diff};
///
/// let (may, june) = (Path::new("signs-may.parquet"), Path::new("signs-june.parquet"));
/// let (changes, counts) = Diff::new(may, june).with_seen_by(Path::new("images-june.parquet")).run()?;
/// println!("{} rows, {} signs are gone", changes.rows(), counts.of(Change::Gone));
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a comparison does nothing until it is run"]
pub struct Diff {
    old: Input,
    new: Input,
    seen_by: Option<Input>,
    within_m: f64,
    lag: Duration,
    has_same: bool,
    as_of_ms: Option<i64>,
    old_within: Option<Area>,
    new_within: Option<Area>,
    in_memory: usize,
}

impl Diff {
    /// The distance within which a map feature with a new id is the same, in metres.
    ///
    /// The service joins detections of one value that are within 10 m, so that what it has made anew lies just beyond.
    pub const WITHIN_M: f64 = 15.0;

    /// How long it takes until an image has been processed, in days.
    pub const LAG_DAYS: u64 = 60;

    /// What has changed from an old result to a new one.
    pub fn new(old: impl Into<Input>, new: impl Into<Input>) -> Self {
        Self {
            old: old.into(),
            new: new.into(),
            seen_by: None,
            within_m: Self::WITHIN_M,
            lag: Duration::from_secs(Self::LAG_DAYS * 24 * 60 * 60),
            has_same: false,
            as_of_ms: None,
            old_within: None,
            new_within: None,
            in_memory: sorted::IN_MEMORY,
        }
    }

    /// Images by which it is judged whether map features that are missing are gone: whether somebody looked where they
    /// were. Without them nothing is said to be gone.
    pub fn with_seen_by(mut self, images: impl Into<Input>) -> Self {
        self.seen_by = Some(images.into());
        self
    }

    /// A map feature with a new id is the same if it is of the same name and within this many metres, 15 by default. One
    /// that is alone may have moved two thirds farther.
    pub fn with_within_m(mut self, metres: f64) -> Self {
        self.within_m = metres;
        self
    }

    /// Images count as looks if they are older than this when the new result is made, 60 days by default: what they show
    /// appears on the map weeks later.
    pub fn with_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    /// Also rows that have not changed.
    pub fn with_all(mut self, has_same: bool) -> Self {
        self.has_same = has_same;
        self
    }

    /// When the new result was made, in milliseconds since 1970. Without it, the newest date in it and in the images.
    pub fn with_as_of(mut self, moment_ms: i64) -> Self {
        self.as_of_ms = Some(moment_ms);
        self
    }

    /// The area that the old result was asked for, if its file does not tell.
    pub fn with_old_within(mut self, area: Area) -> Self {
        self.old_within = Some(area);
        self
    }

    /// The area that the new result was asked for, if its file does not tell.
    pub fn with_new_within(mut self, area: Area) -> Self {
        self.new_within = Some(area);
        self
    }

    /// How many rows of each input are compared in memory before the disk is used.
    #[doc(hidden)]
    pub fn with_rows_in_memory(mut self, rows: usize) -> Self {
        self.in_memory = rows;
        self
    }

    /// Compares the two results.
    ///
    /// The table has one row for each change, sorted by id: `change`, `id`, `old_id`, `moved_m`, `match`, `looks`,
    /// `look_sequences`, `last_look`, the columns of the new result, those that only the old one has, and `geometry`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the two are of different layers or an option makes no sense, [`Error::Input`] when an
    /// input cannot be read, and [`Error::Output`] when the disk is too full to sort rows on it.
    pub fn run(&self) -> Result<(Table, Counts)> {
        let (old_schema, new_schema) = (self.old.rows()?.schema, self.new.rows()?.schema);
        let layer = self.check(&Layer::of(&old_schema), &Layer::of(&new_schema))?;
        let kind = layer.kind;
        let mut counts = Counts::default();
        let compared = scan::compared(kind, &old_schema, &new_schema);
        let mut values = Values::default();
        let mut scan = |input: &Input, role: &str| {
            let dates = Dates::until(Some(made_ms(input).saturating_add(DAY_MS)));
            let reading = Reading { kind, compared: &compared, dates, in_memory: self.in_memory };
            reading.scan(input, role, &mut values)
        };
        let (old, new) = (scan(&self.old, "OLD")?, scan(&self.new, "NEW")?);
        let as_of_ms = self.as_of(&new)?;
        let dates = Dates::until(as_of_ms);
        let last_seen = |record: &Record| dates.known(record.last_ms.map(Into::into));

        let is_features = kind == RowKind::Features;
        let has_values = |schema: &arrow_schema::Schema| {
            ["value", "object_value"].iter().any(|name| schema.column_with_name(name).is_some())
        };
        let has_content = !is_features || (has_values(&old_schema) && has_values(&new_schema));
        let comparison = Comparison {
            has_content,
            last_seen: is_features.then_some(&last_seen),
            keeps_same: self.has_same || self.seen_by.is_some(),
        };
        let joined = comparison.join(&old.records, &new.records)?;
        counts.add(Change::Same, joined.same);
        tell_of_rows(&old, &new, joined.repeated, &mut counts);
        let mut pairs = if is_features {
            let matcher = PlaceMatcher { within_m: self.within_m, values: &values, last_seen: &last_seen };
            let places = matcher.pairs(&joined.only_old, &joined.only_new, [&old.records, &new.records])?;
            with_places(joined, &places)
        } else {
            with_places(joined, &[])
        };
        for pair in pairs.iter_mut().filter(|pair| pair.new.is_none() && !is_features) {
            pair.change = Change::Deleted;
        }
        // What the service had shown no more when the old result was made is no news now.
        pairs.retain(|pair| pair.new.is_some() || pair.old.as_ref().is_some_and(|old| old.is_shown));
        if is_features && !has_content && old.rows > 0 && new.rows > 0 {
            counts.notes.push(
                "one of the files has no column value, so rows are compared by their ids alone".to_owned(),
            );
        }

        let mut looks = None;
        if let Some(images) = &self.seen_by {
            let found = self.looks(images, &pairs, dates, as_of_ms, &last_seen)?;
            let name = |pair: &Pair| values.name(pair.old.as_ref().or(pair.new.as_ref())?.content);
            let mut recall = Recall::default();
            pairs.iter().zip(&found).for_each(|(pair, looks)| recall.add(name(pair), looks));
            for (pair, looks) in pairs.iter_mut().zip(&found) {
                pair.change = recall.verdict(pair.change, name(pair), looks);
            }
            counts.rate = recall.rate();
            looks = Some(found);
        }
        self.finish(
            layer.name(),
            pairs,
            looks,
            old.has_text_ids || new.has_text_ids || kind == RowKind::Sequences,
            counts,
        )
    }

    /// Checks the options, and that the two are of one layer, which it returns.
    fn check(&self, old: &Layer, new: &Layer) -> Result<Layer> {
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
    fn as_of(&self, new: &Scan) -> Result<Option<i64>> {
        if self.as_of_ms.is_some() {
            return Ok(self.as_of_ms);
        }
        let Some(images) = &self.seen_by else { return Ok(new.newest_ms) };
        let dates = Dates::until(Some(made_ms(images).saturating_add(DAY_MS)));
        Ok(looks::newest_ms(images, dates)?.max(new.newest_ms))
    }

    /// The looks at each map feature since it was last seen.
    fn looks(
        &self,
        images: &Input,
        pairs: &[Pair],
        dates: Dates,
        as_of_ms: Option<i64>,
        last_seen: &dyn Fn(&Record) -> Option<i64>,
    ) -> Result<Vec<Looks>> {
        let watched = |pair: &Pair| {
            let record = pair.new.as_ref().or(pair.old.as_ref());
            let [old_ms, new_ms] = [&pair.old, &pair.new].map(|record| record.as_ref().and_then(last_seen));
            Watched {
                at: record.and_then(Record::at),
                facing: record.and_then(Record::facing),
                seen_ms: record.and_then(last_seen),
                trial: old_ms.zip(new_ms),
            }
        };
        let watched: Vec<Watched> = pairs.iter().map(watched).collect();
        let lag_ms = i64::try_from(self.lag.as_millis()).unwrap_or(i64::MAX);
        let Some(as_of_ms) = as_of_ms else { return Ok(vec![Looks::default(); pairs.len()]) };
        LookCounter::new(&watched, dates, as_of_ms.saturating_sub(lag_ms)).count(images)
    }

    /// Reads the rows of the result and makes the table.
    fn finish(
        &self,
        layer: &str,
        pairs: Vec<Pair>,
        looks: Option<Vec<Looks>>,
        has_text_ids: bool,
        mut counts: Counts,
    ) -> Result<(Table, Counts)> {
        let mut kept: Vec<(Pair, Option<Looks>)> = Vec::new();
        for (at, pair) in pairs.into_iter().enumerate() {
            if pair.change == Change::Same && !self.has_same {
                counts.add(Change::Same, 1);
            } else {
                kept.push((pair, looks.as_ref().and_then(|looks| looks.get(at).copied())));
            }
        }
        kept.sort_by(|(a, _), (b, _)| a.id().cmp(&b.id()));
        let (mut pairs, looks): (Vec<Pair>, Vec<Option<Looks>>) = kept.into_iter().unzip();
        let looks: Option<Vec<Looks>> =
            looks.into_iter().collect::<Option<Vec<_>>>().filter(|_| self.seen_by.is_some());

        let numbers = |of: &dyn Fn(&Pair) -> Option<u64>| pairs.iter().filter_map(of).collect();
        let in_new: Vec<u64> = numbers(&|pair| Some(pair.new.as_ref()?.row));
        let only_old: Vec<u64> =
            numbers(&|pair| if pair.new.is_some() { None } else { Some(pair.old.as_ref()?.row) });
        let [old_scope, new_scope] = self.scopes(&mut counts)?;
        let new = Picked::read(&self.new, in_new, new_scope.as_ref(), old_scope.as_ref())?;
        let old = Picked::read(&self.old, only_old, old_scope.as_ref(), new_scope.as_ref())?;
        for pair in &mut pairs {
            let is_asked = match (&pair.old, &pair.new) {
                (None, Some(record)) => new.is_asked(record.row),
                (Some(record), None) => old.is_asked(record.row),
                _ => true,
            };
            if !is_asked {
                pair.change = Change::Unmeasured;
            }
            counts.add(pair.change, 1);
        }
        let left_out = OWN
            .iter()
            .filter(|name| [&new, &old].iter().any(|rows| rows.schema.column_with_name(name).is_some()));
        let left_out: Vec<&str> = left_out.copied().collect();
        if !left_out.is_empty() {
            let names = left_out.join(", ");
            counts
                .notes
                .push(format!("columns of the files are left out that the result has itself: {names}"));
        }
        let rows =
            ChangeRows { pairs: &pairs, looks: looks.as_deref(), new: &new, old: &old, has_text_ids, layer };
        Ok((rows.table()?, counts))
    }

    /// What the questions of the two results asked for, as far as it is known.
    fn scopes(&self, counts: &mut Counts) -> Result<[Option<Scope>; 2]> {
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

/// All rows that are not left out: pairs by id, pairs by place, and those that are only in one result.
fn with_places(joined: Joined, places: &[(usize, usize)]) -> Vec<Pair> {
    let Joined { mut pairs, only_old, only_new, .. } = joined;
    let mut only_old: Vec<Option<Record>> = only_old.into_iter().map(Some).collect();
    let mut only_new: Vec<Option<Record>> = only_new.into_iter().map(Some).collect();
    for (old, new) in places {
        let (old, new) = (only_old[*old].take(), only_new[*new].take());
        let is_back = old.as_ref().is_some_and(|old| !old.is_shown);
        let change = if is_back { Change::Back } else { Change::Remade };
        pairs.push(Pair { old, new, change, by: Some(Match::Place) });
    }
    let only_new = only_new.into_iter().flatten();
    pairs.extend(only_new.map(|new| Pair { old: None, new: Some(new), change: Change::New, by: None }));
    let only_old = only_old.into_iter().flatten();
    pairs.extend(only_old.map(|old| Pair { old: Some(old), new: None, change: Change::Unseen, by: None }));
    pairs
}

/// Notes rows that are left out.
fn tell_of_rows(old: &Scan, new: &Scan, repeated: [u64; 2], counts: &mut Counts) {
    for (name, scan, repeated) in [("OLD", old, repeated[0]), ("NEW", new, repeated[1])] {
        if repeated > 0 {
            counts
                .notes
                .push(format!("{name} has {repeated} rows whose id has come before; the first row counts"));
        }
        if scan.without_id > 0 {
            counts
                .notes
                .push(format!("{name} has {} rows without an id, which are left out", scan.without_id));
        }
    }
}

/// When an input was made, at the latest, in milliseconds since 1970: a date after this cannot be true.
fn made_ms(input: &Input) -> i64 {
    let made = match input {
        Input::File(path) => path.metadata().and_then(|found| found.modified()).ok(),
        Input::Table(_) => None,
    };
    let since_1970 = made.unwrap_or_else(SystemTime::now).duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
