//! Why a result is empty, as far as the run has seen it.

use indicatif::HumanCount;
use mly::query::Filters;
use mly::{Area, FilterValue, LeftOut, Query};

/// Most values that are named.
const NAMED: usize = 3;

/// What is likely the reason that a query has no rows, in one line.
///
/// `left_out` is what its filters have left out, and `is_whole` whether this run has seen all of the area: a resumed one has
/// not.
pub(super) fn reason(query: &Query, left_out: &LeftOut, is_whole: bool) -> String {
    let (layer, area) = (query.layer(), query.area());
    let nearest = patterns(query.filters()).map(|asked| left_out.nearest(asked, NAMED)).unwrap_or_default();
    let why = match left_out.rows {
        0 if query.filters().is_empty() => format!("there are no {layer} in this area"),
        0 => format!("there are no {layer} in this area that pass the filters"),
        _ if !nearest.is_empty() => {
            format!("no {layer} in this area have such a value; the nearest are {}", nearest.join(", "))
        }
        rows if is_whole => format!("the filters leave out all {} {layer} of this area", HumanCount(rows)),
        _ => format!("the filters leave out all {layer} of this area"),
    };
    match area.exchanged() {
        Some(exchanged) => format!("{why}; {}", question(&exchanged)),
        None => why,
    }
}

fn patterns(filters: &Filters) -> Option<&[mly::ValuePattern]> {
    match filters.get("value")? {
        FilterValue::Patterns(patterns) => Some(patterns),
        _ => None,
    }
}

/// Asks whether an area with latitude and longitude exchanged was meant.
fn question(exchanged: &Area) -> String {
    let text = exchanged.to_string();
    let option = match (text.strip_prefix("bbox "), text.split_once(" m around ")) {
        (Some(sides), _) => format!("--bbox {sides}"),
        (None, Some((_, at))) => format!("--near {at}"),
        _ => return "or are latitude and longitude exchanged in the file?".to_owned(),
    };
    format!("or are latitude and longitude exchanged? then {option}")
}
