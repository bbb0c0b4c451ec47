//! The Mapillary API v4 on localhost: tiles, graph, errors, limits and faults.
//!
//! For tests, demos and work without a network. [`Emulator::start`] serves a [`World`], [`Emulator::url`] is the base URL
//! of both the graph and the tiles, [`Emulator::fail`] adds [`Fault`]s, and [`Emulator::requests`] lists the requests so
//! far.
//!
//! Answers are those that the service documents or that were recorded from it, oddities included: HTTP statuses that say
//! little, ids as strings, fields that are absent rather than null, floats with 14 digits, a layer `water` in empty
//! tiles. What is not known of the service is a [`Question`], and [`Builder::with_answer`] plays another answer to it.
//!
//! Not emulated: uploads, the login page, searches by S2 cell, and the image pyramids of single photos.

mod answer;
mod answers;
mod auth;
mod cache;
mod date;
mod dice;
mod documentation;
mod emulator;
mod error;
mod fault;
mod graph;
mod grid;
mod json;
mod limits;
mod lock;
mod log;
mod openstreetmap;
mod request;
mod routes;
mod server;
mod state;
mod tile_set;
mod tiles;
mod world;

pub use answers::{AnswerVariant, Choice, Question};
pub use auth::DEMO_TOKEN;
pub use emulator::{Builder, Emulator};
pub use error::Error;
pub use fault::Fault;
pub use limits::Limits;
pub use log::{Endpoint, RequestRecord, TokenForm};
pub use openstreetmap::{MapEntry, MapExtract};
pub use world::{StreetTruth, TrueSign, World};

#[doc(hidden)]
pub use documentation::demo;
