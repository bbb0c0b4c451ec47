//! What became of one shard: how many photos it holds, and which could not be had.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::file::Destination;

/// Longer stats, in bytes, are not ours; an id that could not be had takes about 30.
const STATS_MAX: u64 = 64 << 20;

/// A kind of reasons why a photo could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissingReason {
    /// Nothing has the id.
    NotFound,
    /// The image has no photo of the size.
    NoPhoto,
    /// No address worked, however fresh.
    Expired,
    /// Anything else.
    Failed,
}

impl MissingReason {
    /// As it stands in statistics.
    fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoPhoto => "no_photo",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// What there is to say without knowing more.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::NotFound => "no image has this id",
            Self::NoPhoto => "the image has no photo of this size",
            Self::Expired => "no fresh address of it works",
            Self::Failed => "it could not be fetched",
        }
    }

    /// Whether the same photo may be had another time.
    pub(super) fn passes(self) -> bool {
        matches!(self, Self::Expired | Self::Failed)
    }
}

/// What became of one shard.
///
/// The first five have the names and meaning of img2dataset's `00000_stats.json`. Its times are left out: the same photos
/// give the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardStats {
    /// Photos that were asked for.
    pub(crate) count: u64,
    /// Photos in the shard.
    pub(crate) successes: u64,
    /// Photos that could not be had.
    pub(crate) failed_to_download: u64,
    /// Always zero: the service scales photos, not we.
    pub(crate) failed_to_resize: u64,
    /// How often each outcome came, `success` or what went wrong.
    pub(crate) status_dict: BTreeMap<String, u64>,
    /// Number of the shard.
    pub(crate) shard: u32,
    /// Size of the archive.
    pub(crate) bytes: u64,
    /// Ids of the photos that could not be had.
    #[serde(alias = "lacks")]
    pub(crate) missing: BTreeMap<MissingReason, Vec<i64>>,
}

impl ShardStats {
    /// Counts a photo that is in the shard.
    pub(super) fn note_success(&mut self) {
        self.successes += 1;
        self.note("success");
    }

    /// Counts a photo that could not be had.
    pub(super) fn note_missing(&mut self, id: i64, reason: MissingReason) {
        self.failed_to_download += 1;
        self.missing.entry(reason).or_default().push(id);
        self.note(reason.name());
    }

    fn note(&mut self, status: &str) {
        self.count += 1;
        *self.status_dict.entry(status.to_owned()).or_default() += 1;
    }

    /// What can be said of an archive that nothing was noted of.
    pub(super) fn of_found(shard: u32, successes: u64, bytes: u64) -> Self {
        let status_dict = BTreeMap::from([("success".to_owned(), successes)]);
        Self { count: successes, successes, status_dict, shard, bytes, ..Self::default() }
    }

    /// Reads the stats of a shard; none when they are not there or make no sense.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let mut text = Vec::new();
        std::fs::File::open(path).ok()?.take(STATS_MAX).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Writes a small file of JSON, whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| cannot_write(path, e))?;
    text.push(b'\n');
    let mut destination = Destination::file(path, true)?;
    destination.write_all(&text).map_err(|e| cannot_write(path, e))?;
    destination.commit().map_err(|e| cannot_write(path, e))
}

/// Five digits, as img2dataset has them; more where five do not do.
pub(super) fn tar_name(number: u32) -> String {
    format!("{number:05}.tar")
}

pub(super) fn stats_name(number: u32) -> String {
    format!("{number:05}_stats.json")
}

/// An [`Error::Output`] about a file of a set of shards.
pub(super) fn cannot_write(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Output { path: Some(path.to_owned()), format: "webdataset", source: source.into() }
}
