//! Which elements are wanted.

use super::tags::OsmTags;

/// Which elements of a file are wanted. Everything else is skipped while it is read.
#[derive(Clone, Copy)]
pub(crate) struct OsmChoice<'w> {
    /// Whether a node with these tags is wanted. Nodes without tags are not asked about.
    pub(crate) node: &'w (dyn Fn(&OsmTags) -> bool + Sync),
    /// A way without any of these keys is not wanted; `None` if any way may be.
    pub(crate) way_keys: Option<&'w [&'w str]>,
    /// Whether a way with these tags is wanted.
    pub(crate) way: &'w (dyn Fn(&OsmTags) -> bool + Sync),
    /// The keys of the tags that are kept, or `None` for all.
    pub(crate) keys: Option<&'w [&'w str]>,
}
