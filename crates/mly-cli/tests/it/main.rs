//! The `mly` command against the emulator: what it prints, writes, asks for and exits with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod area;
mod assets;
mod changes;
mod completions;
mod config;
mod convert;
mod dataset;
mod detections;
mod diff;
mod doctor;
mod download;
mod fault;
mod filter;
mod format;
mod forms;
mod graph;
mod help;
mod kept;
mod lookup;
mod losses;
mod map;
mod near;
mod network;
mod osm;
mod output;
mod path;
mod place;
mod plan;
mod process;
mod read;
mod real_tile;
mod record;
mod resume;
mod run;
mod secret;
mod sign_truth;
mod street_truth;
mod streets;
mod support;
mod talk;
mod thumbnail;
mod token;
mod update;
mod usage;
