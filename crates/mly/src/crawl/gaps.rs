//! Gaps of a result.

use serde::{Deserialize, Serialize};

use super::step::is_zero;
use crate::tile::TileId;

/// What may be missing from a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gaps {
    /// Tiles that were taken as empty, because every request for them was answered with 404.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) missing: Vec<TileId>,
    /// Ids that were not found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) not_found: Vec<String>,
    /// Features without an id or with a geometry of another kind.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) misfits: u64,
}

/// How many gaps of each kind the log of the journal holds already, so that each is logged once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LoggedGaps {
    pub(super) missing: usize,
    pub(super) not_found: usize,
    pub(super) misfits: u64,
}

impl Gaps {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
