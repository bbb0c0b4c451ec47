//! A result that is brought up to date, and the list of what has changed in it.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use mly::sink::{Destination, Dialect, Losses};
use mly::{Error, Hint, Plan, Result, source};
use serde_json::Value;

use crate::diff::{Counts, Diff};

/// The list of changes between an earlier result and the updated one, which get their names together.
///
/// The list can be made only when the update is complete, and needs the earlier result, which may have the name that the
/// updated one is to have. So the update is written beside that name first ([`ChangeList::updated`]), then the list is
/// made, and only then the updated result gets its name. Whatever stops in between, the same work begun again goes on from
/// there and ends with the same two files.
///
/// ```no_run
/// use std::path::Path;
///
/// use mly::sink::Format;
/// use mly::{Client, Earlier, Plan};
/// use mly_jobs::ChangeList;
///
/// # async fn update(client: &Client, plan: &Plan) -> mly::Result<()> {
/// let (old, new) = (Path::new("may.parquet"), Path::new("june.parquet"));
/// let list = ChangeList::new((old, new), Path::new("changes.csv"), (plan, "parquet"), false)?;
/// if !list.is_updated() {
///     let mut batches = client.run(plan).updating(Earlier::open(old)?)?;
///     batches.write_file(list.updated(), Format::Parquet, false).await?;
/// }
/// let (counts, _) = list.write(Format::Csv)?;
/// println!("{:?}", counts.all().collect::<Vec<_>>());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the files have no names before the list is written"]
pub struct ChangeList {
    old: PathBuf,
    new: PathBuf,
    changes: PathBuf,
    /// Where the updated result is until the list is complete.
    updated: PathBuf,
    /// Where the list is until it is complete.
    listed: PathBuf,
    overwrite: bool,
}

impl ChangeList {
    /// A list of the changes from an old result to a new one, which may have the same path.
    ///
    /// Work that was begun with another plan is not gone on with, and neither is work in another form, which is any text that
    /// tells in what form the result is written.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a file exists and `overwrite` is not set, or two paths are the same, and
    /// [`Error::Input`] when the old result cannot be read.
    pub fn new(
        (old, new): (&Path, &Path),
        changes: &Path,
        (plan, form): (&Plan, &str),
        overwrite: bool,
    ) -> Result<Self> {
        let found = old.metadata().map_err(|e| {
            Error::input(format!("{} cannot be read", old.display()))
                .with_source(e)
                .with_hint("name a file that exists and may be read")
        })?;
        let written_at = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let mut work = DefaultHasher::new();
        let mut question = serde_json::to_value(plan)
            .map_err(|e| Error::internal("this plan cannot be stored").with_source(e))?;
        forget_now(&mut question);
        (question.to_string(), form, whole(old), found.len(), written_at).hash(&mut work);
        let ending = format!(".updated-{:016x}", work.finish());
        let list = Self {
            old: old.to_owned(),
            new: new.to_owned(),
            changes: changes.to_owned(),
            updated: beside(new, &ending),
            listed: beside(changes, &ending),
            overwrite,
        };
        if [old, new].iter().any(|path| whole(path) == whole(changes)) {
            return Err(Error::query(format!("{} is one of the results", changes.display()))
                .with_hint("choose another name for the list of changes"));
        }
        list.check(&list.new)?;
        // An earlier run may have ended after the list and before the result.
        if !list.is_updated() {
            list.check(&list.changes)?;
        }
        Ok(list)
    }

    /// Where the updated result has to be written.
    pub fn updated(&self) -> &Path {
        &self.updated
    }

    /// Whether an earlier run has written the updated result already.
    pub fn is_updated(&self) -> bool {
        self.updated.is_file()
    }

    /// How many rows an earlier run has written.
    ///
    /// # Errors
    /// [`Error::Input`] when its result cannot be read.
    pub fn updated_rows(&self) -> Result<u64> {
        source::rows(&self.updated)?.try_fold(0, |all, rows| Ok(all + rows?.num_rows() as u64))
    }

    /// Writes the list, and gives it and the updated result their names. Also tells what the format of the list cannot hold.
    ///
    /// # Errors
    /// Those of [`Diff::run`]; [`Error::InvalidQuery`] when one of the files has appeared in the meantime and may not be
    /// replaced, and [`Error::Output`] when one cannot be written.
    pub fn write(self, dialect: impl Into<Dialect>) -> Result<(Counts, Losses)> {
        let dialect = dialect.into();
        let (table, counts) = Diff::new(self.old.as_path(), self.updated.as_path()).run()?;
        let losses = table.write(dialect, Destination::file(&self.listed, true)?)?;
        self.check(&self.new)?;
        if self.changes.exists() && !self.overwrite && self.is_listed()? {
            fs::remove_file(&self.listed).map_err(|e| unwritten(&self.listed, e))?;
        } else if let Err(error) = self.check(&self.changes) {
            // What stays behind is replaced by the next run.
            let _ = fs::remove_file(&self.listed);
            return Err(error);
        } else {
            rename(&self.listed, &self.changes)?;
        }
        rename(&self.updated, &self.new)?;
        // A process that was killed when it had completed the result may have left its folder.
        let _ = fs::remove_dir_all(beside(&self.updated, ".unfinished"));
        Ok((counts, losses))
    }

    /// Whether an earlier run has written the same list.
    fn is_listed(&self) -> Result<bool> {
        let read = |path: &Path| fs::read(path).map_err(|e| unwritten(path, e));
        Ok(read(&self.changes)? == read(&self.listed)?)
    }

    fn check(&self, path: &Path) -> Result<()> {
        if path.exists() && !self.overwrite {
            let what = format!("{} exists already", path.display());
            return Err(Error::query(what).with_hint(Hint::Overwrite));
        }
        Ok(())
    }
}

/// Leaves out of a plan when it was made: dates that count back from then, such as `30d`, are the same words each time.
fn forget_now(question: &mut Value) {
    match question {
        Value::Object(fields) => {
            if fields.contains_key("ago") {
                fields.remove("ms");
            }
            fields.values_mut().for_each(forget_now);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_now),
        _ => {}
    }
}

/// A path with more at the end of its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(ending);
    PathBuf::from(name)
}

/// A path without links and dots, also of a file that does not exist yet.
fn whole(path: &Path) -> PathBuf {
    let of_new = || {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(parent.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(of_new).unwrap_or_else(|| path.to_owned())
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|e| unwritten(to, e))
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    Error::Output { path: Some(path.to_owned()), format: "changes", source: error.into() }
}
