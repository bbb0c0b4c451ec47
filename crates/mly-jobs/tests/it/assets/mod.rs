//! Inventories.

mod brute;
mod road;
mod scene;
mod seen;
pub(crate) mod signs;
