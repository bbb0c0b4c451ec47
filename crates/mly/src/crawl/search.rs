//! Runs searches. A box whose answer may be incomplete is searched again in quarters; the images of a user come in
//! pages.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use super::pages::PageChain;
use super::run::Run;
use crate::api::errors::TOO_MUCH_DATA;
use crate::error::{Error, Result, internal};
use crate::plan::{GraphRequest, SearchRequest};
use crate::rows::{Misfits, Object, Part, RowSelector, data, id, point};

/// One page of the answer to a search.
struct SearchPage {
    /// Rows of the answer, before filters.
    count: usize,
    /// Their ids.
    ids: Vec<i64>,
    batch: RecordBatch,
    misfits: Misfits,
    /// The cursor of the next page.
    next: Option<String>,
}

impl Run {
    /// All rows of a search that the query wants, and what could not be read.
    ///
    /// If the answer may be incomplete, its box is searched again in quarters. Rows on the border of two quarters come
    /// twice; the caller drops repeated ids.
    pub(super) async fn search(
        &self,
        selector: &Arc<RowSelector>,
        request: SearchRequest,
    ) -> Result<(Option<Part>, Misfits)> {
        let (mut batches, mut misfits) = (Vec::new(), Misfits::default());
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
            misfits.add(&page.misfits);
            batches.push(page.batch);
        }
        let Some(first) = batches.first().map(RecordBatch::schema) else { return Ok((None, misfits)) };
        let part = concat_batches(&first, &batches).map(Part::Points).map_err(internal)?;
        Ok((Some(part), misfits))
    }

    /// One page of a search, what could not be read, and the cursor of the next page.
    pub(super) async fn page(
        &self,
        selector: &Arc<RowSelector>,
        request: &SearchRequest,
        chain: &mut PageChain,
    ) -> Result<(Part, Misfits, Option<String>)> {
        let page = self.search_page(selector, request).await?;
        let next = chain.next(&page.ids, page.next);
        let next = next.map_err(|endless| endless.into_error(request.search.to_string()))?;
        Ok((Part::Points(page.batch), page.misfits, next))
    }

    async fn search_page(&self, selector: &Arc<RowSelector>, request: &SearchRequest) -> Result<SearchPage> {
        let (selector, within) = (Arc::clone(selector), request.search.within());
        let read = move |body: Vec<u8>| {
            let (mut objects, next) = data(&body)?;
            let count = objects.len();
            let ids = objects.iter().filter_map(|object| id(object.get("id")?)).collect();
            if let Some(bbox) = within {
                // Those without a position are misfits.
                let place = |object: &Object| object.get("geometry").and_then(point);
                objects.retain(|object| place(object).is_none_or(|[lon, lat]| bbox.contains(lon, lat)));
            }
            let (batch, misfits) = selector.found(&objects)?;
            Ok(SearchPage { count, ids, batch, misfits, next })
        };
        self.ask(&GraphRequest::Search(request.clone()), read).await
    }
}
