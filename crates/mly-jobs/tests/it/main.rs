//! Jobs through their public interface.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod assets;
mod osm;
