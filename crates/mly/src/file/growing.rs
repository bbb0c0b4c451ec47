//! Files that are only appended to, and a record of their lengths by which a later process checks and truncates them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::own::{create_own, is_at, open_own};
use crate::error::Interference;

/// The length of a file and the checksum of its bytes, by which a later process knows that they are still the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// Bytes.
    length: u64,
    /// CRC-32 of all of them.
    sum: u32,
}

impl Extent {
    /// Whether a file is at least this long, and its first bytes have the checksum.
    fn fits(&self, path: &Path) -> io::Result<bool> {
        let file = match open_own(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(self.length == 0),
            // A link is none of our files.
            Err(e) if e.kind() == io::ErrorKind::InvalidInput => return Ok(false),
            Err(e) => return Err(e),
        };
        if file.metadata()?.len() < self.length {
            return Ok(false);
        }
        let mut sum = Checksum::default();
        io::copy(&mut BufReader::with_capacity(1 << 18, file.take(self.length)), &mut sum)?;
        Ok(sum.0.finalize() == self.sum)
    }
}

/// A writer that only computes a CRC-32.
#[derive(Debug, Default)]
pub(crate) struct Checksum(pub(crate) crc32fast::Hasher);

impl Write for Checksum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Tail {
    length: u64,
    /// Bytes that this process has synced to the disk, so that a loss of power cannot take them away.
    durable: u64,
    /// Of all bytes.
    sum: crc32fast::Hasher,
}

impl Tail {
    fn extent(&self) -> Extent {
        Extent { length: self.length, sum: self.sum.clone().finalize() }
    }
}

/// A file that is only appended to. Clones share the file.
#[derive(Clone, Debug)]
pub(crate) struct Growing {
    file: Arc<File>,
    tail: Arc<Mutex<Tail>>,
}

impl Growing {
    /// A file without a name, which the system removes with its last handle.
    pub(crate) fn temporary() -> io::Result<Self> {
        Ok(Self::new(tempfile::tempfile()?, &Extent::default()))
    }

    fn new(file: File, extent: &Extent) -> Self {
        let Extent { length, sum } = *extent;
        // Whether an earlier process has synced them is not known.
        let tail = Tail { length, durable: 0, sum: crc32fast::Hasher::new_with_initial_len(sum, length) };
        Self { file: Arc::new(file), tail: Arc::new(Mutex::new(tail)) }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.tail().length
    }

    /// Removes all bytes.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        (&*self.file).rewind()?;
        *self.tail() = Tail::default();
        Ok(())
    }

    /// Rewinds the file to read it. It must not be written to afterwards, since reading moves the position of the
    /// writer.
    pub(crate) fn reread(&self) -> io::Result<&File> {
        (&*self.file).rewind()?;
        Ok(&self.file)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        let mut tail = self.tail();
        tail.durable = tail.length;
        Ok(())
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = (&*self.file).write(bytes)?;
        let mut tail = self.tail();
        tail.length += count as u64;
        tail.sum.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The append-only files of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    open: Arc<Mutex<BTreeMap<String, Growing>>>,
    // Dropped before the files: one of them holds the lock of the folder, and whoever gets the lock next finds no claim.
    claim: Arc<Claim>,
    /// Files that change in other ways. They only must not be replaced.
    watched: Arc<Mutex<BTreeMap<String, File>>>,
}

impl Files {
    /// The files of a folder to which this process has a claim.
    pub(crate) fn new(folder: &Path, claim: Claim) -> Self {
        let folder = folder.to_owned();
        Self { folder, open: Arc::default(), watched: Arc::default(), claim: Arc::new(claim) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<String, Growing>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watched(&self) -> MutexGuard<'_, BTreeMap<String, File>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a file for appending. It is emptied first, unless [`Files::restore`] or an earlier call has opened it.
    pub(crate) fn open(&self, name: &str) -> io::Result<Growing> {
        if let Some(file) = self.opened().get(name) {
            return Ok(file.clone());
        }
        let file = Growing::new(create_own(&self.folder.join(name))?, &Extent::default());
        self.opened().insert(name.to_owned(), file.clone());
        Ok(file)
    }

    /// From now on, [`Files::check`] fails when this file is replaced.
    pub(crate) fn watch(&self, name: &str, file: File) {
        self.watched().insert(name.to_owned(), file);
    }

    /// Fails when another program has removed, replaced or cut a file, or when another process writes in the folder.
    ///
    /// What is written to a file that was removed is lost, so this is looked at before anything is recorded as written.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.claim.check()?;
        let changed =
            |name: &str| Err(io::Error::other(Interference::Changed { file: self.folder.join(name) }));
        for (name, growing) in self.opened().iter() {
            let is_whole = growing.file.metadata()?.len() == growing.length();
            if !is_whole || !is_at(&growing.file, &self.folder.join(name)) {
                return changed(name);
            }
        }
        for (name, file) in self.watched().iter() {
            if !is_at(file, &self.folder.join(name)) {
                return changed(name);
            }
        }
        Ok(())
    }

    /// Opens a complete file to give it its final name.
    ///
    /// # Errors
    /// When it is not as long as it must be: as long as what was written to it here, or `length` if something else
    /// wrote to it.
    pub(crate) fn complete(&self, name: &str, length: Option<u64>) -> io::Result<File> {
        self.check()?;
        let written = self.opened().get(name).map_or(0, Growing::length);
        let path = self.folder.join(name);
        match open_own(&path) {
            Ok(file) if file.metadata()?.len() == length.unwrap_or(written) => Ok(file),
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Err(io::Error::other(Interference::Changed { file: path })),
        }
    }

    /// The extents of all open files.
    pub(crate) fn extents(&self) -> BTreeMap<String, Extent> {
        self.opened().iter().map(|(name, file)| (name.clone(), file.tail().extent())).collect()
    }

    /// Bytes that a loss of power could take away: those that were not synced.
    pub(crate) fn at_risk(&self) -> u64 {
        self.opened().values().map(|file| file.tail()).map(|tail| tail.length - tail.durable).sum()
    }

    /// Waits until all bytes are on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.opened().values().try_for_each(Growing::sync)
    }

    /// Leaves a file out of [`Files::extents`] from now on. It stays in the folder.
    pub(crate) fn forget(&self, name: &str) {
        self.opened().remove(name);
    }

    /// Whether all files still hold the bytes that they had when the extents were taken.
    pub(crate) fn fit(&self, extents: &BTreeMap<String, Extent>) -> io::Result<bool> {
        for (name, extent) in extents {
            if !extent.fits(&self.folder.join(name))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Opens files and truncates them to the lengths of the extents.
    pub(crate) fn restore(&self, extents: &BTreeMap<String, Extent>) -> io::Result<()> {
        for (name, extent) in extents {
            let path = self.folder.join(name);
            // Only a file that is empty may be missing.
            let mut file = if extent.length == 0 { create_own(&path)? } else { open_own(&path)? };
            file.set_len(extent.length)?;
            file.seek(SeekFrom::End(0))?;
            self.opened().insert(name.clone(), Growing::new(file, extent));
        }
        Ok(())
    }
}

/// A writer that discards bytes until it is opened. An encoder that resumes writes the beginning of its file again,
/// which is there already.
#[derive(Debug)]
pub(crate) struct Gate<W> {
    pub(crate) out: W,
    pub(crate) is_open: bool,
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_open { self.out.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
