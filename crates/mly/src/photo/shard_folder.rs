//! Reads which photos the shards of a folder hold, so that they are not fetched again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::shard_part::PartRecord;
use super::shard_stats::{MissingReason, ShardStats, number, stats_name};

/// The complete shards of a folder, their photos, and the photos that are missing in them.
#[derive(Debug, Default)]
pub(crate) struct ShardFolder {
    shards: BTreeMap<u32, ShardStats>,
    photos: HashSet<i64>,
    missing: HashMap<i64, MissingReason>,
    /// Numbers that are taken by links to something else than a complete archive.
    links: HashSet<u32>,
}

impl ShardFolder {
    /// Reads the names of the files in all archives, and from the stats which photos are missing.
    ///
    /// An archive without its end is ignored. An archive without stats counts with the photos that it holds: somebody
    /// has removed them, or an earlier version was stopped before it wrote them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn of(dir: &Path) -> io::Result<Self> {
        let mut shards = Self::default();
        for entry in dir.read_dir()? {
            let name = entry?.file_name();
            let Some(number) = name.to_str().and_then(number) else { continue };
            let path = dir.join(&name);
            let found = if path.is_file() { whole_archive(&path)? } else { None };
            let Some((photos, bytes)) = found else {
                // What a link leads to is not ours to replace.
                shards.links.extend(path.is_symlink().then_some(number));
                continue;
            };
            let stats = ShardStats::read(&dir.join(stats_name(number)));
            let stats = stats.filter(|stats| stats.bytes == bytes && stats.shard == number);
            shards.add(
                stats.unwrap_or_else(|| ShardStats::of_found(number, photos.len() as u64, bytes)),
                &photos,
            );
        }
        Ok(shards)
    }

    /// Adds a shard that holds these photos.
    pub(crate) fn add(&mut self, stats: ShardStats, photos: &[i64]) {
        self.photos.extend(photos);
        for (reason, ids) in &stats.missing {
            self.missing.extend(ids.iter().map(|id| (*id, *reason)));
        }
        self.shards.insert(stats.shard, stats);
    }

    /// Adds what an unfinished shard has.
    pub(crate) fn add_part(&mut self, kept: &[PartRecord]) {
        for PartRecord { id, missing, .. } in kept {
            match missing {
                Some(reason) => drop(self.missing.insert(*id, *reason)),
                None => drop(self.photos.insert(*id)),
            }
        }
    }

    /// Whether there is a complete shard of this number.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.shards.contains_key(&number)
    }

    /// Whether a photo is in a shard.
    pub(crate) fn holds(&self, id: i64) -> bool {
        self.photos.contains(&id)
    }

    /// Why a photo is in no shard, if the reason is one that a retry does not change.
    pub(crate) fn lasting_reason(&self, id: i64) -> Option<MissingReason> {
        self.missing.get(&id).copied().filter(|reason| !reason.passes() && !self.holds(id))
    }

    /// The numbers of shards that do not exist yet, in order.
    pub(crate) fn free_numbers(&self) -> impl Iterator<Item = u32> + use<> {
        let taken: HashSet<u32> = self.shards.keys().chain(&self.links).copied().collect();
        (0..).filter(move |number| !taken.contains(number))
    }

    /// The shards, in the order of their numbers.
    pub(super) fn shards(&self) -> impl Iterator<Item = &ShardStats> {
        self.shards.values()
    }

    /// How many requested photos are in no shard.
    pub(super) fn missing_count(&self) -> usize {
        self.missing.keys().filter(|id| !self.photos.contains(id)).count()
    }
}

/// The ids of the photos in an archive, and its size in bytes; `None` if the archive is incomplete.
fn whole_archive(path: &Path) -> io::Result<Option<(Vec<i64>, u64)>> {
    /// A tar archive ends with two blocks of zeros.
    const END: usize = 1024;
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut end = [1; END];
    if bytes < END as u64 || file.seek(SeekFrom::End(-1024)).and_then(|_| file.read_exact(&mut end)).is_err()
    {
        return Ok(None);
    }
    if end.iter().any(|byte| *byte != 0) {
        return Ok(None);
    }
    file.rewind()?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut photos = Vec::new();
    for entry in archive.entries_with_seek()? {
        let Ok(entry) = entry else { return Ok(None) };
        let name = entry.path_bytes();
        let id = std::str::from_utf8(&name).ok().and_then(|name| name.strip_suffix(".jpg"));
        photos.extend(id.and_then(|id| id.parse::<i64>().ok()));
    }
    Ok(Some((photos, bytes)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shard::Shard;
    use super::*;

    fn write(dir: &Path, number: u32, photos: &[i64], reason: Option<(i64, MissingReason)>) {
        let mut shard = Shard::open(dir, number).unwrap();
        for id in photos {
            shard.add(*id, b"photo", &json!({})).unwrap();
        }
        if let Some((id, reason)) = reason {
            shard.miss(id, reason).unwrap();
        }
        shard.finish().unwrap();
    }

    #[test]
    fn what_is_held_lacked_and_free_is_known() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 0, &[1, 2], Some((3, MissingReason::NotFound)));
        write(folder.path(), 2, &[4], Some((5, MissingReason::Failed)));
        let shards = ShardFolder::of(folder.path()).unwrap();
        assert!([1, 2, 4].into_iter().all(|id| shards.holds(id)) && !shards.holds(3));
        assert_eq!(shards.lasting_reason(3), Some(MissingReason::NotFound));
        assert_eq!(shards.lasting_reason(5), None);
        assert_eq!(shards.free_numbers().take(3).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(shards.missing_count(), 2);
    }

    #[test]
    fn an_archive_counts_without_its_stats_but_not_without_its_end() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 0, &[1, 2], None);
        let [tar, stats] = ["00000.tar", "00000_stats.json"].map(|name| folder.path().join(name));
        for nonsense in ["", "{}", "[]", "{\"count\": -1}"] {
            std::fs::write(&stats, nonsense).unwrap();
            assert!(ShardFolder::of(folder.path()).unwrap().holds(2));
        }
        std::fs::remove_file(&stats).unwrap();
        let shards = ShardFolder::of(folder.path()).unwrap();
        assert_eq!(shards.shards().next().unwrap().successes, 2);
        let whole = std::fs::read(&tar).unwrap();
        for length in [0, 100, 1024, whole.len() / 2, whole.len() - 512] {
            std::fs::write(&tar, &whole[..length]).unwrap();
            let shards = ShardFolder::of(folder.path()).unwrap();
            assert!(!shards.holds(1) || length >= 1024, "{length}");
            assert!(!shards.holds(2), "{length}");
        }
    }
}
