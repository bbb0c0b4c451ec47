//! The steps of a comparison.

use std::sync::{Mutex, PoisonError};

use arrow_schema::Schema;
use mly::Result;

use super::change::Change;
use super::counts::Counts;
use super::dates::{DAY_MS, Dates};
use super::join::{Comparison, Joined, Match, Pair};
use super::kind::{Layer, RowKind};
use super::looks::{LookCounter, Looks, Watched};
use super::options::{DiffOptions, made_ms};
use super::outcome::Outcome;
use super::place::PlaceMatcher;
use super::record::Record;
use super::scan::{self, Reading, Scan};
use super::values::Values;
use super::verdict::Recall;
use crate::input::Input;
use crate::table::Table;

/// Compares two results.
pub(super) fn run(options: &DiffOptions) -> Result<(Table, Counts)> {
    let (old_schema, new_schema) = (options.old.rows()?.schema, options.new.rows()?.schema);
    let layer = options.check(&Layer::of(&old_schema), &Layer::of(&new_schema))?;
    let compared = scan::compared(layer.kind, &old_schema, &new_schema);
    let values = Mutex::new(Values::default());
    let scan = |input: &Input, role: &str| {
        let dates = Dates::until(Some(made_ms(input).saturating_add(DAY_MS)));
        let reading = Reading { kind: layer.kind, compared: &compared, dates, in_memory: options.in_memory };
        reading.scan(input, role, &values)
    };
    let (old, new) = rayon::join(|| scan(&options.old, "OLD"), || scan(&options.new, "NEW"));
    let (old, new, values) = (old?, new?, values.into_inner().unwrap_or_else(PoisonError::into_inner));
    let dates = Dates::until(options.as_of(&new)?);
    let rows = Both {
        options,
        is_features: layer.kind == RowKind::Features,
        has_content: layer.kind != RowKind::Features || (has_values(&old_schema) && has_values(&new_schema)),
        dates,
        values: &values,
    };
    let mut counts = Counts::default();
    let mut pairs = rows.pairs(&old, &new, &mut counts)?;
    let mut looks = None;
    if let Some(images) = &options.seen_by {
        looks = Some(rows.judge(images, &mut pairs, &mut counts)?);
    }
    let has_text_ids = old.has_text_ids || new.has_text_ids || layer.kind == RowKind::Sequences;
    // The rows of the result need the memory.
    drop((old, new));
    Outcome { layer: layer.name(), pairs, looks, has_text_ids, counts }.table(options)
}

fn has_values(schema: &Schema) -> bool {
    ["value", "object_value"].iter().any(|name| schema.column_with_name(name).is_some())
}

/// What is known of the rows of both results.
struct Both<'a> {
    options: &'a DiffOptions,
    is_features: bool,
    /// Whether both results tell what the rows hold.
    has_content: bool,
    dates: Dates,
    values: &'a Values,
}

impl Both<'_> {
    fn last_seen(&self, record: &Record) -> Option<i64> {
        self.dates.known(record.last_ms.map(Into::into))
    }

    /// The number of the name of a map feature.
    fn name(&self, pair: &Pair) -> Option<u32> {
        self.values.name(pair.old.as_ref().or(pair.new.as_ref())?.content)
    }

    /// The rows of the two results, with what became of them by id and place.
    fn pairs(&self, old: &Scan, new: &Scan, counts: &mut Counts) -> Result<Vec<Pair>> {
        let last_seen = |record: &Record| self.last_seen(record);
        let comparison = Comparison {
            has_content: self.has_content,
            last_seen: self.is_features.then_some(&last_seen),
            keeps_same: self.options.has_same || self.options.seen_by.is_some(),
        };
        let joined = comparison.join(&old.records, &new.records)?;
        counts.add(Change::Same, joined.same);
        tell_of_rows(old, new, joined.repeated, counts);
        if !self.has_content && old.rows > 0 && new.rows > 0 {
            let note = "one of the files has no column value, so rows are compared by their ids alone";
            counts.notes.push(note.to_owned());
        }
        let mut places = Vec::new();
        if self.is_features {
            let within_m = self.options.within_m;
            let matcher = PlaceMatcher { within_m, values: self.values, last_seen: &last_seen };
            places = matcher.pairs(&joined.only_old, &joined.only_new, [&old.records, &new.records])?;
        }
        let missing = if self.is_features { Change::Unseen } else { Change::Deleted };
        let mut pairs = with_places(joined, &places, missing);
        // What the service had shown no more when the old result was made is no news now.
        pairs.retain(|pair| pair.new.is_some() || pair.old.as_ref().is_some_and(|old| old.is_shown));
        Ok(pairs)
    }

    /// Counts the looks at each map feature since it was last seen, and judges by them which are gone.
    fn judge(&self, images: &Input, pairs: &mut [Pair], counts: &mut Counts) -> Result<Vec<Looks>> {
        let watched: Vec<Watched> = pairs.iter().map(|pair| self.watched(pair)).collect();
        let lag_ms = i64::try_from(self.options.lag.as_millis()).unwrap_or(i64::MAX);
        let looks = match self.dates.last_ms() {
            Some(as_of_ms) => {
                LookCounter::new(&watched, self.dates, as_of_ms.saturating_sub(lag_ms)).count(images)?
            }
            // Nothing in the new result or in the images has a date.
            None => vec![Looks::default(); pairs.len()],
        };
        let mut recall = Recall::default();
        for (pair, looks) in pairs.iter().zip(&looks) {
            recall.add(self.name(pair), looks);
        }
        for (pair, looks) in pairs.iter_mut().zip(&looks) {
            pair.change = recall.verdict(pair.change, self.name(pair), looks);
        }
        counts.rate = recall.rate();
        Ok(looks)
    }

    fn watched(&self, pair: &Pair) -> Watched {
        let record = pair.new.as_ref().or(pair.old.as_ref());
        let [old_ms, new_ms] =
            [&pair.old, &pair.new].map(|record| record.as_ref().and_then(|record| self.last_seen(record)));
        Watched {
            at: record.and_then(Record::at),
            facing: record.and_then(Record::facing),
            seen_ms: record.and_then(|record| self.last_seen(record)),
            trial: old_ms.zip(new_ms),
        }
    }
}

/// All rows that are not left out: pairs by id, pairs by place, and those that are only in one result.
fn with_places(joined: Joined, places: &[(usize, usize)], missing: Change) -> Vec<Pair> {
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
    pairs.extend(only_old.map(|old| Pair { old: Some(old), new: None, change: missing, by: None }));
    pairs
}

/// Notes rows that are left out.
fn tell_of_rows(old: &Scan, new: &Scan, repeated: [u64; 2], counts: &mut Counts) {
    for (name, scan, repeated) in [("OLD", old, repeated[0]), ("NEW", new, repeated[1])] {
        let notes = [
            (repeated, "whose id has come before; the first one of each counts"),
            (scan.without_id, "without an id; they are left out"),
        ];
        for (rows, what) in notes.into_iter().filter(|(rows, _)| *rows > 0) {
            counts.notes.push(format!("rows of {name} {what}: {rows}"));
        }
    }
}
