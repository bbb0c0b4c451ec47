//! Where a sink writes its bytes: a file that appears only when it is complete, or a stream.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::growing::{Files, Growing};
use super::own::open_own;
use super::target::{PART, Target, WriteTarget};

/// Name of the unfinished file in a folder of unfinished work.
pub(crate) const DATA: &str = "data";

/// How many rows a sink has settled, and what it needs to continue after them.
///
/// A row is settled when it is in the files, so that it need not be given to the sink again after a resume. A row that
/// waits in memory, for example for its row group, is not settled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SinkState {
    /// The first this many rows are settled.
    pub(crate) rows: u64,
    /// What the format must remember to continue, besides its files.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) state: Value,
}

impl SinkState {
    /// The state of a format that can continue from its files alone.
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
    /// A file beside the target, which [`Destination::commit`] renames to it.
    Part { part: PathBuf, file: File, target: Target },
    /// A file in a folder of unfinished work, which outlives this process; renamed in the same way.
    Work { files: Files, data: Option<Growing>, target: Target, settled: SinkState, length: Option<u64> },
    /// A stream, a device or a pipe, which is written to directly.
    Direct(Box<dyn Write + Send>),
}

impl Destination {
    /// A file that appears under its name only when it is complete.
    ///
    /// Until then the bytes are in `NAME.mly.part` beside it, which is removed when the destination is dropped. Devices
    /// and pipes are written to directly.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the file exists and `overwrite` is not set, when it
    /// cannot be created, or when another process is writing it.
    pub fn file(path: &Path, overwrite: bool) -> crate::Result<Self> {
        let target = match Target::find(path, overwrite)? {
            WriteTarget::Device(device) => return Ok(Self::device(path, device)),
            WriteTarget::File(target) => *target,
        };
        target.check()?;
        let (part, file) = target.part().map_err(|e| target.refused(e))?;
        Ok(Self { path: Some(target.path().to_owned()), kind: Backing::Part { part, file, target } })
    }

    /// The path under which [`Destination::file`] writes a file before it is complete.
    pub fn part_of(path: &Path) -> PathBuf {
        let mut part = path.as_os_str().to_owned();
        part.push(PART);
        PathBuf::from(part)
    }

    /// A stream, such as standard output.
    pub fn stream(writer: impl Write + Send + 'static) -> Self {
        Self { path: None, kind: Backing::Direct(Box::new(writer)) }
    }

    /// A device or a pipe that has a name.
    pub(crate) fn device(path: &Path, device: File) -> Self {
        Self { path: Some(path.to_owned()), kind: Backing::Direct(Box::new(device)) }
    }

    /// A file in a folder of unfinished work, with the state in which an earlier process left it.
    pub(crate) fn work(files: Files, target: Target, settled: SinkState) -> Self {
        let path = Some(target.path().to_owned());
        Self { path, kind: Backing::Work { files, data: None, target, settled, length: None } }
    }

    /// Gives the complete file its name. If the destination is dropped instead, no file of that name appears.
    ///
    /// # Errors
    /// When the last bytes cannot be written, the file cannot be renamed, or another program has removed or changed it.
    pub fn commit(mut self) -> io::Result<()> {
        self.flush()?;
        match &self.kind {
            Backing::Part { part, file, target } => target.put(part, file)?,
            Backing::Work { files, target, length, .. } => {
                let data = files.complete(DATA, *length)?;
                target.put(&files.folder().join(DATA), &data)?;
            }
            Backing::Direct(_) => {}
        }
        // The part has been renamed. Dropping a `Part` would remove a new one that another process may have begun
        // since.
        self.kind = Backing::Direct(Box::new(io::sink()));
        Ok(())
    }

    /// The path of the unfinished file, for formats that open it themselves, such as databases; `None` for streams,
    /// devices and pipes.
    ///
    /// # Errors
    /// When the file is not there any more, or is a link.
    pub(crate) fn part(&self) -> io::Result<Option<PathBuf>> {
        match &self.kind {
            Backing::Part { part, file, .. } => {
                // On Windows a lock keeps out all other handles, also those of this process.
                #[cfg(not(unix))]
                let _ = file.unlock();
                #[cfg(unix)]
                let _ = file;
                Ok(Some(part.clone()))
            }
            Backing::Work { files, .. } => {
                let data = files.folder().join(DATA);
                files.forget(DATA);
                files.watch(DATA, open_own(&data)?);
                Ok(Some(data))
            }
            Backing::Direct(_) => Ok(None),
        }
    }

    /// Sets how long the unfinished file is, for formats that have opened it themselves. [`Destination::commit`] fails
    /// when it has another length.
    pub(crate) fn expect_length(&mut self, bytes: u64) {
        if let Backing::Work { length, .. } = &mut self.kind {
            *length = Some(bytes);
        }
    }

    /// Fails when [`Destination::commit`] would, for formats that cannot be continued once they are complete.
    pub(crate) fn check(&self) -> io::Result<()> {
        match &self.kind {
            Backing::Work { files, target, .. } => files.check().and_then(|()| target.check_still_free()),
            Backing::Part { .. } | Backing::Direct(_) => Ok(()),
        }
    }

    /// Whether it is a file, and neither a stream nor a device.
    pub(crate) fn is_file(&self) -> bool {
        !matches!(self.kind, Backing::Direct(_))
    }

    /// The state in which an earlier process left this result, if it settled any rows.
    pub(crate) fn saved_state(&self) -> Option<&SinkState> {
        match &self.kind {
            Backing::Work { settled, .. } => Some(settled).filter(|settled| settled.rows > 0),
            Backing::Part { .. } | Backing::Direct(_) => None,
        }
    }

    /// Whether the unfinished file outlives this process.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self.kind, Backing::Work { .. })
    }

    /// A file for data that a sink cannot write yet. It outlives the process if the unfinished file does.
    pub(crate) fn scratch(&self, name: &str) -> io::Result<Growing> {
        match &self.kind {
            Backing::Work { files, .. } => files.open(name),
            Backing::Part { .. } | Backing::Direct(_) => Growing::temporary(),
        }
    }

    /// Reads the unfinished file, which can be written to afterwards. `None` for streams, devices and pipes.
    pub(crate) fn reread<T>(&mut self, read: impl FnOnce(&File) -> io::Result<T>) -> io::Result<Option<T>> {
        let file = match &mut self.kind {
            Backing::Part { file, .. } => &*file,
            Backing::Work { files, data, .. } => opened(files, data)?.reread()?,
            Backing::Direct(_) => return Ok(None),
        };
        let found = read(file)?;
        // Reading has moved the position of the writer.
        (&*file).seek(SeekFrom::End(0))?;
        Ok(Some(found))
    }

    /// Empties the unfinished file, if an earlier process may have written to it.
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
            // Nothing can resume from it. If it cannot be removed, the next writer of this file overwrites it.
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
