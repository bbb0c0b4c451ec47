//! Runs searches. A box whose answer may be incomplete is searched again in quarters; the images of a user come in
//! pages.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use super::run::Run;
use crate::api::errors::TOO_MUCH_DATA;
use crate::error::{Error, Result, internal};
use crate::plan::{GraphRequest, SearchRequest};
use crate::rows::{Object, Part, RowSelector, data, point};

/// The error for a page that names itself as the next page. Without it, pages would be requested forever.
pub(super) fn leads_to_itself(subject: String) -> Error {
    Error::Decode { subject, tile: None, what: "its page leads to itself".into(), offset: None }
}

/// One page of the answer to a search.
struct SearchPage {
    /// Rows of the answer, before filters.
    count: usize,
    batch: RecordBatch,
    misfits: u64,
    /// The cursor of the next page.
    next: Option<String>,
}

impl Run {
    /// All rows of a search that the query wants, and the number of misfits.
    ///
    /// If the answer may be incomplete, its box is searched again in quarters. Rows on the border of two quarters come
    /// twice; the caller drops repeated ids.
    pub(super) async fn search(
        &self,
        selector: &Arc<RowSelector>,
        request: SearchRequest,
    ) -> Result<(Option<Part>, u64)> {
        let (mut batches, mut misfits) = (Vec::new(), 0);
        let SearchRequest { search, fields } = request;
        // A stack, on which quarters are pushed in reverse, so that they are searched from north-west to south-east.
        let mut left = vec![search];
        while let Some(search) = left.pop() {
            let request = SearchRequest { search, fields: Arc::clone(&fields) };
            let page = match self.search_page(selector, &request).await {
                Err(error @ Error::Api { code: Some(TOO_MUCH_DATA), .. }) => {
                    let quarters = request.search.quarters().ok_or(error)?;
                    left.extend(quarters.into_iter().rev());
                    continue;
                }
                answer => answer?,
            };
            let search = &request.search;
            if !search.is_complete(page.count) {
                if let Some(quarters) = search.quarters() {
                    left.extend(quarters.into_iter().rev());
                    continue;
                }
                if search.is_cut_off(page.count) {
                    let what = format!("the service gives no more than {} rows of a {search}", page.count);
                    return Err(
                        Error::query(what).with_hint("ask without the filters that only searches have")
                    );
                }
            }
            misfits += page.misfits;
            batches.push(page.batch);
        }
        let Some(first) = batches.first().map(RecordBatch::schema) else { return Ok((None, misfits)) };
        let part = concat_batches(&first, &batches).map(Part::Points).map_err(internal)?;
        Ok((Some(part), misfits))
    }

    /// One page of a search, and the cursor of the next one.
    pub(super) async fn page(
        &self,
        selector: &Arc<RowSelector>,
        request: &SearchRequest,
    ) -> Result<(Part, Option<String>)> {
        let page = self.search_page(selector, request).await?;
        self.counters.misfits(page.misfits);
        // Even the last page names a next one, which has no rows: only that is the end.
        let next = page.next.filter(|_| page.count > 0);
        if next.as_deref().is_some_and(|cursor| request.search.is_after(cursor)) {
            return Err(leads_to_itself(request.search.to_string()));
        }
        Ok((Part::Points(page.batch), next))
    }

    async fn search_page(&self, selector: &Arc<RowSelector>, request: &SearchRequest) -> Result<SearchPage> {
        let (selector, within) = (Arc::clone(selector), request.search.within());
        let read = move |body: Vec<u8>| {
            let (mut objects, next) = data(&body)?;
            let count = objects.len();
            if let Some(bbox) = within {
                // Those without a position are misfits.
                let place = |object: &Object| object.get("geometry").and_then(point);
                objects.retain(|object| place(object).is_none_or(|[lon, lat]| bbox.contains(lon, lat)));
            }
            let (batch, misfits) = selector.found(&objects)?;
            Ok(SearchPage { count, batch, misfits, next })
        };
        self.ask(&GraphRequest::Search(request.clone()), read).await
    }
}
