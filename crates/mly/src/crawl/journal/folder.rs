//! The folder of unfinished work: `NAME.unfinished` beside the final file.

use std::fs::{self, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::checkpoint::{Checkpoint, LogRecord, WorkIdentity};
use super::log::JournalLog;
use super::spool::ROWS;
use crate::error::{Error, Hint, Result};
use crate::file::{Claim, DATA, Files, LockedFile, OwnFile, Target, create_own, lock, open_own};
use crate::sink::Format;

/// Name of the log in the folder.
const JOURNAL: &str = "journal";

/// Name of the file that says which process works in the folder.
const OWNER: &str = "owner";

/// Name of the file that says what the folder is, also when the journal is lost.
const ABOUT: &str = "about.txt";

/// What it says. A folder is known by the first line.
const ABOUT_TEXT: &str = "Unfinished work of mly\n\n\
    The command that was stopped goes on from here when it is run again. If it is not needed any more, this directory\n\
    can be removed.\n";

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

    /// Which work was begun in the folder beside a file, if a log in it says so. Nothing is locked or changed.
    pub(super) fn begun(target: &Target) -> Option<WorkIdentity> {
        let file = fs::File::open(target.beside(".unfinished").join(JOURNAL)).ok()?;
        let mut log = JournalLog::new(file);
        match log.records().ok()?.next().ok()? {
            Some((LogRecord::Work(work), _)) => Some(work),
            _ => None,
        }
    }

    fn locked(target: &Target) -> Result<Self, OpenFailure> {
        let path = target.beside(".unfinished");
        let refused = |e: io::Error| match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                OpenFailure::System(e)
            }
            _ => OpenFailure::Refused(target.refused(TryLockError::Error(e))),
        };
        loop {
            match fs::create_dir(&path) {
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(refused(e)),
                _ => {}
            }
            target.check_folder(&path)?;
            // Between these calls another process may finish its work and remove the folder: then it is created again.
            let LockedFile { own: OwnFile { file, is_new }, is_locked } = match lock(&path.join(JOURNAL)) {
                Err(TryLockError::Error(e)) if e.kind() == ErrorKind::NotFound => continue,
                Err(TryLockError::Error(e)) => return Err(refused(e)),
                other => other.map_err(|e| target.refused(e))?,
            };
            let watched = file.try_clone()?;
            let mut log = JournalLog::new(file);
            // Nothing else is created in a folder of others.
            check_ours(&path, &mut log, is_new)?;
            let claim = match Claim::take(&path.join(OWNER), is_locked) {
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                    return Err(target.refused_without_locks(&path.join(OWNER)).into());
                }
                other => other.map_err(refused)?,
            };
            let files = Files::new(&path, claim);
            files.watch(JOURNAL, watched);
            return Ok(Self { files, log });
        }
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
        if let Err(error) = target.check_again() {
            self.remove();
            return Err(error.into());
        }
        self.begin(work)?;
        Ok((self, None))
    }

    fn begin(&mut self, work: &WorkIdentity) -> io::Result<()> {
        self.clear()?;
        self.log.cut(0)?;
        create_own(&self.files.folder().join(ABOUT))?.write_all(ABOUT_TEXT.as_bytes())?;
        self.log.append(&LogRecord::Work(work.clone()), &[])?;
        // The identity must be on the disk before any other file. A folder that has files but no identity counts as one
        // of another program, and nothing in it is removed.
        self.log.sync()?;
        // Create the data file now, even for formats that write another file first: its absence means that it has been
        // renamed to the final file.
        self.files.open(DATA).map(drop)
    }

    /// Checks whether work may begin in a folder of ours without an identity in its log.
    ///
    /// It may if it holds nothing but a log that ends within its first record: a process was stopped while it began.
    fn check_undescribed(&mut self) -> Result<(), OpenFailure> {
        let is_lost = self.log.is_empty()?;
        if self.log.is_torn()? && !has_others(self.files.folder())? {
            return Ok(());
        }
        if is_lost {
            return Err(self.refuse("its journal is missing", Hint::StartOver { because: None }));
        }
        Err(self.refuse(
            "its journal cannot be read",
            Hint::StartOver { because: Some("it may be of another version of mly") },
        ))
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

    /// Removes all files that a journal or a sink may have made, except those by which the folder is known. If one
    /// cannot be removed, the others are, and the first error is returned.
    fn clear(&self) -> io::Result<()> {
        let mut done = Ok(());
        for entry in fs::read_dir(self.files.folder())? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name == DATA || name.starts_with(ROWS) || Format::work_files().any(|known| known == name) {
                done = done.and(remove_file(&self.files.folder().join(&*name)));
            }
        }
        done
    }

    /// Removes the folder. If it holds files of other programs, they stay, and so does the folder.
    ///
    /// What the folder is known by goes last: if something cannot be removed, the next process knows the folder as ours
    /// and tries again.
    ///
    /// All other users of its files must have dropped them: Windows keeps a file in its folder until the last handle is
    /// closed, and a folder with files is not removed.
    pub(super) fn remove(self) {
        let folder = &self.files.folder().to_owned();
        let known_by = [JOURNAL, OWNER, ABOUT].map(|name| folder.join(name));
        let removed = self.clear().and_then(|()| known_by.iter().try_for_each(|path| remove_file(path)));
        drop(self);
        // Another process may have begun its work in the folder since. Then it is not empty and stays.
        if let Err(error) = removed.and_then(|()| fs::remove_dir(folder)) {
            // What is left only takes space.
            tracing::debug!(folder = %folder.display(), %error, "unfinished work could not be removed");
        }
    }

    /// Truncates all files to the lengths in the checkpoint.
    pub(super) fn restore(&self, left: &Resumable) -> io::Result<()> {
        if left.checkpoint.settled.rows == 0 {
            self.files.open(DATA)?;
            // The sink begins with empty files. An old rollback journal must go too, or the database would restore from
            // it.
            Format::work_files().try_for_each(|name| remove_file(&self.files.folder().join(name)))?;
        }
        self.files.restore(&left.checkpoint.files_in_use())
    }
}

/// Removes a file, unless it is not there.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Checks whether a folder is ours: by its journal, by the file about it, or because there is nothing in it.
fn check_ours(folder: &Path, log: &mut JournalLog, is_new: bool) -> Result<(), OpenFailure> {
    if !log.is_empty()? || is_about_ours(folder) || !has_others(folder)? {
        return Ok(());
    }
    if is_new {
        // This process has just created the journal, in order to lock the folder.
        fs::remove_file(folder.join(JOURNAL))?;
    }
    let what = format!("{} holds files of others", folder.display());
    Err(Error::query(what).with_hint("move it away, or choose another name").into())
}

fn is_about_ours(folder: &Path) -> bool {
    let first = ABOUT_TEXT.lines().next().unwrap_or_default();
    let mut begin = Vec::new();
    let read =
        open_own(&folder.join(ABOUT)).and_then(|file| file.take(first.len() as u64).read_to_end(&mut begin));
    read.is_ok() && begin == first.as_bytes()
}

/// Whether a folder holds more than what it is known by.
fn has_others(folder: &Path) -> io::Result<bool> {
    let mut others = fs::read_dir(folder)?.filter(|entry| match entry {
        Ok(entry) => [JOURNAL, OWNER, ABOUT].iter().all(|known| entry.file_name() != *known),
        Err(_) => true,
    });
    Ok(others.next().transpose()?.is_some())
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
