//! The jobs: questions that several results answer together, as functions of the package.

mod assets;
mod diff;
mod found;
mod input;
mod osm;
mod streets;

pub(crate) use assets::assets;
pub(crate) use diff::diff;
pub(crate) use input::input;
pub(crate) use osm::osm;
pub(crate) use streets::streets;
