//! The manifest of a folder of shards.

use std::path::Path;

use serde_json::json;

use super::shard_folder::ShardFolder;
use super::shard_stats::{ShardStats, tar_name, write_json};
use crate::error::Result;
use crate::table::{ATTRIBUTION, ATTRIBUTION_URL, LICENSE};

/// Writes `manifest.json`, which lists the shards of a folder with their sizes and numbers of photos, and says whom to
/// name for them.
///
/// # Errors
/// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the file cannot be created,
/// [`Error::Output`](crate::Error::Output) when it cannot be written.
pub(crate) fn write_manifest(dir: &Path, shards: &ShardFolder) -> Result<()> {
    let sum = |of: fn(&ShardStats) -> u64| shards.shards().map(of).fold(0, u64::saturating_add);
    let one = |stats: &ShardStats| {
        json!({
            "name": tar_name(stats.shard),
            "count": stats.successes,
            "failed": stats.failed_to_download,
            "bytes": stats.bytes,
        })
    };
    let manifest = json!({
        "shards": shards.shards().map(one).collect::<Vec<_>>(),
        "count": sum(|s| s.successes),
        "failed": shards.missing_count(),
        "bytes": sum(|s| s.bytes),
        "attribution": format!("{ATTRIBUTION} ({ATTRIBUTION_URL})"),
        "license": LICENSE,
    });
    write_json(&dir.join("manifest.json"), &manifest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::photo::MissingReason;

    #[test]
    fn the_manifest_names_shards_and_adds_them_up() {
        let folder = tempfile::tempdir().unwrap();
        let of = |shard, successes, failed_to_download, bytes| ShardStats {
            successes,
            failed_to_download,
            shard,
            bytes,
            ..ShardStats::default()
        };
        let mut shards = ShardFolder::default();
        let missing = BTreeMap::from([(MissingReason::NotFound, vec![7]), (MissingReason::Failed, vec![8])]);
        shards.add(ShardStats { missing, ..of(0, 10, 2, 5120) }, &[]);
        shards.add(of(100_000, 3, 0, 2048), &[8]);
        write_manifest(folder.path(), &shards).unwrap();
        let text = std::fs::read(folder.path().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(
            manifest,
            json!({
                "shards": [
                    {"name": "00000.tar", "count": 10, "failed": 2, "bytes": 5120},
                    {"name": "100000.tar", "count": 3, "failed": 0, "bytes": 2048},
                ],
                "count": 13, "failed": 1, "bytes": 7168,
                "attribution": "Mapillary (https://www.mapillary.com)", "license": "CC BY-SA 4.0",
            })
        );
    }
}
