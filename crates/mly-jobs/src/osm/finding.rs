//! What comparing a sign with OpenStreetMap finds.

use std::collections::BTreeMap;

use super::element::ElementId;
use super::rule::RuleKind;
use crate::metric::Position;
use crate::openstreetmap::OsmTags;

/// How a sign and OpenStreetMap agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OsmStatus {
    /// It is there.
    Confirmed,
    /// It is not there.
    Missing,
    /// Something else is there.
    Conflicting,
    /// A thing of OpenStreetMap that photos do not show any more.
    MaybeRemoved,
    /// It cannot be told which street the sign is for.
    Ambiguous,
    /// It belongs to road works, or stood for a short time only.
    Temporary,
    /// There is no rule for its value.
    Unmapped,
    /// It is not there, but only one photo shows it.
    Weak,
}

impl OsmStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Confirmed,
        Self::Missing,
        Self::Conflicting,
        Self::MaybeRemoved,
        Self::Ambiguous,
        Self::Temporary,
        Self::Unmapped,
        Self::Weak,
    ];

    /// The word in the column `status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Missing => "missing",
            Self::Conflicting => "conflicting",
            Self::MaybeRemoved => "maybe_removed",
            Self::Ambiguous => "ambiguous",
            Self::Temporary => "temporary",
            Self::Unmapped => "unmapped",
            Self::Weak => "weak",
        }
    }

    /// Whether somebody should look at it.
    pub fn is_task(self) -> bool {
        matches!(self, Self::Missing | Self::Conflicting)
    }
}

/// Where a node goes that is missing on a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Insertion {
    /// The way, by its number.
    pub(super) line: u32,
    /// After which of its nodes, and how far along to the next one, from 0 to 1.
    pub(super) after: u32,
    pub(super) share: f64,
    pub(super) at: Position,
}

/// What comparing a sign with OpenStreetMap has found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) status: OsmStatus,
    /// The element that the sign was compared with, and its tags.
    pub(super) element: Option<(ElementId, OsmTags)>,
    pub(super) distance_m: Option<f64>,
    /// The tags to add.
    pub(super) suggested: BTreeMap<String, String>,
    pub(super) kind: Option<RuleKind>,
    pub(super) insertion: Option<Insertion>,
}

impl Finding {
    pub(super) fn of(status: OsmStatus) -> Self {
        Self {
            status,
            element: None,
            distance_m: None,
            suggested: BTreeMap::new(),
            kind: None,
            insertion: None,
        }
    }
}
