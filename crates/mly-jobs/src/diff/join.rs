//! Pairs of rows of the two results.

use mly::Result;

use super::change::Change;
use super::record::Record;
use super::sorted::SortedRecords;
use crate::columns::Id;

/// A position that has moved less is the same: positions in tiles have steps of up to a metre, and are computed again.
const MOVED_M: f64 = 3.0;

/// By what a row of the old result was found in the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Id,
    Place,
}

impl Match {
    /// Name in the column `match`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Place => "place",
        }
    }
}

/// A row of the result: a row of either input, or one of both that belong together.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) old: Option<Record>,
    pub(super) new: Option<Record>,
    pub(super) change: Change,
    pub(super) by: Option<Match>,
}

impl Pair {
    /// The id in the new result, or in the old one where it is only there.
    pub(super) fn id(&self) -> Option<&Id> {
        self.new.as_ref().or(self.old.as_ref()).map(|record| &record.id)
    }

    /// How far it has moved, in metres.
    pub(super) fn moved_m(&self) -> Option<f64> {
        self.old.as_ref()?.moved_m(self.new.as_ref()?)
    }
}

/// Rows by what became of them by their ids alone.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// In both results.
    pub(super) pairs: Vec<Pair>,
    /// Only in the old result, in order of their ids.
    pub(super) only_old: Vec<Record>,
    /// Only in the new result, in order of their ids.
    pub(super) only_new: Vec<Record>,
    /// Rows in both results that have not changed.
    pub(super) same: u64,
    /// Rows that were left out, since their id had come before: of the old and of the new result.
    pub(super) repeated: [u64; 2],
}

/// When a map feature was last seen, in milliseconds since 1970.
pub(super) type LastSeen<'a> = dyn Fn(&Record) -> Option<i64> + 'a;

/// How rows with the same id are compared.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'a> {
    /// Whether both results tell what the rows hold.
    pub(super) has_content: bool,
    /// When map features were last seen; `None` for rows that are no map features.
    pub(super) last_seen: Option<&'a LastSeen<'a>>,
    /// Whether pairs that have not changed are kept.
    pub(super) keeps_same: bool,
}

impl Comparison<'_> {
    /// Goes through both results in the order of ids.
    ///
    /// # Errors
    /// When sorted records cannot be read back.
    pub(super) fn join(&self, old: &SortedRecords, new: &SortedRecords) -> Result<Joined> {
        let mut joined = Joined::default();
        let (mut old, mut new) = (old.in_order()?, new.in_order()?);
        let (mut next_old, mut next_new) = (old.next().transpose()?, new.next().transpose()?);
        loop {
            let (before, after) = match (&next_old, &next_new) {
                (None, None) => break,
                (Some(before), Some(after)) => (before.id <= after.id, after.id <= before.id),
                (before, after) => (before.is_some(), after.is_some()),
            };
            let before =
                if before { std::mem::replace(&mut next_old, old.next().transpose()?) } else { None };
            let after = if after { std::mem::replace(&mut next_new, new.next().transpose()?) } else { None };
            // What the service showed no more when a result was made is in its file only for the record.
            match (before, after.filter(|record| record.is_shown)) {
                (Some(before), Some(after)) => self.paired(before, after, &mut joined),
                (Some(before), None) => joined.only_old.push(before),
                (None, Some(after)) => joined.only_new.push(after),
                (None, None) => {}
            }
        }
        joined.repeated = [old.repeated, new.repeated];
        Ok(joined)
    }

    fn paired(&self, old: Record, new: Record, joined: &mut Joined) {
        let change = self.change(&old, &new);
        if change == Change::Same && !self.keeps_same {
            joined.same += 1;
            return;
        }
        joined.pairs.push(Pair { old: Some(old), new: Some(new), change, by: Some(Match::Id) });
    }

    fn change(&self, old: &Record, new: &Record) -> Change {
        if !old.is_shown {
            return Change::Back;
        }
        let is_other = self.has_content && old.content != new.content;
        if is_other || old.moved_m(new).is_some_and(|moved_m| moved_m > MOVED_M) {
            return Change::Changed;
        }
        let last_seen = self.last_seen.and_then(|last_seen| Some((last_seen(old)?, last_seen(new)?)));
        if last_seen.is_some_and(|(before, after)| after > before) { Change::SeenAgain } else { Change::Same }
    }
}
