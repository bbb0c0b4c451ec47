//! Searches: quartered until nothing can be missing, page by page where there are pages.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use super::ask::Run;
use crate::error::internal;
use crate::error::{Error, Result};
use crate::http::TOO_MUCH_DATA;
use crate::plan::{Request, Search};
use crate::rows::{Part, RowSelector, data};

/// A page whose next page is the page itself would be asked for again and again.
pub(super) fn leads_to_itself(subject: String) -> Error {
    Error::Decode { subject, tile: None, what: "its page leads to itself".into(), offset: None }
}

/// What one search found.
struct Found {
    /// Rows of the answer, before filters.
    count: usize,
    batch: RecordBatch,
    misfits: u64,
    next: Option<String>,
}

impl Run {
    /// Everything that a search finds and a query wants, and how much of it fits nowhere; things on common borders of boxes may come twice.
    pub(super) async fn search(
        &self,
        select: &Arc<RowSelector>,
        search: Search,
        fields: Arc<str>,
    ) -> Result<(Option<Part>, u64)> {
        let (mut batches, mut misfits) = (Vec::new(), 0);
        // The next one is the last one.
        let mut left = vec![search];
        while let Some(search) = left.pop() {
            let found = match self.found(select, &search, &fields).await {
                Err(error @ Error::Api { code: Some(TOO_MUCH_DATA), .. }) => {
                    let quarters = search.quarters().ok_or(error)?;
                    left.extend(quarters.into_iter().rev());
                    continue;
                }
                answer => answer?,
            };
            if !search.is_complete(found.count) {
                if let Some(quarters) = search.quarters() {
                    left.extend(quarters.into_iter().rev());
                    continue;
                }
                if search.is_cut_off(found.count) {
                    let what = format!("the service gives no more than {} rows of a {search}", found.count);
                    return Err(
                        Error::query(what).with_hint("ask without the filters that only searches have")
                    );
                }
            }
            misfits += found.misfits;
            batches.push(found.batch);
        }
        let Some(first) = batches.first().map(RecordBatch::schema) else { return Ok((None, misfits)) };
        let part = concat_batches(&first, &batches).map(Part::Points).map_err(internal)?;
        Ok((Some(part), misfits))
    }

    /// One page of a search, and where the next one begins.
    pub(super) async fn page(
        &self,
        select: &Arc<RowSelector>,
        search: Search,
        fields: &Arc<str>,
    ) -> Result<(Part, Option<String>)> {
        let found = self.found(select, &search, fields).await?;
        self.tally.misfits(found.misfits);
        // A page without rows is the last one, whatever it says.
        let next = found.next.filter(|_| found.count > 0);
        if next.as_deref().is_some_and(|cursor| search.is_after(cursor)) {
            return Err(leads_to_itself(search.to_string()));
        }
        Ok((Part::Points(found.batch), next))
    }

    async fn found(&self, select: &Arc<RowSelector>, search: &Search, fields: &Arc<str>) -> Result<Found> {
        let request = Request::Search { search: search.clone(), fields: Arc::clone(fields) };
        let select = Arc::clone(select);
        let read = move |body: Vec<u8>| {
            let (objects, next) = data(&body)?;
            let (batch, misfits) = select.found(&objects)?;
            Ok(Found { count: objects.len(), batch, misfits, next })
        };
        self.ask(&request, read).await
    }
}
