//! The folder of unfinished work: `NAME.unfinished` beside the final file.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};

use super::checkpoint::{Checkpoint, LogRecord, WorkIdentity};
use super::log::JournalLog;
use super::spool::ROWS;
use crate::error::{Error, Hint, Result};
use crate::file::{DATA, Files, Target, lock};
use crate::sink::Format;

/// Name of the log in the folder.
const JOURNAL: &str = "journal";

/// A folder of unfinished work, locked against other processes.
pub(super) struct WorkFolder {
    pub(super) files: Files,
    pub(super) log: JournalLog,
}

/// Unfinished work that can be resumed.
pub(super) struct Resumable {
    /// How far it is.
    pub(super) checkpoint: Checkpoint,
    /// Where the record of the checkpoint ends in the log. Records after it are cut off.
    pub(super) end: u64,
    /// Whether there is a checkpoint. Otherwise only the identity of the work is in the log, and nothing is worth
    /// keeping.
    pub(super) is_begun: bool,
}

impl WorkFolder {
    /// Opens the folder beside a file, and finds the work in it that can be resumed. If there is none, work begins.
    ///
    /// Finished work is removed. Work that cannot be resumed is removed if the file may be overwritten.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file exists and may not be overwritten, when another process works in the
    /// folder, when the folder cannot be written to, or when it was not made by this library; [`Error::Journal`] when
    /// it holds other work.
    pub(super) fn open(
        target: &Target,
        work: &WorkIdentity,
    ) -> Result<(Self, Option<Resumable>), OpenFailure> {
        Self::locked(target)?.find_work(target, work)
    }

    /// Opens the folder beside a file, removes the work in it, and begins.
    ///
    /// # Errors
    /// As [`WorkFolder::open`].
    pub(super) fn begin_anew(target: &Target, work: &WorkIdentity) -> Result<Self, OpenFailure> {
        let mut folder = Self::locked(target)?;
        folder.begin(work)?;
        Ok(folder)
    }

