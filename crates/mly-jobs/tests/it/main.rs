//! Questions that several results answer, against truths that are found in other ways.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod diff;
