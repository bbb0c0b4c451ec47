//! The `mly` command against the emulator: what it prints, writes, asks for and exits with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod area;
mod doctor;
mod fault;
mod filter;
mod format;
mod help;
mod output;
mod plan;
#[cfg(unix)]
mod process;
mod read;
mod real_tile;
mod secret;
mod support;
mod talk;
mod token;
mod usage;
