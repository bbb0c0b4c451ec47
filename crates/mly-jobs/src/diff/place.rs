//! Map features that have a new id, found by where they are.

use std::collections::HashSet;

use mly::Result;

use super::grid::Grid;
use super::record::Record;
use super::sorted::SortedRecords;
use super::values::Values;
use crate::metric::{angle_between, distance_m};

/// A lone map feature may have moved farther than others by this factor: 25 m instead of 15.
const LONE_FACTOR: f64 = 5.0 / 3.0;

/// It is alone when no other of its name is within this many times the farther distance: 50 m for 25 m.
const ALONE_FACTOR: f64 = 2.0;

/// Signs whose directions differ by more are two signs, in degrees.
const TURNED_DEG: f64 = 60.0;

/// Two map features that may be one.
#[derive(Clone, Debug)]
struct Candidate {
    distance_m: f64,
    /// Their places in the lists of those that are only in one result.
    old: usize,
    new: usize,
    /// Whether they are so far apart that they have to be alone.
    is_far: bool,
}

/// What map features are matched by.
pub(super) struct PlaceMatcher<'a> {
    pub(super) within_m: f64,
    pub(super) values: &'a Values,
    pub(super) last_seen: &'a dyn Fn(&Record) -> Option<i64>,
}

impl PlaceMatcher<'_> {
    /// Pairs of places in the two lists, each place at most once: the nearest pairs first.
    ///
    /// `results` are all rows of both results.
    ///
    /// # Errors
    /// When sorted records cannot be read back.
    pub(super) fn pairs(
        &self,
        old: &[Record],
        new: &[Record],
        results: [&SortedRecords; 2],
    ) -> Result<Vec<(usize, usize)>> {
        let mut candidates = self.candidates(old, new);
        let crowded = self.crowded(&candidates, old, new, results)?;
        let mut number = 0;
        candidates.retain(|candidate| {
            number += 1;
            !candidate.is_far || !crowded.contains(&(number - 1))
        });
        // Of equal distances, the pair with the smallest id comes first, and it does not matter which result is which.
        let ids = |candidate: &Candidate| {
            let (one, other) = (&old[candidate.old].id, &new[candidate.new].id);
            if one <= other { (one, other) } else { (other, one) }
        };
        candidates.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| ids(a).cmp(&ids(b))));
        let (mut is_old_taken, mut is_new_taken) = (vec![false; old.len()], vec![false; new.len()]);
        let mut pairs = Vec::new();
        for Candidate { old, new, .. } in candidates {
            if !is_old_taken[old] && !is_new_taken[new] {
                (is_old_taken[old], is_new_taken[new]) = (true, true);
                pairs.push((old, new));
            }
        }
        Ok(pairs)
    }

    fn name(&self, record: &Record) -> Option<u32> {
        self.values.name(record.content)
    }

    /// All pairs that are near enough and have one name.
    fn candidates(&self, old: &[Record], new: &[Record]) -> Vec<Candidate> {
        let far_m = self.within_m * LONE_FACTOR;
        let grid =
            Grid::new(old.iter().map(|record| record.at().filter(|_| self.name(record).is_some())), far_m);
        let mut candidates = Vec::new();
        for (place, after) in new.iter().enumerate() {
            let (Some(at), Some(name)) = (after.at(), self.name(after)) else { continue };
            grid.near(at, |other| {
                let before = &old[other];
                let Some(from) = before.at().filter(|_| self.name(before) == Some(name)) else { return };
                let distance_m = distance_m(from, at);
                let is_far = distance_m > self.within_m;
                let is_turned = before.facing().zip(after.facing());
                let is_turned = is_turned.is_some_and(|(one, other)| angle_between(one, other) > TURNED_DEG);
                if distance_m <= far_m && !is_turned && (!is_far || self.is_in_order(before, after)) {
                    candidates.push(Candidate { distance_m, old: other, new: place, is_far });
                }
            });
        }
        candidates
    }

    /// Whether the new one was seen no earlier than the old one.
    fn is_in_order(&self, old: &Record, new: &Record) -> bool {
        (self.last_seen)(old).zip((self.last_seen)(new)).is_some_and(|(before, after)| after >= before)
    }

    /// The far pairs, by their number, that are not alone: another row of their name is near to either.
    fn crowded(
        &self,
        candidates: &[Candidate],
        old: &[Record],
        new: &[Record],
        results: [&SortedRecords; 2],
    ) -> Result<HashSet<usize>> {
        let far: Vec<usize> = (0..candidates.len()).filter(|number| candidates[*number].is_far).collect();
        let mut crowded = HashSet::new();
        if far.is_empty() {
            return Ok(crowded);
        }
        let alone_m = self.within_m * LONE_FACTOR * ALONE_FACTOR;
        let ends = |number: &usize| [&old[candidates[*number].old], &new[candidates[*number].new]];
        let grid = Grid::new(far.iter().flat_map(ends).map(Record::at), alone_m);
        for records in results {
            for record in records.in_order()? {
                let record = record?;
                let (Some(at), Some(name)) = (record.at(), self.name(&record)) else { continue };
                if !record.is_shown {
                    continue;
                }
                grid.near(at, |end| {
                    let number = far[end / 2];
                    let both = ends(&number);
                    let end = both[end % 2];
                    let is_own = both.iter().any(|own| is_same_row(own, &record));
                    let is_near = || end.at().is_some_and(|end| distance_m(end, at) <= alone_m);
                    if !is_own && self.name(end) == Some(name) && is_near() {
                        crowded.insert(number);
                    }
                });
            }
        }
        Ok(crowded)
    }
}

/// Whether two records are one row. Those of a pair are each in one result only, so that their ids tell.
fn is_same_row(one: &Record, other: &Record) -> bool {
    one.id == other.id
}
