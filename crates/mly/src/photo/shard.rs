//! Writes shards: tar archives of photos, in the layout of webdataset and img2dataset.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tar::{Builder, EntryType, Header};

use super::shard_part::{PartRecord, ShardPart};
use super::shard_stats::{MissingReason, ShardStats, cannot_write, stats_name, tar_name, write_json};
use crate::error::{Error, Result};
use crate::file::{Target, WriteTarget};

/// A shard that is being written: an archive such as `00000.tar`, with `ID.jpg` and `ID.json` for each photo in the
/// order in which they are added.
///
/// The same photos give the same bytes, since times and owners are left out. A shard that is dropped before
/// [`Shard::finish`] is continued by the next download.
pub(crate) struct Shard {
    /// `None` once it is finished.
    archive: Option<Builder<ShardPart>>,
    path: PathBuf,
    dir: PathBuf,
    stats: ShardStats,
}

impl Shard {
    /// Begins a shard, or continues one. It replaces an incomplete archive of the same name, which
    /// [`ShardFolder`](super::ShardFolder) ignores.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there can be no archive, [`Error::Output`] when it cannot be created.
    pub(crate) fn open(dir: &Path, number: u32) -> Result<Self> {
        let path = dir.join(tar_name(number));
        let WriteTarget::File(target) = Target::find(&path, true)? else {
            return Err(Error::query(format!("cannot write {}: it is a device", path.display())));
        };
        let part = ShardPart::open(*target).map_err(|e| cannot_write(&path, e))?;
        let mut stats = ShardStats { shard: number, ..ShardStats::default() };
        for record in part.kept() {
            match record.missing {
                Some(reason) => stats.note_missing(record.id, reason),
                None => stats.note_success(),
            }
        }
        Ok(Self { archive: Some(Builder::new(part)), path, dir: dir.to_owned(), stats })
    }

    /// What earlier downloads have done of it.
    pub(crate) fn kept(&self) -> Vec<PartRecord> {
        self.archive.iter().flat_map(|archive| archive.get_ref().kept()).cloned().collect()
    }

    /// How many photos were added or are missing.
    pub(crate) fn count(&self) -> u64 {
        self.stats.count
    }

