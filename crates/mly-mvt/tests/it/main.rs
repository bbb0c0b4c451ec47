//! The crate from outside: conformance fixtures, a second decoder, real tiles, arbitrary, hostile and damaged ones.

mod conformance;
mod limits;
mod mutation;
mod proto;
mod real;
mod round_trip;
mod second;
mod wire;
mod whole;
