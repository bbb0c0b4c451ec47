//! What the tests share: clients, one scripted server, and tiles and answers read without any code of ours.

mod run;
mod server;
pub(crate) mod truth;

pub(crate) use run::{
    Bytes, SECRET, TOKEN, TOWN, client, demo, features, features_of, options, options_at, property, town,
    write,
};
pub(crate) use server::{Reply, Request, Server, ok, status};
