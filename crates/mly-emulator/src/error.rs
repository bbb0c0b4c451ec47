//! What can go wrong before an emulator runs.

use std::path::PathBuf;

/// A world or a fault that cannot be made from what was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder that is no world.
    #[error("{}: {why}", path.display())]
    World {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A text that names no world.
    #[error("no world {text:?}: {why}")]
    WorldName {
        /// The text.
        text: String,
        /// What would be right.
        why: &'static str,
    },
    /// A text that describes no fault.
    #[error("no fault {text:?}: {why}")]
    Fault {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: String,
    },
}
