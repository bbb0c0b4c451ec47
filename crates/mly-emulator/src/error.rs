//! What can go wrong before an emulator runs.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A world, a fault or an answer cannot be made from its description or its files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder that cannot be read as a world.
    #[error("{}: {why}", path.display())]
    World {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A text that is not the name of a world.
    #[error("invalid world {text:?}: {why}")]
    WorldName {
        /// The text.
        text: String,
        /// What it should be.
        why: &'static str,
    },
    /// A text that does not name an answer to a question.
    #[error("unknown answer {text:?}: {why}")]
    Answer {
        /// The text.
        text: String,
        /// The names that are known.
        why: String,
    },
    /// A text that does not describe a fault.
    #[error("invalid fault {text:?}: {why}")]
    Fault {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    pub(crate) fn world(path: &Path, why: impl Into<String>) -> Self {
        Self::World { path: path.to_owned(), why: why.into() }
    }

    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::world(path, error.to_string())
    }
}
