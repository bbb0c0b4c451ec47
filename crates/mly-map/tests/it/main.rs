//! Pages of rows, looked at from outside: what is in them, what they refuse, and how large they are.

mod bytes;
mod rows;
mod support;
mod vendor;
