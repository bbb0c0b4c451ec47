//! The Mapillary API v4 on localhost: tiles, graph, errors, limits and faults.
//!
//! For tests, demos and work without a network. [`Emulator::start`] serves a [`World`] and gives the base address for
//! both the graph and the tiles; [`Emulator::fail`] adds [`Fault`]s; [`Emulator::requests`] tells what was asked.
//!
//! It answers as the service was documented or recorded to answer, mistakes included: statuses that say little, ids in
//! strings, absent fields, floats with 14 digits, a layer `water` in empty tiles. Not emulated: uploads, the login
//! page, searches by S2 cell and the pyramids of single photos.

mod answer;
mod auth;
mod cache;
mod date;
mod dice;
mod emulator;
mod error;
mod fault;
mod graph;
mod grid;
mod json;
mod limits;
mod lock;
mod log;
mod request;
mod routes;
mod server;
mod shared;
mod tile_set;
mod tiles;
mod world;

pub use auth::DEMO_TOKEN;
pub use emulator::{Builder, Emulator};
pub use error::Error;
pub use fault::Fault;
pub use limits::Limits;
pub use log::{Endpoint, RequestRecord, TokenForm};
pub use world::World;
