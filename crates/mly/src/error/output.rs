//! Why a file could not be written, and what the caller can do about it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::Cause;
use super::hint::Hint;

/// What another program did to files while they were written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Interference {
    /// A file was removed, replaced or changed.
    #[error("{} was removed or changed by another program", file.display())]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Another process writes at the same place.
    #[error("another process has begun to write there, as {} says", by.display())]
    Claimed {
        /// The file that names it.
        by: PathBuf,
    },
}

/// The cause of an [`Error::Output`](super::Error::Output). What `SQLite` says of a full disk becomes the error of the
/// system, so that it is the same for every format.
pub(crate) fn cause_of_output(cause: impl Into<Cause>) -> Cause {
    let cause = cause.into();
    match kind_of(&*cause) {
        Some(kind) => Box::new(io::Error::new(kind, cause)),
        None => cause,
    }
}

/// What the system calls an error of `SQLite`.
#[cfg(feature = "sqlite")]
fn kind_of(cause: &(dyn StdError + Send + Sync + 'static)) -> Option<ErrorKind> {
    match cause.downcast_ref::<rusqlite::Error>()?.sqlite_error_code()? {
        rusqlite::ErrorCode::DiskFull => Some(ErrorKind::StorageFull),
        rusqlite::ErrorCode::TooBig => Some(ErrorKind::FileTooLarge),
        _ => None,
    }
}

#[cfg(not(feature = "sqlite"))]
fn kind_of(_: &(dyn StdError + Send + Sync + 'static)) -> Option<ErrorKind> {
    None
}

impl Hint {
    /// What to do about an output that could not be written, for this reason.
    pub fn of_output(reason: &(dyn StdError + 'static)) -> &'static Self {
        let causes = std::iter::successors(Some(reason), |&cause| cause.source());
        let mut hints = causes.filter_map(|cause| hint_of(cause.downcast_ref()?));
        hints.next().unwrap_or(&Self::OtherPlace)
    }
}

/// Errors of Windows when a file cannot be replaced because a program has it open: `ERROR_ACCESS_DENIED` and
/// `ERROR_SHARING_VIOLATION`.
const IN_USE: [i32; 2] = [5, 32];

static CLOSE: Hint =
    Hint::Advice(Cow::Borrowed("close other programs that have the file open, and try again"));

/// The codes of the system for too many open files, of the process or of all processes. They have no `ErrorKind`.
const TOO_MANY_FILES: &[i32] = if cfg!(windows) { &[4] } else { &[23, 24] };

fn hint_of(error: &io::Error) -> Option<&'static Hint> {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Interference::Changed { .. }) => return Some(&Hint::LeaveAlone),
        Some(Interference::Claimed { .. }) => return Some(&Hint::OneProcess),
        None => {}
    }
    match error.kind() {
        _ if error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code)) => {
            Some(&Hint::MoreFiles)
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(&Hint::FreeSpace),
        ErrorKind::FileTooLarge => Some(&Hint::LargerFiles),
        ErrorKind::AlreadyExists => Some(&Hint::MoveAway),
        _ => error.raw_os_error().filter(|code| cfg!(windows) && IN_USE.contains(code)).map(|_| &CLOSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_disk_is_told_to_free_space() {
        let of = |cause: Cause| Hint::of_output(&*cause_of_output(cause)).clone();
        let system = |kind: ErrorKind| of(Box::new(io::Error::from(kind)));
        for full in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].map(system) {
            assert_eq!(full, Hint::FreeSpace);
        }
        assert_eq!(system(ErrorKind::FileTooLarge), Hint::LargerFiles);
        let too_many = io::Error::from_raw_os_error(*TOO_MANY_FILES.last().unwrap());
        assert_eq!(of(Box::new(too_many)), Hint::MoreFiles);
        assert_eq!(system(ErrorKind::AlreadyExists), Hint::MoveAway);
        for other in [
            system(ErrorKind::PermissionDenied),
            system(ErrorKind::CrossesDevices),
            of("a value that the format cannot hold".into()),
        ] {
            assert_eq!(other, Hint::OtherPlace);
        }
        let changed = Interference::Changed { file: PathBuf::from("data") };
        assert_eq!(of(Box::new(io::Error::other(changed))), Hint::LeaveAlone);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_disk_that_is_full_for_a_database_is_full() {
        let hint = |code| {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            Hint::of_output(&*cause_of_output(error)).clone()
        };
        assert_eq!(hint(rusqlite::ffi::SQLITE_FULL), Hint::FreeSpace);
        assert_eq!(hint(rusqlite::ffi::SQLITE_IOERR), Hint::OtherPlace);
    }
}
