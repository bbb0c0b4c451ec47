//! What must hold of any input. The targets call it with what libFuzzer makes up, the tests with what it once found.

pub mod area;
pub mod journal;
pub mod mvt;
pub mod plan;
pub mod rows;
