//! Why a result is empty, as far as the run has seen it.

use super::progress::Progress;
use crate::plan::{Plan, Question, grouped};
use crate::query::{Area, FilterValue, Filters, Query, ValuePattern};
use crate::rows::LeftOut;

/// Most values that are named.
const NAMED: usize = 3;

/// The likely reason why a result has no rows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmptyReason {
    /// The reason, in words.
    pub what: String,
    /// The same area with longitude and latitude exchanged, if that is an area too.
    pub exchanged: Option<Area>,
    /// Whether the plan is a part of another one, whose other parts may have rows.
    pub is_part: bool,
}

impl Progress {
    /// Why the result of a query is empty, once the run is over; `None` if it has rows, or answers a lookup.
    pub fn empty_reason(&self, plan: &Plan) -> Option<EmptyReason> {
        let (Question::Query(query), Some(left_out)) = (plan.question(), self.left_out()) else {
            return None;
        };
        // A resumed run has not seen all rows that the filters leave out.
        let is_whole = self.answered_before() == 0;
        let is_part = query.plan().is_ok_and(|whole| whole.cost() != plan.cost());
        let area = if is_part { "this part of the area" } else { "this area" };
        let what = reason(query, area, &left_out, is_whole);
        Some(EmptyReason { what, exchanged: query.area().exchanged().filter(|_| !is_part), is_part })
    }
}

/// What is likely the reason. `left_out` is what the filters have left out, and `is_whole` whether that is all.
fn reason(query: &Query, area: &str, left_out: &LeftOut, is_whole: bool) -> String {
    let layer = query.layer();
    let nearest = patterns(query.filters()).map(|asked| left_out.nearest(asked, NAMED)).unwrap_or_default();
    match left_out.rows {
        0 if query.filters().is_empty() => format!("there are no {layer} in {area}"),
        0 => format!("there are no {layer} in {area} that pass the filters"),
        _ if !nearest.is_empty() => {
            format!("no {layer} in {area} have such a value; the nearest are {}", nearest.join(", "))
        }
        rows if is_whole => format!("the filters leave out all {} {layer} of {area}", grouped(rows)),
        _ => format!("the filters leave out all {layer} of {area}"),
    }
}

fn patterns(filters: &Filters) -> Option<&[ValuePattern]> {
    match filters.get("value")? {
        FilterValue::Patterns(patterns) => Some(patterns),
        _ => None,
    }
}
