//! The crate from outside: conformance fixtures, a second decoder, real tiles, arbitrary, hostile and damaged ones.

#![expect(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails, in its helpers too")]

mod check;
mod commands;
mod conformance;
mod limits;
mod mutation;
mod proto;
mod real;
mod round_trip;
mod second;
mod whole;
mod wire;
mod writer;
