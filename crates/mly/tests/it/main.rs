//! The library against the emulator, with another decoder and brute force as independent truth.

mod areas;
mod faults;
mod order;
mod real_tile;
mod run;
mod sequences;
mod sinks;
mod structure;
mod truth;
