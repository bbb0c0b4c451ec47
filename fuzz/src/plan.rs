//! Stored plans.

use std::hint::black_box;

use mly::Plan;
use mly::plan::Question;

/// Requests that are looked at, of plans that may have millions.
const MOST_REQUESTS: usize = 1000;

/// Any text is a plan or an error, and a plan can be stored, printed, priced and divided.
pub fn read(text: &str) {
    if let Ok(plan) = Plan::from_json(text) {
        check(&plan);
    }
}

/// Whatever a plan is, it can be stored, printed, priced and divided, and the parts of an area send what it sends.
pub(crate) fn check(plan: &Plan) {
    let stored = plan.to_json().expect("every plan can be stored");
    assert_eq!(Plan::from_json(&stored).expect("what was stored"), *plan);
    let cost = plan.cost();
    black_box((plan.to_string(), plan.rows(), cost.days(), cost.requests()));
    let requests: Vec<_> = plan.requests().take(MOST_REQUESTS).collect();
    for request in &requests {
        black_box((request.path(), request.parameters(), request.tile()));
    }
    for parts in [1, 2, 7, u64::MAX].map(|count| plan.partitions(count.min(MOST_REQUESTS as u64))) {
        // Some plans cannot be divided.
        let Ok(parts) = parts else { continue };
        let of_parts = parts.iter().flat_map(Plan::requests).take(MOST_REQUESTS);
        // A request of a lookup asks for many ids, which may go to several parts.
        let is_lookup = matches!(plan.question(), Question::Lookup(_));
        assert!(is_lookup || of_parts.eq(requests.iter().cloned()));
    }
}
