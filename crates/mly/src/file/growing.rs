//! Files that grow at their end, and how far they can be trusted.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// How long a file is, and what tells whether it really is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// Bytes.
    length: u64,
    /// Bytes that a loss of power cannot take away.
    durable: u64,
    /// CRC-32 of the bytes between the two.
    sum: u32,
}

impl Extent {
    /// Whether a file is at least so long and holds what was written.
    fn fits(&self, path: &Path) -> io::Result<bool> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(self.length == 0),
            Err(e) => return Err(e),
        };
        if file.metadata()?.len() < self.length || self.durable > self.length {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(self.durable))?;
        let mut sum = crc32fast::Hasher::new();
        let mut tail = BufReader::with_capacity(1 << 16, file.take(self.length - self.durable));
        io::copy(&mut tail, &mut Sum(&mut sum))?;
        Ok(sum.finalize() == self.sum)
    }
}

/// Takes bytes into a checksum.
struct Sum<'a>(&'a mut crc32fast::Hasher);

impl Write for Sum<'_> {
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
    durable: u64,
    sum: crc32fast::Hasher,
}

impl Tail {
    fn extent(&self) -> Extent {
        Extent { length: self.length, durable: self.durable, sum: self.sum.clone().finalize() }
    }
}

/// A file that is written at its end only.
#[derive(Clone, Debug)]
pub(crate) struct Growing {
    file: Arc<File>,
    tail: Arc<Mutex<Tail>>,
}

impl Growing {
    /// A file without a name, which is gone with its last handle.
    pub(crate) fn temporary() -> io::Result<Self> {
        Ok(Self::new(tempfile::tempfile()?, &Extent::default()))
    }

    fn new(file: File, extent: &Extent) -> Self {
        let Extent { length, durable, sum } = *extent;
        let sum = crc32fast::Hasher::new_with_initial_len(sum, length - durable);
        let tail = Tail { length, durable, sum };
        Self { file: Arc::new(file), tail: Arc::new(Mutex::new(tail)) }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes so far.
    pub(crate) fn length(&self) -> u64 {
        self.tail().length
    }

    /// Empties the file.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        (&*self.file).rewind()?;
        *self.tail() = Tail::default();
        Ok(())
    }

    /// The file from its beginning. Reading and writing share one position, so read to the end before writing again.
    pub(crate) fn reread(&self) -> io::Result<&File> {
        (&*self.file).rewind()?;
        Ok(&self.file)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        let mut tail = self.tail();
        *tail = Tail { length: tail.length, durable: tail.length, ..Tail::default() };
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

/// The growing files of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    open: Arc<Mutex<BTreeMap<String, Growing>>>,
}

impl Files {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: Arc::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn opened(&self) -> MutexGuard<'_, BTreeMap<String, Growing>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file of a name, at its end; empty unless it was restored.
    pub(crate) fn open(&self, name: &str) -> io::Result<Growing> {
        if let Some(file) = self.opened().get(name) {
            return Ok(file.clone());
        }
        let path = self.folder.join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        let file = Growing::new(file, &Extent::default());
        self.opened().insert(name.to_owned(), file.clone());
        Ok(file)
    }

    /// How long every file is.
    pub(crate) fn extents(&self) -> BTreeMap<String, Extent> {
        self.opened().iter().map(|(name, file)| (name.clone(), file.tail().extent())).collect()
    }

    /// Bytes that a loss of power would take away.
    pub(crate) fn at_risk(&self) -> u64 {
        self.opened().values().map(|file| file.tail()).map(|tail| tail.length - tail.durable).sum()
    }

    /// Lets nothing be lost from now on.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.opened().values().try_for_each(Growing::sync)
    }

    /// No longer counts a file, which stays where it is.
    pub(crate) fn forget(&self, name: &str) {
        self.opened().remove(name);
    }

    /// Whether all files hold what they held when they were so long.
    pub(crate) fn fit(&self, extents: &BTreeMap<String, Extent>) -> io::Result<bool> {
        for (name, extent) in extents {
            if !extent.fits(&self.folder.join(name))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Cuts all files to what they were.
    pub(crate) fn restore(&self, extents: &BTreeMap<String, Extent>) -> io::Result<()> {
        for (name, extent) in extents {
            let path = self.folder.join(name);
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            let mut file = file?;
            file.set_len(extent.length)?;
            file.seek(SeekFrom::End(0))?;
            self.opened().insert(name.clone(), Growing::new(file, extent));
        }
        Ok(())
    }
}

/// Passes bytes on while it is open and drops them while it is closed. An encoder that resumes a file first repeats
/// what is in it already, with the gate closed.
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
