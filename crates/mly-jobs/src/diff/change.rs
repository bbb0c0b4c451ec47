//! The classes of changes.

use std::fmt;

/// What has become of a row between two results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Only the new result has it.
    New,
    /// The old result had it marked as no longer shown, and the new one shows it.
    Back,
    /// A map feature has a new id: one of the same name is where it was.
    Remade,
    /// Its value or its position is another one; of images and sequences also the date, the sequence or the owner.
    Changed,
    /// A map feature was seen later than the old result knew.
    SeenAgain,
    /// Nothing has changed.
    Same,
    /// A map feature is not in the new result, and nobody is known to have looked since it was last seen.
    Unseen,
    /// Somebody looked where a map feature was, or is said to be, and it was not seen; too few looks to be sure.
    MaybeGone,
    /// A map feature is not in the new result, and it would have been seen if it were there.
    Gone,
    /// An image or another row that is known by its id alone is not in the new result.
    Deleted,
    /// Only one of the two results has it, and the other one did not ask for it.
    Unmeasured,
}

impl Change {
    /// All classes, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::Back,
        Self::Remade,
        Self::Changed,
        Self::SeenAgain,
        Self::Unseen,
        Self::MaybeGone,
        Self::Gone,
        Self::Deleted,
        Self::Unmeasured,
        Self::Same,
    ];

    /// Name in the column `change`.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Back => "back",
            Self::Remade => "remade",
            Self::Changed => "changed",
            Self::SeenAgain => "seen_again",
            Self::Same => "same",
            Self::Unseen => "unseen",
            Self::MaybeGone => "maybe_gone",
            Self::Gone => "gone",
            Self::Deleted => "deleted",
            Self::Unmeasured => "unmeasured",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