    fn locked(target: &Target) -> Result<Self, OpenFailure> {
        let path = target.beside(".unfinished");
        let refused = |e: io::Error| match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => OpenFailure::System(e),
            _ => OpenFailure::Refused(target.refused(TryLockError::Error(e))),
        };
        let journal = loop {
            match fs::create_dir(&path) {
                // A symbolic link to nowhere exists, but nothing can be created in it.
                Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_symlink() && !path.exists() => {
                    return Err(refused(e));
                }
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(refused(e)),
                _ => {}
            }
            match lock(&path.join(JOURNAL)) {
                // Between the two calls another process has finished its work and removed the folder: create it again.
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::NotFound => {}
                Err(TryLockError::Error(e)) => return Err(refused(e)),
                other => break other.map_err(|e| target.refused(e))?,
            }
        };
        Ok(Self { log: JournalLog::new(journal), files: Files::new(&path) })
    }

    fn find_work(
        mut self,
        target: &Target,
        work: &WorkIdentity,
    ) -> Result<(Self, Option<Resumable>), OpenFailure> {
        let found = match self.resumable(target, work) {
            Err(OpenFailure::Refused(Error::Journal { .. })) if target.may_overwrite() => None,
            other => other?,
        };
        if let Some(left) = found {
            target.check()?;
            return Ok((self, Some(left)));
        }
        if let Err(error) = target.check() {
            self.remove();
            return Err(error.into());
        }
        self.begin(work)?;
        Ok((self, None))
    }

    fn begin(&mut self, work: &WorkIdentity) -> io::Result<()> {
        self.clear()?;
        self.log.cut(0)?;
        self.log.append(&LogRecord::Work(work.clone()), &[])?;
        // The identity must be on the disk before any other file. A folder that has files but no identity counts as one
        // of another program, and nothing in it is removed.
        self.log.sync()?;
        // Create the data file now, even for formats that write another file first: its absence means that it has been
        // renamed to the final file.
        File::create(self.files.folder().join(DATA)).map(drop)
    }

    /// Checks whether a folder without an identity in its log may be used.
    ///
    /// It may if it holds nothing but a log that ends within its first record: a process was stopped while it began.
    fn check_undescribed(&mut self) -> Result<(), OpenFailure> {
        let mut others = fs::read_dir(self.files.folder())?.filter(|entry| match entry {
            Ok(entry) => entry.file_name() != JOURNAL,
            Err(_) => true,
        });
        let has_others = others.next().transpose()?.is_some();
        match (self.log.is_empty()?, self.log.is_torn()?, has_others) {
            (_, true, false) => Ok(()),
            (true, _, true) => {
                // This process has just created the empty log, in order to lock the folder.
                fs::remove_file(self.files.folder().join(JOURNAL))?;
                let what = format!("{} holds files of others", self.files.folder().display());
                Err(Error::query(what).with_hint("move it away, or choose another name").into())
            }
            _ => Err(self.refuse(
                "its journal cannot be read",
                Hint::StartOver { because: Some("it may be of another version of mly") },
            )),
        }
    }

    fn refuse(&self, what: &str, hint: Hint) -> OpenFailure {
        let path = self.files.folder().to_owned();
        OpenFailure::Refused(Error::Journal { path, what: what.to_owned(), hint })
    }

    fn damaged(&self) -> OpenFailure {
        OpenFailure::Refused(Error::damaged(self.files.folder()))
    }

    /// The work in the folder that can be resumed; `None` if there is none or it is finished.
    ///
    /// Files are written before the checkpoint that names their lengths, so the last checkpoint fits the files, unless
    /// the power failed: then the disk may have kept the log and lost the end of a file. In that case the last durable
    /// checkpoint is used.
    fn resumable(&mut self, target: &Target, work: &WorkIdentity) -> Result<Option<Resumable>, OpenFailure> {
        let mut records = self.log.records()?;
        let Some((LogRecord::Work(begun), _)) = records.next()? else {
            drop(records);
            return self.check_undescribed().map(|()| None);
        };
        if target.was_given_to(&self.files.folder().join(DATA)) {
            return Ok(None);
        }
        if let Some(why) = begun.differs_from(work) {
            drop(records);
            return Err(self.refuse(why, Hint::OtherWork));
        }
        let begin = records.end();
        let (mut last, mut durable) = (None, None);
        while let Some((record, _)) = records.next()? {
            if let LogRecord::Checkpoint(checkpoint) = record {
                if checkpoint.is_durable {
                    durable = Some((records.end(), checkpoint.clone()));
                }
                last = Some((records.end(), checkpoint));
            }
        }
        let is_durable = durable.is_some();
        for (end, checkpoint) in [last, durable].into_iter().flatten() {
            if self.files.fit(&checkpoint.files_in_use())? {
                return Ok(Some(Resumable { checkpoint: *checkpoint, end, is_begun: true }));
            }
        }
        if is_durable {
            return Err(self.damaged());
        }
        // No checkpoint fits, and none is durable: nothing was done yet, or it was lost when the power failed.
        Ok(Some(Resumable { checkpoint: Checkpoint::default(), end: begin, is_begun: false }))
    }

    /// Removes all files that a journal or a sink may have made, except the log, which is locked.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.files.folder())? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name == DATA || name.starts_with(ROWS) || Format::work_files().any(|known| known == name) {
                fs::remove_file(self.files.folder().join(&*name))?;
            }
        }
        Ok(())
    }

    /// Removes the folder. If it holds files of other programs, they stay, and so does the folder.
    pub(super) fn remove(&self) {
        // Files that cannot be removed only take space.
        let _ = self.clear();
        let _ = fs::remove_file(self.files.folder().join(JOURNAL));
        let _ = fs::remove_dir(self.files.folder());
    }

    /// Truncates all files to the lengths in the checkpoint.
    pub(super) fn restore(&self, left: &Resumable) -> io::Result<()> {
        if left.checkpoint.settled.rows == 0 {
            File::create(self.files.folder().join(DATA))?;
            // The sink begins with empty files. An old rollback journal must go too, or the database would restore from
            // it.
            for name in Format::work_files() {
                match fs::remove_file(self.files.folder().join(name)) {
                    Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                    _ => {}
                }
            }
        }
        self.files.restore(&left.checkpoint.files_in_use())
    }
}

/// Why a folder of unfinished work cannot be opened.
pub(super) enum OpenFailure {
    /// The file system has failed.
    System(io::Error),
    /// The folder must not be used for this work.
    Refused(Error),
}

impl From<io::Error> for OpenFailure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Error> for OpenFailure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
