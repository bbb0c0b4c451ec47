//! Signs compared with OpenStreetMap.

mod brute;
mod family;
mod output;
mod scene;
mod thing;
mod time;
pub(crate) mod town;
