//! The Mapillary API v4 on localhost: tiles, graph, errors, limits and faults.
//!
//! For tests, demos and work without a network. [`Emulator::start`] serves a [`World`] and gives the base address for
//! both the graph and the tiles; [`Emulator::fail`] adds [`Fault`]s; [`Emulator::requests`] tells what was asked.

mod answer;
mod auth;
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
mod request;
mod routes;
mod seen;
mod server;
mod shared;
mod tiles;
mod world;

pub use auth::DEMO_TOKEN;
pub use emulator::{Builder, Emulator};
pub use error::Error;
pub use fault::Fault;
pub use limits::Limits;
pub use seen::{Endpoint, Seen, TokenForm};
pub use world::World;
