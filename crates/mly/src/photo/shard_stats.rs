//! The stats of a shard: how many photos it holds, and which are missing.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Cause, Error, Result, cause_of_output};
use crate::file::Destination;

/// Most bytes of stats that are read. A missing photo takes about 30 bytes, so ours are shorter.
const STATS_MAX: u64 = 64 << 20;

/// Why a photo is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissingReason {
    /// No image has this id.
    NotFound,
    /// The image has no photo of this size.
    NoPhoto,
    /// Its URL had expired, and new ones did not work either.
    Expired,
    /// Anything else.
    Failed,
}

impl MissingReason {
    /// Name in the stats.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoPhoto => "no_photo",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Whether a later download may succeed.
    pub(super) fn passes(self) -> bool {
        matches!(self, Self::Expired | Self::Failed)
    }
}

/// The stats of one shard, written as `00000_stats.json` beside it.
///
/// The first five fields have the names and meanings of those of img2dataset. Its times are left out, so that the same
/// photos give the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardStats {
    /// Photos that were requested.
    pub(crate) count: u64,
    /// Photos in the shard.
    pub(crate) successes: u64,
    /// Photos that are missing.
    pub(crate) failed_to_download: u64,
    /// Always 0: photos are not resized here, but by the service.
    pub(crate) failed_to_resize: u64,
    /// Number of photos for each outcome: `success`, or the reason why a photo is missing.
    pub(crate) status_dict: BTreeMap<String, u64>,
    /// Number of the shard.
    pub(crate) shard: u32,
    /// Size of the archive.
    pub(crate) bytes: u64,
    /// Ids of the missing photos. They were called `lacks` by an earlier version.
    pub(crate) missing: BTreeMap<MissingReason, Vec<i64>>,
}

impl ShardStats {
    /// Counts a photo that is in the shard.
    pub(super) fn note_success(&mut self) {
        self.successes += 1;
        self.note("success");
    }

    /// Counts a photo that is missing.
    pub(super) fn note_missing(&mut self, id: i64, reason: MissingReason) {
        self.failed_to_download += 1;
        self.missing.entry(reason).or_default().push(id);
        self.note(reason.name());
    }

    fn note(&mut self, status: &str) {
        self.count += 1;
        *self.status_dict.entry(status.to_owned()).or_default() += 1;
    }

    /// The stats of an archive that has none, as far as they follow from the archive itself.
    pub(super) fn of_found(shard: u32, successes: u64, bytes: u64) -> Self {
        let status_dict = BTreeMap::from([("success".to_owned(), successes)]);
        Self { count: successes, successes, status_dict, shard, bytes, ..Self::default() }
    }

    /// Reads the stats of a shard; `None` if they do not exist or cannot be read.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let mut text = Vec::new();
        std::fs::File::open(path).ok()?.take(STATS_MAX).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Writes a JSON file, which appears only when it is complete.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| cannot_write(path, e))?;
    text.push(b'\n');
    let mut destination = Destination::file(path, true)?;
    destination.write_all(&text).map_err(|e| cannot_write(path, e))?;
    destination.commit().map_err(|e| cannot_write(path, e))
}

/// Name of the archive of a shard. The number has at least five digits, as in img2dataset.
pub(super) fn tar_name(number: u32) -> String {
    format!("{number:05}.tar")
}

/// The number of the shard whose archive has this name.
pub(super) fn number(name: &str) -> Option<u32> {
    let stem = name.strip_suffix(".tar")?;
    (stem.len() >= 5 && stem.bytes().all(|b| b.is_ascii_digit())).then(|| stem.parse().ok())?
}

pub(super) fn stats_name(number: u32) -> String {
    format!("{number:05}_stats.json")
}

/// An [`Error::Output`] about a file of a set of shards.
pub(super) fn cannot_write(path: &Path, source: impl Into<Cause>) -> Error {
    Error::Output { path: Some(path.to_owned()), format: "webdataset", source: cause_of_output(source) }
}
