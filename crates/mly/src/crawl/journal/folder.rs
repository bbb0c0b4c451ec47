//! The folder of unfinished work: `NAME.unfinished` beside the file that it will be.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;

use super::log::Log;
use super::mark::{Mark, Record, Work};
use crate::error::{Error, Result};
use crate::sink::{DATA, Files, Target, lock};

const JOURNAL: &str = "journal";

/// What files in the folder are called; whatever else is in it is not ours.
const OURS: [&str; 5] = [DATA, "data-journal", "groups", "features", "index"];
const OUR_ROWS: &str = "rows-";

/// A folder that no other process works in.
pub(super) struct Folder {
    pub(super) files: Files,
    pub(super) log: Log,
}

/// How far the work in a folder is.
pub(super) struct Left {
    pub(super) mark: Mark,
    /// Where the record of it ends.
    pub(super) end: u64,
}

impl Folder {
    /// The folder beside a file. Work that is finished, or may be given up, is taken away.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file is there already, or when another process works in the folder or it cannot
    /// be written to; [`Error::Journal`] when it holds other work.
    pub(super) fn open(target: &Target, work: &Work) -> Result<(Self, Option<Left>)> {
        let path = target.beside(".unfinished");
        let refused = |e| target.refused(TryLockError::Error(e));
        let journal = loop {
            fs::create_dir(&path)
                .or_else(|e| if e.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(e) })
                .map_err(refused)?;
            match lock(&path.join(JOURNAL)) {
                // Another process has finished its work and taken the folder away.
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::NotFound => {}
                other => break other.map_err(|e| target.refused(e))?,
            }
        };
        let folder = Self { log: Log::new(journal), files: Files::new(&path) };
        folder.look(target, work).map_err(|e| match e {
            Failure::System(e) => refused(e),
            Failure::Refused(e) => e,
        })
    }

    fn look(mut self, target: &Target, work: &Work) -> Result<(Self, Option<Left>), Failure> {
        let found = match self.left(target, work) {
            Err(Failure::Refused(Error::Journal { .. })) if target.may_overwrite() => None,
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
        self.clear()?;
        self.log.cut(0)?;
        // Until it has its name there is such a file, whatever the format writes first.
        File::create(self.files.folder().join(DATA))?;
        self.log.append(&Record::Work(work.clone()), &[])?;
        Ok((self, None))
    }

    /// How far the work is, if it was begun and its file has not been given its name.
    fn left(&mut self, target: &Target, work: &Work) -> Result<Option<Left>, Failure> {
        let refuse = |what: &str, hint: &str| {
            Failure::Refused(Error::Journal {
                path: self.files.folder().to_owned(),
                what: what.to_owned(),
                hint: hint.to_owned(),
            })
        };
        let mut records = self.log.records()?;
        let Some((Record::Work(begun), _)) = records.next()? else { return Ok(None) };
        if target.was_given_to(&self.files.folder().join(DATA)) {
            return Ok(None);
        }
        if let Some(why) = begun.differs_from(work) {
            return Err(refuse(
                why,
                "finish it with the command that began it, choose another name, or give it up with --overwrite",
            ));
        }
        let begin = records.end();
        let (mut last, mut durable) = (None, None);
        while let Some((record, _)) = records.next()? {
            if let Record::Mark(mark) = record {
                durable = if mark.is_durable { Some((records.end(), mark.clone())) } else { durable };
                last = Some((records.end(), mark));
            }
        }
        let is_new = last.is_none();
        for (end, mark) in [last, durable].into_iter().flatten() {
            if self.files.fit(&mark.files)? {
                return Ok(Some(Left { mark: *mark, end }));
            }
        }
        if is_new {
            // Nothing is done, so nothing of it is kept.
            return Ok((begin > 0).then(|| Left { mark: Mark::default(), end: begin }));
        }
        Err(refuse("its files are damaged", "begin anew with --overwrite"))
    }

    /// Takes everything away but the journal.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.files.folder())? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if OURS.contains(&&*name) || name.starts_with(OUR_ROWS) {
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
    pub(super) fn restore(&self, left: &Left) -> io::Result<()> {
        if left.mark.files.is_empty() && left.mark.rows == 0 {
            OpenOptions::new().write(true).open(self.files.folder().join(DATA))?.set_len(0)?;
        }
        self.files.restore(&left.mark.files)
    }
}

/// Why work cannot be gone on with.
enum Failure {
    System(io::Error),
    Refused(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
