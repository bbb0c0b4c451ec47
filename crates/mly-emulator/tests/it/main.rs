//! The emulator through a real HTTP client, against the recorded behaviour of the service.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod answer;
mod auth;
mod demo;
mod emulator;
mod entity;
mod fault;
mod file;
mod limit;
mod open;
mod random;
mod search;
mod signed;
mod support;
mod tile;
mod token;
mod truth;
