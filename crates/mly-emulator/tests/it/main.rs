//! The emulator through a real HTTP client, against the recorded behaviour of the service.

mod auth;
mod demo;
mod entity;
mod fault;
mod file;
mod limit;
mod open;
mod random;
mod search;
mod support;
mod tile;
mod token;
