//! Look-ups by id: values as the graph has them, in the order of the ids.

mod failing;
mod fault;
mod input;
mod missing;
mod value;

use std::sync::OnceLock;

use mly_emulator::{Emulator, World};

use crate::support::everything;

/// A demo world in which time stands still, so that addresses stay the same.
pub(crate) fn still() -> &'static Emulator {
    static STILL: OnceLock<Emulator> = OnceLock::new();
    STILL.get_or_init(|| Emulator::builder(World::demo()).with_clock(|| 1_760_000_000_000).start().unwrap())
}

/// Ids of the first rows of a layer.
pub(crate) fn ids(layer: &str, count: usize) -> Vec<String> {
    everything(layer).iter().take(count).map(|row| row.int("id").unwrap().to_string()).collect()
}

/// An id of an image that never was.
pub(crate) const NOBODY: &str = "1933525276802129";
