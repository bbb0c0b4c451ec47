//! The library against the emulator, with another decoder and brute force as independent truth.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(clippy::cast_possible_truncation, reason = "numbers of tests are small")]
#![expect(clippy::float_cmp, reason = "numbers must come back as they were")]
#![expect(clippy::string_slice, reason = "texts of tests are cut where they are ASCII")]

mod about;
mod answers;
mod areas;
mod clouds;
mod coco;
mod downloads;
mod faults;
mod files;
mod filters;
mod flatgeobuf;
mod geopackage;
mod graph;
mod hostile;
mod losses;
mod order;
mod other;
mod parquet;
mod pmtiles;
mod prune;
mod readings;
mod real_graph;
mod real_tile;
mod resume;
mod rows;
mod sequences;
mod sinks;
mod sources;
mod store;
mod structure;
mod support;
mod update;
