//! Pages of rows, looked at from outside: what is in them, what they refuse, and how large they are.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod bytes;
mod rows;
mod support;
mod vendor;
