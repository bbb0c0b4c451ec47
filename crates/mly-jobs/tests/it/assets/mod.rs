//! Inventories.

mod brute;
mod scene;
mod seen;
pub(crate) mod signs;
