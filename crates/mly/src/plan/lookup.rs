//! The plan of a lookup: requests that ask for several ids each.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::request::GraphRequest;
use super::route::Route;
use crate::query::{Lookup, Subject, ids_at_once};

/// A lookup, and the range of its ids that this part of the plan looks up.
#[derive(Clone, Debug)]
pub(crate) struct LookupPlan {
    lookup: Lookup,
    range: Range<usize>,
}

impl LookupPlan {
    pub(super) fn new(lookup: &Lookup, route: &Route) -> Self {
        let range = match route {
            Route::Ids(range) => range.clone(),
            // A part without requests. The other routes are those of queries.
            Route::Nothing | Route::Tiles(_) | Route::Boxes(_) | Route::Circle | Route::Creator => 0..0,
        };
        Self { lookup: lookup.clone(), range }
    }

    pub(crate) fn lookup(&self) -> &Lookup {
        &self.lookup
    }

    /// The ids to look up, as they were given.
    pub(crate) fn ids_in_order(&self) -> &[String] {
        // A stored plan whose range does not fit its list is refused when it is read.
        self.lookup.ids().get(self.range.clone()).unwrap_or_default()
    }

    /// The ids of each request, each id once, in the order in which they were first given.
    pub(crate) fn ids_by_request(&self) -> impl Iterator<Item = Vec<String>> + Send + use<> {
        let mut known = HashSet::new();
        let ids = self.ids_in_order().iter().filter(|id| known.insert(id.as_str()));
        let ids: Vec<String> = ids.cloned().collect();
        let at_once = match self.lookup.subject() {
            Subject::Image | Subject::MapFeature | Subject::Organization => {
                ids_at_once(&self.lookup.attributes())
            }
            Subject::Sequence | Subject::DetectionsOfImage | Subject::DetectionsOfMapFeature => 1,
        };
        let mut ids = ids.into_iter();
        std::iter::from_fn(move || {
            let some: Vec<_> = ids.by_ref().take(at_once).collect();
            (!some.is_empty()).then_some(some)
        })
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = GraphRequest> + Send + use<> {
        let attributes = self.lookup.attributes();
        let entity = self.lookup.subject().entity();
        let fields = entity.map(|entity| entity.fields_parameter(&attributes).into());
        let subject = self.lookup.subject();
        self.ids_by_request().flat_map(move |ids| match (subject, &fields) {
            (Subject::Sequence, _) => {
                ids.into_iter().map(|sequence| GraphRequest::ImageIds { sequence }).collect()
            }
            (_, Some(fields)) => vec![GraphRequest::Entities { ids, fields: Arc::clone(fields) }],
            (_, None) => ids.into_iter().map(|id| GraphRequest::detections(id, None)).collect::<Vec<_>>(),
        })
    }
}
