//! The folder of unfinished work: `NAME.unfinished` beside the file that it will be.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};

use super::checkpoint::{Checkpoint, LogRecord, WorkIdentity};
use super::log::JournalLog;
use super::spool::ROWS;
use crate::error::{Error, Hint, Result};
use crate::file::{DATA, Files, Target, lock};
use crate::sink::{DATABASE_JOURNAL, Format};

const JOURNAL: &str = "journal";

/// Whether a file of the folder is part of the work; whatever else is in it belongs to somebody else and stays.
fn is_ours(name: &str) -> bool {
    name == DATA || name.starts_with(ROWS) || Format::work_files().any(|file| file == name)
}

/// A folder that no other process works in.
pub(super) struct WorkFolder {
    pub(super) files: Files,
    pub(super) log: JournalLog,
}

/// How far the work in a folder is.
pub(super) struct Resumable {
    pub(super) mark: Checkpoint,
    /// Where the record of it ends.
    pub(super) end: u64,
    /// Whether anything is done.
    pub(super) is_begun: bool,
}

impl WorkFolder {
    /// The folder beside a file. WorkIdentity that is finished, or may be given up, is taken away.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file is there already, when another process works in the folder, when it cannot
    /// be written to or is not ours; [`Error::Journal`] when it holds other work.
    pub(super) fn open(
        target: &Target,
        work: &WorkIdentity,
    ) -> Result<(Self, Option<Resumable>), OpenFailure> {
        Self::locked(target)?.look(target, work)
    }

    /// The folder beside a file, whatever the work is that was begun in it.
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
                // A link to nowhere is there, and has no room for a journal.
                Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_symlink() && !path.exists() => {
                    return Err(refused(e));
                }
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(refused(e)),
                _ => {}
            }
            match lock(&path.join(JOURNAL)) {
                // Another process has finished its work and taken the folder away.
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::NotFound => {}
                Err(TryLockError::Error(e)) => return Err(refused(e)),
                other => break other.map_err(|e| target.refused(e))?,
            }
        };
        Ok(Self { log: JournalLog::new(journal), files: Files::new(&path) })
    }

    fn look(
        mut self,
        target: &Target,
        work: &WorkIdentity,
    ) -> Result<(Self, Option<Resumable>), OpenFailure> {
        let found = match self.left(target, work) {
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
        // Files without a record of their work would be those of somebody else.
        self.log.sync()?;
        // Until it has its name there is such a file, whatever the format writes first.
        File::create(self.files.folder().join(DATA)).map(drop)
    }

    /// What to think of a folder without a record of any work.
    fn unknown(&mut self) -> Result<(), OpenFailure> {
        let mut others = fs::read_dir(self.files.folder())?.filter(|entry| match entry {
            Ok(entry) => entry.file_name() != JOURNAL,
            Err(_) => true,
        });
        let has_others = others.next().transpose()?.is_some();
        match (self.log.is_empty()?, self.log.is_torn()?, has_others) {
            // Nothing but a journal that its process could not begin.
            (_, true, false) => Ok(()),
            (true, _, true) => {
                // It is from a moment ago, and ours.
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

    /// How far the work is, if it was begun and its file has not been given its name.
    fn left(&mut self, target: &Target, work: &WorkIdentity) -> Result<Option<Resumable>, OpenFailure> {
        let mut records = self.log.records()?;
        let Some((LogRecord::Work(begun), _)) = records.next()? else {
            drop(records);
            return self.unknown().map(|()| None);
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
            if let LogRecord::Checkpoint(mark) = record {
                durable = if mark.is_durable { Some((records.end(), mark.clone())) } else { durable };
                last = Some((records.end(), mark));
            }
        }
        let is_durable = durable.is_some();
        for (end, mark) in [last, durable].into_iter().flatten() {
            if self.files.fit(&mark.files_in_use())? {
                return Ok(Some(Resumable { mark: *mark, end, is_begun: true }));
            }
        }
        if is_durable {
            return Err(self.damaged());
        }
        // Nothing is done, or power was lost before anything was safe.
        Ok(Some(Resumable { mark: Checkpoint::default(), end: begin, is_begun: false }))
    }

    /// Takes everything away but the journal.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.files.folder())? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if is_ours(&name) {
                fs::remove_file(self.files.folder().join(&*name))?;
            }
        }
        Ok(())
    }

    /// Takes the folder away, unless there is something in it that is not ours.
    pub(super) fn remove(&self) {
        // What stays behind takes room, and nothing else.
        let _ = self.clear();
        let _ = fs::remove_file(self.files.folder().join(JOURNAL));
        let _ = fs::remove_dir(self.files.folder());
    }

    /// Puts all files back to where they were.
    pub(super) fn restore(&self, left: &Resumable) -> io::Result<()> {
        if left.mark.settled.rows == 0 {
            File::create(self.files.folder().join(DATA))?;
            match fs::remove_file(self.files.folder().join(DATABASE_JOURNAL)) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        self.files.restore(&left.mark.files_in_use())
    }
}

/// Why work cannot be begun or gone on with.
pub(super) enum OpenFailure {
    /// The disk fails.
    System(io::Error),
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
