//! What an image is used for.

use std::fmt;

/// What the images of one part of a data set are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To train a model.
    Train,
    /// To compare models while they are trained.
    Validate,
    /// To measure the final model.
    Test,
}

impl Purpose {
    /// All of them, in the order of `--split`.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validate, Self::Test];

    /// The name of the part in files and folders: `train`, `val` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validate => "val",
            Self::Test => "test",
        }
    }

    /// The place in [`Purpose::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
