//! The jobs: questions that several results answer together, as functions of the package.

pub(crate) mod assets;
pub(crate) mod diff;
mod found;
mod input;
pub(crate) mod osm;
pub(crate) mod streets;

pub(crate) use input::input;
