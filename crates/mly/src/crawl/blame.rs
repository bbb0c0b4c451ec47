//! Finds out whether an id is to blame for a request that fails, as `doubt` explains.

use futures_util::future::BoxFuture;

use super::doubt::{MOST_FAILURES, Witness, is_verdict, may_concern_ids, reason};
use super::run::Run;
use crate::error::{Error, Result, Unreadable};
use crate::http::{HttpRequest, REFUSED_TOKEN};
use crate::plan::GraphRequest;
use crate::rows::{data, object};

/// The least ids that are tried as witnesses, however many requests have failed: requests for many ids, which go out side
/// by side, may fail because each of them holds an id that cannot be answered.
const LEAST_WITNESSES: usize = 5;

/// The error of a run in which nothing was answered. A refusal of everything is one of the token, while one of a single
/// id is not.
fn of_everything(error: Error) -> Error {
    match error {
        Error::Api { what, status: status @ 403, code, .. } => {
            let what = format!("{REFUSED_TOKEN}: {what}");
            Error::Auth { what, status: Some(status), code, refusal: None }
        }
        other => other,
    }
}

impl Run {
    /// Sends a request about ids. While the service is in doubt, requests are not retried.
    ///
    /// The caller has to note in [`Run::doubt`] when everything about an id is answered.
    pub(super) async fn ask_about_ids<T, F>(&self, request: &GraphRequest, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Clone + Send + 'static,
    {
        let http = HttpRequest::from(request);
        let http = if self.doubt.failures() > 0 { http.without_retries() } else { http };
        let list = request.list();
        let sent = self.connection.fetch(http, &self.counters.meter, read);
        let error = match self.cancel.unless_cancelled(sent, |error| !may_concern_ids(error, list)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if is_verdict(&error, list) {
            self.doubt.something_was_answered();
        }
        if !may_concern_ids(&error, list) {
            return Err(error);
        }
        if self.doubt.failed() < MOST_FAILURES { Err(error) } else { Err(self.blame(error, &[]).await?) }
    }

    /// Makes sure that the service answers other ids than those in `suspects`, and returns the error then. If it does
    /// not, stops the run with this error.
    pub(super) async fn blame(&self, error: Error, suspects: &[String]) -> Result<Error> {
        self.blame_since(error, self.doubt.answers(), suspects).await
    }

    /// As [`Run::blame`], for an error that came when there had been this many answers.
    pub(super) async fn blame_since(&self, error: Error, answers: u64, suspects: &[String]) -> Result<Error> {
        let candidates = self.doubt.candidates.lock().await;
        if self.doubt.answers() > answers {
            return Ok(error);
        }
        // An id that was answered before is retried as usual: the service may be down for a moment only.
        if let Some(Witness { request, .. }) = self.doubt.last_answered() {
            return match self.ask_witness(&request, true).await? {
                None => Ok(error),
                Some(failure) => Err(self.cancel.stop(failure)),
            };
        }
        let others: Vec<Witness> =
            candidates.iter().filter(|witness| !suspects.contains(&witness.id)).cloned().collect();
        if others.is_empty() && self.doubt.was_answered_before && self.doubt.failures() < MOST_FAILURES {
            return Ok(error);
        }
        let most = MOST_FAILURES.saturating_sub(self.doubt.failures()).max(LEAST_WITNESSES);
        for Witness { id, request } in others.into_iter().take(most) {
            let is_answered = self.ask_witness(&request, false).await?.is_none();
            if is_answered || self.doubt.answers() > answers {
                tracing::debug!(id, "the service answers other ids");
                return Ok(error);
            }
        }
        Err(self.cancel.stop(of_everything(error)))
    }

    /// Sends a request about a witness. Returns the error if it is not answered; that there is no such id is an answer
    /// too.
    async fn ask_witness(&self, request: &GraphRequest, is_retried: bool) -> Result<Option<Error>> {
        let http = HttpRequest::from(request);
        let http = if is_retried { http } else { http.without_retries() };
        let is_list = !matches!(request, GraphRequest::Entities { .. });
        let read = move |body: Vec<u8>| if is_list { data(&body).map(drop) } else { object(&body).map(drop) };
        let list = request.list();
        let sent = self.connection.fetch(http, &self.counters.meter, read);
        match self.cancel.unless_cancelled(sent, |error| !may_concern_ids(error, list)).await {
            Ok(()) => {}
            Err(error) if is_verdict(&error, list) => {}
            Err(error) if may_concern_ids(&error, list) => {
                self.doubt.failed();
                return Ok(Some(error));
            }
            Err(error) => return Err(error),
        }
        self.doubt.something_was_answered();
        Ok(None)
    }

    /// Does work about one id. If it fails, makes sure that the service answers others, does the work again, and makes
    /// sure once more.
    ///
    /// The inner error says why the service cannot answer the id.
    pub(super) async fn about_one<'w, T>(
        &self,
        witness: Witness,
        work: &(dyn Fn() -> BoxFuture<'w, Result<T>> + Send + Sync),
    ) -> Result<Result<T, String>> {
        let suspects = [witness.id.clone()];
        let error = match work().await {
            Err(error) if may_concern_ids(&error, witness.request.list()) => error,
            done => {
                if done.is_ok() {
                    self.doubt.answered(witness);
                }
                return done.map(Ok);
            }
        };
        let error = self.blame(error, &suspects).await?;
        match self.second_try(witness, error, work).await? {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => {
                self.blame(error, &suspects).await.map(|error| Err(self.failed(&suspects[0], error)))
            }
        }
    }

    /// Does work about one id again that has failed with `error`. The inner error is that of the last attempt.
    pub(super) async fn second_try<'w, T>(
        &self,
        witness: Witness,
        error: Error,
        work: &(dyn Fn() -> BoxFuture<'w, Result<T>> + Send + Sync),
    ) -> Result<Result<T, Error>> {
        // What is read once is read the same way again.
        if matches!(error, Error::Decode { .. }) {
            return Ok(Err(error));
        }
        match work().await {
            Ok(answer) => {
                self.doubt.answered(witness);
                Ok(Ok(answer))
            }
            Err(again) if may_concern_ids(&again, witness.request.list()) => Ok(Err(again)),
            Err(other) => Err(other),
        }
    }

    /// Notes that the service cannot answer an id, and returns why.
    pub(super) fn failed(&self, id: &str, error: Error) -> String {
        let why = reason(&error);
        tracing::info!(id, why, "the service cannot answer this id");
        self.counters.failure(error);
        why
    }
}
