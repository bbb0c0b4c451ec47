//! Writes shards: tar archives of photos, in the layout of webdataset and img2dataset.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tar::{Builder, EntryType, Header};

use super::shard_stats::{MissingReason, ShardStats, cannot_write, stats_name, tar_name, write_json};
use crate::error::Result;
use crate::file::Destination;

/// Size of the write buffer in bytes.
const BUFFER: usize = 256 << 10;

/// A shard that is being written: an archive such as `00000.tar`, with `ID.jpg` and `ID.json` for each photo in the
/// order in which they are added.
///
/// The same photos give the same bytes, since times and owners are left out. A shard that is dropped before
/// [`Shard::finish`] leaves no file.
pub(crate) struct Shard {
    archive: Builder<CountingWriter>,
    dir: PathBuf,
    stats: ShardStats,
}

impl Shard {
    /// Begins a shard. It replaces an incomplete archive of the same name, which [`ShardFolder`](super::ShardFolder)
    /// ignores.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the archive cannot be created.
    pub(crate) fn create(dir: &Path, number: u32) -> Result<Self> {
        let destination = Destination::file(&dir.join(tar_name(number)), true)?;
        let inner = BufWriter::with_capacity(BUFFER, destination);
        let stats = ShardStats { shard: number, ..ShardStats::default() };
        Ok(Self { archive: Builder::new(CountingWriter { inner, bytes: 0 }), dir: dir.to_owned(), stats })
    }

    /// Adds a photo and its JSON.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    pub(crate) fn add(&mut self, id: i64, jpg: &[u8], json: &Value) -> Result<()> {
        let text = serde_json::to_vec(json).map_err(|e| cannot_write(&self.path(), e))?;
        for (extension, bytes) in [("jpg", jpg), ("json", &text)] {
            self.append(&format!("{id}.{extension}"), bytes).map_err(|e| cannot_write(&self.path(), e))?;
        }
        self.stats.note_success();
        Ok(())
    }

    /// Records in the stats that a photo is missing, and why.
    pub(crate) fn miss(&mut self, id: i64, reason: MissingReason) {
        self.stats.note_missing(id, reason);
    }

    /// Completes the archive, and then writes its stats.
    ///
    /// # Errors
    /// [`Error::Output`] when either cannot be written, [`Error::InvalidQuery`] when the stats cannot be created.
    pub(crate) fn finish(self) -> Result<ShardStats> {
        let path = self.path();
        let Self { archive, dir, mut stats } = self;
        // This writes the two empty blocks that end an archive.
        let counted = archive.into_inner().map_err(|e| cannot_write(&path, e))?;
        stats.bytes = counted.bytes;
        let destination = counted.inner.into_inner().map_err(|e| cannot_write(&path, e.into_error()))?;
        destination.commit().map_err(|e| cannot_write(&path, e))?;
        write_json(&dir.join(stats_name(stats.shard)), &stats)?;
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
        self.archive.append(&header, bytes)
    }

    fn path(&self) -> PathBuf {
        self.dir.join(tar_name(self.stats.shard))
    }
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard").field("dir", &self.dir).field("stats", &self.stats).finish_non_exhaustive()
    }
}

/// A writer that counts bytes, since the size of the archive is part of its stats.
struct CountingWriter {
    inner: BufWriter<Destination>,
    bytes: u64,
}

impl Write for CountingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
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
        let mut shard = Shard::create(dir, number).unwrap();
        shard.add(20, &specimen::photo(64, 32), &json!({"id": "20", "is_pano": false})).unwrap();
        shard.miss(30, MissingReason::NotFound);
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
    fn a_dropped_shard_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut shard = Shard::create(folder.path(), 0).unwrap();
        shard.add(1, b"photo", &json!({})).unwrap();
        drop(shard);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn an_empty_shard_is_an_archive() {
        let folder = tempfile::tempdir().unwrap();
        let mut shard = Shard::create(folder.path(), 0).unwrap();
        shard.miss(30, MissingReason::NotFound);
        assert_eq!(shard.finish().unwrap().bytes, 1024);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Shard::create(&folder.path().join("none"), 0).is_err());
    }
}
