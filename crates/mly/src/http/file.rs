//! Fetches photos, meshes and point clouds. They are on other hosts, with signed URLs that expire, and are requested
//! without the token.

use std::sync::atomic::Ordering;
use std::time::Instant;

use reqwest::{StatusCode, Url};
use tracing::{debug, info};

use super::answer::{RawAnswer, Requested};
use super::body::receive_held;
use super::connection::Connection;
use super::failure::Failure;
use super::memory::MemoryShare;
use super::meter::Meter;
use super::transport::MOST_REDIRECTS;
use crate::error::Unreadable;
use crate::error::{Error, Result};
use crate::redact::RedactedUrl;

/// Why a file could not be fetched.
#[derive(Debug)]
pub(crate) enum FileFailure {
    /// The URL has expired; a new one may work.
    Expired(StatusCode),
    /// Retries did not help, or cannot.
    Failed(Error),
}

impl Connection {
    /// Fetches a file, with retries, until `check` accepts its bytes. The share has their memory.
    pub(crate) async fn file(
        &self,
        address: &str,
        meter: &Meter,
        share: &MemoryShare,
        check: impl Fn(&[u8]) -> Result<(), Unreadable>,
    ) -> Result<Vec<u8>, FileFailure> {
        let parsed = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = parsed.ok_or_else(|| {
            FileFailure::Failed(Error::Decode {
                subject: "the URL of a file".to_owned(),
                tile: None,
                what: "it is not an http URL".to_owned(),
                offset: None,
            })
        })?;
        let http = self.files(&url).map_err(FileFailure::Failed)?;
        let shown = RedactedUrl::new(without_query(url.clone()));
        let begin = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let failure = match self.file_once(http, &url, meter, share).await {
                Ok(body) => match check(&body) {
                    Ok(()) => return Ok(body),
                    Err(unreadable) => Failure::Body(unreadable),
                },
                Err(FileAttempt::Expired(status)) => return Err(FileFailure::Expired(status)),
                Err(FileAttempt::Failed(failure)) => failure,
            };
            let Some(pause) = self.pause_after(&failure, attempt, begin.elapsed()) else {
                return Err(FileFailure::Failed(failure.give_up_file(&shown, attempt, begin.elapsed())));
            };
            info!(url = %shown, attempt, pause_ms = pause.as_millis(), reason = failure.reason(), "retrying");
            meter.retries.fetch_add(1, Ordering::Relaxed);
            meter.note_wait(pause);
            share.release();
            tokio::time::sleep(pause).await;
        }
    }

    async fn file_once(
        &self,
        http: &reqwest::Client,
        url: &Url,
        meter: &Meter,
        share: &MemoryShare,
    ) -> Result<Vec<u8>, FileAttempt> {
        // The size is known only when the response begins, and a response that waits for memory may time out.
        share.hold_guess().await;
        meter.note_file();
        let sent = http.get(url.clone()).send().await;
        let response = sent.map_err(|e| FileAttempt::Failed(unsent(e)))?;
        let (status, headers) = (response.status(), response.headers().clone());
        debug!(%status, "file answered");
        if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(FileAttempt::Expired(status));
        }
        let body = receive_held(response, share).await.map_err(FileAttempt::Failed)?;
        meter.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        let requested = Requested { endpoint: None, url: RedactedUrl::new(url.clone()), base: url.clone() };
        let answer = RawAnswer { requested, status, headers, body };
        if answer.is_whole() { Ok(answer.body) } else { Err(FileAttempt::Failed(answer.into_failure())) }
    }
}

/// How one attempt failed.
enum FileAttempt {
    Expired(StatusCode),
    Failed(Failure),
}

/// The failure of a request that got no answer. A redirect that leads nowhere will do so again; other failures of the
/// network may pass.
fn unsent(error: reqwest::Error) -> Failure {
    // A redirect to a URL that is not http is an error of the builder of requests.
    if !(error.is_redirect() || error.is_builder()) {
        return Failure::network(error);
    }
    let what = format!("it is redirected more than {MOST_REDIRECTS} times, or to no address");
    Failure::Body(Unreadable { what, offset: None, passing: false })
}

/// A URL without its query, which holds the signature and would only make messages long.
fn without_query(mut url: Url) -> Url {
    url.set_query(None);
    url
}
