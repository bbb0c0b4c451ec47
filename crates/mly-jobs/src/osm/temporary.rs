//! Signs that stand for a while only: those of road works, and those near them.

use super::finding::{Finding, OsmStatus};
use super::mapped_sign::MappedSign;
use super::rule_book::RuleBook;
use crate::metric::Position;
use crate::near::Bands;

/// How far signs of road works reach, in metres.
const NEAR_M: f64 = 150.0;

/// Nine months.
const LASTING_MS: i64 = 274 * 86_400_000;

/// Marks signs that are not in OpenStreetMap and belong to road works, or, if only `permanent` ones are wanted, were seen
/// for less than nine months.
pub(super) fn mark_temporary(
    findings: &mut [Finding],
    signs: &[MappedSign],
    book: &RuleBook,
    permanent: bool,
) {
    let positions: Vec<Position> = signs.iter().map(|sign| sign.at).collect();
    let is_works: Vec<bool> =
        signs.iter().map(|sign| book.rule(&sign.value).is_some_and(|rule| rule.temporary)).collect();
    let mut is_temporary = is_works.clone();
    let works: Vec<Position> =
        positions.iter().zip(&is_works).filter(|(_, is)| **is).map(|(at, _)| *at).collect();
    let dates: Vec<_> =
        signs.iter().zip(&is_works).filter(|(_, is)| **is).map(|(sign, _)| sign.seen).collect();
    let bands = Bands::new(&works, NEAR_M);
    for (sign, is) in signs.iter().zip(&mut is_temporary) {
        bands.around(sign.at, |number, _| {
            let other = dates.get(number as usize).copied().flatten();
            *is |= sign.seen.zip(other).is_some_and(|(a, b)| a[0] <= b[1] && b[0] <= a[1]);
        });
        *is |= permanent && sign.seen.is_some_and(|[first, last]| last - first < LASTING_MS);
    }
    for (finding, is_temporary) in findings.iter_mut().zip(is_temporary) {
        let is_open = !matches!(finding.status, OsmStatus::Confirmed | OsmStatus::Unmapped);
        if is_temporary && is_open {
            finding.status = OsmStatus::Temporary;
            finding.insertion = None;
        }
    }
}
