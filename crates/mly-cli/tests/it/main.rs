//! The `mly` command against the emulator: what it prints, writes, asks for and exits with.

mod area;
mod doctor;
mod emulate;
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
mod usage;
