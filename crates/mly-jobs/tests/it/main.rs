//! Jobs, by what they answer about small towns whose truth is known.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod assets;
mod diff;
mod osm;
mod pbf;
mod streets;
