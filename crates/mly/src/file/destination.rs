//! Where bytes go: a file that is whole or absent, or a stream.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::growing::{Files, Growing};
use super::target::{Place, Target, lock};

/// What the unfinished file is called in a folder of unfinished work.
pub(crate) const DATA: &str = "data";

/// What of a result needs no further rows to be written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SinkState {
    /// How many rows, from the first one on.
    pub(crate) rows: u64,
    /// What the format needs, apart from its files, to resume after these rows.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) state: Value,
}

impl SinkState {
    /// So many rows, and nothing that the format has to know.
    pub(crate) fn rows(rows: u64) -> Self {
        Self { rows, state: Value::Null }
    }
}

/// Where a sink writes to.
#[derive(Debug)]
pub struct Destination {
    path: Option<PathBuf>,
    kind: Backing,
}

enum Backing {
    /// Bytes go to a file of another name; only [`Destination::commit`] gives it the final one.
    Part { part: PathBuf, file: File, target: Target },
    /// As before, in a folder that outlives this process.
    Work { files: Files, data: Option<Growing>, target: Target, settled: SinkState },
    /// Bytes go where they belong.
    Direct(Box<dyn Write + Send>),
}

impl Destination {
    /// A file that appears under its name only when it is complete.
    ///
    /// Until then the bytes are in `NAME.part` beside it, which is gone when this is dropped. Devices and pipes are written
    /// to directly.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the file exists and `overwrite` is not set, when it cannot be
    /// created, or when
    /// another process is writing it.
    pub fn file(path: &Path, overwrite: bool) -> crate::Result<Self> {
        let target = match Target::find(path, overwrite)? {
            Place::Device(device) => return Ok(Self::device(path, device)),
            Place::File(target) => *target,
        };
        target.check()?;
        let part = target.beside(".part");
        let file = lock(&part).map_err(|e| target.refused(e))?;
        file.set_len(0).map_err(|e| target.refused(TryLockError::Error(e)))?;
        Ok(Self { path: Some(target.path().to_owned()), kind: Backing::Part { part, file, target } })
    }

    /// A stream, such as standard output.
    pub fn stream(writer: impl Write + Send + 'static) -> Self {
        Self { path: None, kind: Backing::Direct(Box::new(writer)) }
    }

    /// A device or a pipe that has a name.
    pub(crate) fn device(path: &Path, device: File) -> Self {
        Self { path: Some(path.to_owned()), kind: Backing::Direct(Box::new(device)) }
    }

    /// A file that is made in a folder of unfinished work, of which so much is done already.
    pub(crate) fn work(files: Files, target: Target, settled: SinkState) -> Self {
        let path = Some(target.path().to_owned());
        Self { path, kind: Backing::Work { files, data: None, target, settled } }
    }

    /// Gives the finished file its name. A destination that is dropped instead leaves nothing under it.
    ///
    /// # Errors
    /// What the system says when the last bytes cannot be written or the name cannot be given.
    pub fn commit(mut self) -> io::Result<()> {
        self.flush()?;
        match &self.kind {
            Backing::Part { part, file, target } => target.put(part, file)?,
            Backing::Work { files, target, .. } => {
                let data = files.folder().join(DATA);
                target.put(&data, &File::options().write(true).create(true).truncate(false).open(&data)?)?;
            }
            Backing::Direct(_) => {}
        }
        // From now on a file of that other name is somebody else's.
        self.kind = Backing::Direct(Box::new(io::sink()));
        Ok(())
    }

    /// The file that is renamed when it is complete, for formats that write to it in their own way; `None` for streams,
    /// devices and pipes.
    pub(crate) fn part(&self) -> Option<PathBuf> {
        match &self.kind {
            Backing::Part { part, file, .. } => {
                // Elsewhere a lock keeps out every other handle, those of this process too.
                #[cfg(not(unix))]
                let _ = file.unlock();
                #[cfg(unix)]
                let _ = file;
                Some(part.clone())
            }
            Backing::Work { files, .. } => Some(files.folder().join(DATA)),
            Backing::Direct(_) => None,
        }
    }

    /// What an earlier process has done of it.
    pub(crate) fn saved_state(&self) -> Option<&SinkState> {
        match &self.kind {
            Backing::Work { settled, .. } => Some(settled).filter(|settled| settled.rows > 0),
            Backing::Part { .. } | Backing::Direct(_) => None,
        }
    }

    /// Whether what is done of it outlives this process.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self.kind, Backing::Work { .. })
    }

    /// A file for what has to wait; as lasting as the destination.
    pub(crate) fn scratch(&self, name: &str) -> io::Result<Growing> {
        match &self.kind {
            Backing::Work { files, .. } => files.open(name),
            Backing::Part { .. } | Backing::Direct(_) => Growing::temporary(),
        }
    }

    /// Drops what an earlier process has written.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Backing::Work { files, data, .. } => opened(files, data)?.clear(),
            Backing::Part { .. } | Backing::Direct(_) => Ok(()),
        }
    }

    /// The final name, if it has one.
    pub fn path(&self) -> Option<PathBuf> {
        self.path.clone()
    }
}

fn opened<'a>(files: &Files, data: &'a mut Option<Growing>) -> io::Result<&'a mut Growing> {
    Ok(match data {
        Some(data) => data,
        None => data.insert(files.open(DATA)?),
    })
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Backing::Part { file, .. } => file.write(bytes),
            Backing::Work { files, data, .. } => opened(files, data)?.write(bytes),
            Backing::Direct(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Backing::Part { file, .. } => file.flush(),
            Backing::Work { .. } => Ok(()),
            Backing::Direct(stream) => stream.flush(),
        }
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Backing::Part { part, .. } = &self.kind {
            // An unfinished file is of no use to anybody.
            let _ = std::fs::remove_file(part);
        }
    }
}

impl std::fmt::Debug for Backing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Part { part, .. } => f.debug_tuple("Part").field(part).finish(),
            Self::Work { files, .. } => f.debug_tuple("Work").field(&files.folder()).finish(),
            Self::Direct(_) => f.write_str("Direct"),
        }
    }
}
