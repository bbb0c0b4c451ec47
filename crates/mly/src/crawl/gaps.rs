//! Gaps of a result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rows::Misfits;
use crate::sink::Losses;
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
    /// Ids that the service could not answer while it answered others, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) failed: Vec<(String, String)>,
    /// Features without an id or with a geometry of another kind.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) misfits: u64,
    /// Values that could not be read and are left empty, by the name of their column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) unread: BTreeMap<String, u64>,
    /// What the format of the file cannot hold.
    #[serde(default, skip_serializing_if = "Losses::is_empty")]
    pub(super) losses: Losses,
}

impl Gaps {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what is missing from another part of the result.
    pub(super) fn add(&mut self, more: Self) {
        self.missing.extend(more.missing);
        self.not_found.extend(more.not_found);
        self.failed.extend(more.failed);
        self.misfits += more.misfits;
        self.losses.extend(more.losses);
        for (column, count) in more.unread {
            *self.unread.entry(column).or_default() += count;
        }
    }
}

/// Whether a count is 0, so that serde leaves it out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl From<Misfits> for Gaps {
    fn from(misfits: Misfits) -> Self {
        Self { misfits: misfits.features, unread: misfits.values, ..Self::default() }
    }
}
