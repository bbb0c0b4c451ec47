//! Inventories.

mod brute;
mod scene;
mod seen;
mod signs;
