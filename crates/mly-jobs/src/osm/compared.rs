//! What a comparison has found, with all that it was made of.

use std::path::PathBuf;

use super::finding::Finding;
use super::mapped_sign::MappedSigns;
use super::world::World;

/// What a comparison has found.
#[derive(Debug)]
pub struct OsmComparison {
    pub(super) signs: MappedSigns,
    pub(super) findings: Vec<Finding>,
    pub(super) gone: Vec<u32>,
    pub(super) world: World,
    pub(super) osm: PathBuf,
    pub(super) unmapped: Vec<(String, u64)>,
}
