//! What a comparison found, as a table.

use mly::Result;

use super::change::Change;
use super::counts::Counts;
use super::join::Pair;
use super::looks::Looks;
use super::options::DiffOptions;
use super::pick::Picked;
use super::rows::{ChangeRows, OWN};
use crate::table::Table;

/// What a comparison found.
pub(super) struct Outcome<'a> {
    /// What the rows are.
    pub(super) layer: &'a str,
    pub(super) pairs: Vec<Pair>,
    /// The looks at each, if images were given.
    pub(super) looks: Option<Vec<Looks>>,
    pub(super) has_text_ids: bool,
    pub(super) counts: Counts,
}

impl Outcome<'_> {
    /// Reads the rows of the result and makes the table.
    ///
    /// # Errors
    /// When an input cannot be read again, or the columns of the two do not fit.
    pub(super) fn table(self, options: &DiffOptions) -> Result<(Table, Counts)> {
        let Self { layer, pairs, looks, has_text_ids, mut counts } = self;
        let mut kept: Vec<(Pair, Option<Looks>)> = Vec::new();
        for (at, pair) in pairs.into_iter().enumerate() {
            if pair.change == Change::Same && !options.has_same {
                counts.add(Change::Same, 1);
            } else {
                kept.push((pair, looks.as_ref().and_then(|looks| looks.get(at).copied())));
            }
        }
        kept.sort_by(|(a, _), (b, _)| a.id().cmp(&b.id()));
        let (mut pairs, looks): (Vec<Pair>, Vec<Option<Looks>>) = kept.into_iter().unzip();
        let looks: Option<Vec<Looks>> =
            looks.into_iter().collect::<Option<Vec<_>>>().filter(|_| options.seen_by.is_some());

        let numbers = |of: &dyn Fn(&Pair) -> Option<u64>| pairs.iter().filter_map(of).collect();
        let in_new: Vec<u64> = numbers(&|pair| Some(pair.new.as_ref()?.row));
        let only_old: Vec<u64> =
            numbers(&|pair| if pair.new.is_some() { None } else { Some(pair.old.as_ref()?.row) });
        let [old_scope, new_scope] = options.scopes(&mut counts)?;
        let [old_scope, new_scope] = [old_scope.as_ref(), new_scope.as_ref()];
        let (new, old) = rayon::join(
            || Picked::read(&options.new, in_new, new_scope, old_scope),
            || Picked::read(&options.old, only_old, old_scope, new_scope),
        );
        let (new, old) = (new?, old?);
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
}
