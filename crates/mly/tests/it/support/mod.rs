//! Helpers that the tests share: clients, a scripted server, and tiles and answers that are read without the library's
//! code, as an independent truth.

pub(crate) mod frail;
mod run;
mod server;
pub(crate) mod truth;

pub(crate) use run::{
    Bytes, SECRET, TOKEN, TOWN, client, demo, features, features_of, options, options_at, property, town,
    write,
};
pub(crate) use server::{Reply, Request, Server, ok, status};