    /// Adds a photo and its JSON.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    pub(crate) fn add(&mut self, id: i64, jpg: &[u8], json: &Value) -> Result<()> {
        let text = serde_json::to_vec(json).map_err(|e| cannot_write(&self.path, e))?;
        let files = [("jpg", jpg), ("json", &text)];
        let mut added = files.iter().try_for_each(|(end, bytes)| self.append(&format!("{id}.{end}"), bytes));
        added = added.and_then(|()| self.record(id, None));
        added.map_err(|e| cannot_write(&self.path, e))?;
        self.stats.note_success();
        Ok(())
    }

    /// Records in the stats that a photo is missing, and why.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    pub(crate) fn miss(&mut self, id: i64, reason: MissingReason) -> Result<()> {
        self.record(id, Some(reason)).map_err(|e| cannot_write(&self.path, e))?;
        self.stats.note_missing(id, reason);
        Ok(())
    }

    fn record(&mut self, id: i64, missing: Option<MissingReason>) -> io::Result<()> {
        self.archive.as_mut().map_or(Ok(()), |archive| archive.get_mut().record(id, missing))
    }

    /// Writes the stats, and then gives the complete archive its name: stats without an archive are ignored, and an
    /// archive without stats would not tell which photos are missing.
    ///
    /// # Errors
    /// [`Error::Output`] when either cannot be written, [`Error::InvalidQuery`] when the stats cannot be created.
    pub(crate) fn finish(mut self) -> Result<ShardStats> {
        let mut stats = std::mem::take(&mut self.stats);
        let Some(archive) = self.archive.take() else { return Ok(stats) };
        // This writes the two empty blocks that end an archive.
        let part = archive.into_inner().map_err(|e| cannot_write(&self.path, e))?;
        stats.bytes = part.length();
        write_json(&self.dir.join(stats_name(stats.shard)), &stats)?;
        part.finish().map_err(|e| cannot_write(&self.path, e))?;
        Ok(stats)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_path(name)?;
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        self.archive.as_mut().map_or(Ok(()), |archive| archive.append(&header, bytes))
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        if let Some(archive) = &self.archive {
            archive.get_ref().discard_if_empty();
        }
    }
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard").field("dir", &self.dir).field("stats", &self.stats).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;

    use super::super::{ShardFolder, specimen};
    use super::*;

    /// A shard with two photos and one that was not there.
    fn write(dir: &Path, number: u32) -> ShardStats {
        let mut shard = Shard::open(dir, number).unwrap();
        shard.add(20, &specimen::photo(64, 32), &json!({"id": "20", "is_pano": false})).unwrap();
        shard.miss(30, MissingReason::NotFound).unwrap();
        shard.add(10, &specimen::photo(128, 64), &json!({"id": "10", "name": "zoë"})).unwrap();
        shard.finish().unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            dir.read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_shard_holds_its_photos_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let stats = write(folder.path(), 3);
        let bytes = std::fs::read(folder.path().join("00003.tar")).unwrap();
        assert_eq!(stats.bytes, bytes.len() as u64);
        let mut archive = tar::Archive::new(&bytes[..]);
        let entries: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let header = entry.header();
                assert_eq!(
                    (header.mtime().unwrap(), header.uid().unwrap(), header.mode().unwrap()),
                    (0, 0, 0o644)
                );
                let mut content = Vec::new();
                let name = entry.path().unwrap().display().to_string();
                entry.read_to_end(&mut content).unwrap();
                (name, content)
            })
            .collect();
        let named: Vec<_> = entries.iter().map(|(name, _)| &**name).collect();
        assert_eq!(named, ["20.jpg", "20.json", "10.jpg", "10.json"]);
        assert_eq!(entries[2].1, specimen::photo(128, 64));
        let about: Value = serde_json::from_slice(&entries[3].1).unwrap();
        assert_eq!(about, json!({"id": "10", "name": "zoë"}));
    }

    #[test]
    fn the_same_photos_give_the_same_bytes() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for name in ["00000.tar", "00000_stats.json"] {
            let [a, b] = folders.each_ref().map(|folder| {
                write(folder.path(), 0);
                std::fs::read(folder.path().join(name)).unwrap()
            });
            assert_eq!(a, b);
        }
    }

    #[test]
    fn stats_have_the_shape_of_img2dataset() {
        let folder = tempfile::tempdir().unwrap();
        let stats = write(folder.path(), 0);
        let text = std::fs::read(folder.path().join("00000_stats.json")).unwrap();
        let read: Value = serde_json::from_slice(&text).unwrap();
        for (name, wanted) in [
            ("count", json!(3)),
            ("successes", json!(2)),
            ("failed_to_download", json!(1)),
            ("failed_to_resize", json!(0)),
            ("status_dict", json!({"success": 2, "not_found": 1})),
            ("missing", json!({"not_found": [30]})),
        ] {
            assert_eq!(read[name], wanted, "{name}");
        }
        assert_eq!(ShardFolder::of(folder.path()).unwrap().shards().collect::<Vec<_>>(), [&stats]);
    }

    #[test]
    fn a_dropped_shard_is_continued_and_an_empty_one_leaves_nothing() {
        let whole = tempfile::tempdir().unwrap();
        write(whole.path(), 3);
        let folder = tempfile::tempdir().unwrap();
        drop(Shard::open(folder.path(), 3).unwrap());
        assert!(names(folder.path()).is_empty());
        let mut shard = Shard::open(folder.path(), 3).unwrap();
        shard.add(20, &specimen::photo(64, 32), &json!({"id": "20", "is_pano": false})).unwrap();
        shard.miss(7, MissingReason::Failed).unwrap();
        shard.miss(30, MissingReason::NotFound).unwrap();
        drop(shard);
        assert_eq!(names(folder.path()), ["00003.tar.mly.log", "00003.tar.mly.part"]);
        let mut shard = Shard::open(folder.path(), 3).unwrap();
        let kept: Vec<_> = shard.kept().iter().map(|record| (record.id, record.missing)).collect();
        assert_eq!(kept, [(20, None), (30, Some(MissingReason::NotFound))], "what may come now is forgotten");
        shard.add(10, &specimen::photo(128, 64), &json!({"id": "10", "name": "zoë"})).unwrap();
        shard.finish().unwrap();
        assert_eq!(names(folder.path()), ["00003.tar", "00003_stats.json"]);
        for name in ["00003.tar", "00003_stats.json"] {
            let [a, b] = [&whole, &folder].map(|folder| std::fs::read(folder.path().join(name)).unwrap());
            assert!(a == b, "{name}");
        }
    }

    #[test]
    fn what_is_damaged_in_an_unfinished_shard_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let mut shard = Shard::open(folder.path(), 0).unwrap();
        for id in [1, 2, 3] {
            shard.add(id, &specimen::photo(64, 32), &json!({"id": id})).unwrap();
        }
        drop(shard);
        let [tar, log] = ["00000.tar.mly.part", "00000.tar.mly.log"].map(|name| folder.path().join(name));
        let (archive, lines) = (std::fs::read(&tar).unwrap(), std::fs::read(&log).unwrap());
        let kept = |archive: &[u8], lines: &[u8]| {
            std::fs::write(&tar, archive).unwrap();
            std::fs::write(&log, lines).unwrap();
            Shard::open(folder.path(), 0).unwrap().kept().iter().map(|record| record.id).collect::<Vec<_>>()
        };
        assert_eq!(kept(&archive, &lines), [1, 2, 3]);
        let third = archive.len() / 3;
        for (at, wanted) in [(700, &[][..]), (third + 600, &[1]), (2 * third, &[1, 2])] {
            let mut damaged = archive.clone();
            damaged[at] ^= 4;
            assert_eq!(kept(&damaged, &lines), wanted, "byte {at}");
            assert_eq!(kept(&archive[..at], &lines), wanted, "cut at {at}");
        }
        let begin = lines.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for at in begin..lines.len() - 1 {
            let mut damaged = lines.clone();
            damaged[at] ^= 1;
            let kept = kept(&archive, &damaged);
            assert!([1, 2, 3].starts_with(&kept) && kept.len() < 3, "byte {at} of the log: {kept:?}");
        }
    }

    #[test]
    fn an_empty_shard_is_an_archive() {
        let folder = tempfile::tempdir().unwrap();
        let mut shard = Shard::open(folder.path(), 0).unwrap();
        shard.miss(30, MissingReason::NotFound).unwrap();
        assert_eq!(shard.finish().unwrap().bytes, 1024);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Shard::open(&folder.path().join("none"), 0).is_err());
    }
}
