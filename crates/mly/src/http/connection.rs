//! The connection to the service: sends requests, and retries them when that can help.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderValue};
use tokio::sync::Semaphore;
use tracing::{debug, info};

use super::answer::{RawAnswer, Requested};
use super::body::receive;
use super::failure::{Failure, Fault, FaultKind};
use super::meter::Meter;
use super::options::Options;
use super::pacing::{LongWait, Pacer, Permit, TileBudget};
use super::request::HttpRequest;
use super::retry::Backoff;
use super::storage::Storage;
use super::transport::Transport;
use crate::api::Endpoint;
use crate::api::errors::TOO_MUCH_DATA;
use crate::api::hosts::is_local;
use crate::api::parameters::ACCESS_TOKEN;
use crate::error::{Error, Result, Unreadable};
use crate::redact::{RedactedUrl, Token};
use crate::store::{Cache, Ledger};

/// How often a tile that answers 404 is requested again at most: the tile may be empty, or the service may have a fault
/// that passes.
const RETRIES_OF_MISSING: u32 = 3;

/// The header with the token for requests to the graph. It is marked as sensitive, so that logs of the HTTP library
/// hide it.
pub(super) fn authorization(token: &Token) -> HeaderValue {
    // A token consists of visible ASCII, so this cannot fail.
    let mut value = HeaderValue::from_str(&format!("OAuth {}", token.reveal()))
        .unwrap_or_else(|_| HeaderValue::from_static("OAuth"));
    value.set_sensitive(true);
    value
}

/// Sends the requests of a client. Cheap to clone; clones share sockets, budget and cache.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    inner: Arc<ConnectionState>,
}

#[derive(Debug)]
struct ConnectionState {
    transport: Transport,
    token: Token,
    options: Options,
    pacer: Pacer,
    cache: Option<Arc<Cache>>,
    /// Why the cache or the ledger cannot be used although the options name a folder for it.
    warnings: Vec<String>,
    backoff: Backoff,
    /// Limits how many answers are decompressed and decoded at once, since each may take a hundred megabytes.
    readers: Arc<Semaphore>,
}

impl Connection {
    /// A connection with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Auth`] without a token, [`Error::InvalidQuery`] when a setting is out of range, [`Error::Input`] when a
    /// service with https is asked and the certificates that it needs cannot be read.
    pub(crate) fn new(options: Options) -> Result<Self> {
        let token = options.token().cloned().ok_or_else(|| Error::Auth {
            what: "no access token".into(),
            status: None,
            code: None,
            refusal: None,
        })?;
        if options.concurrency() == 0 {
            return Err(Error::query("concurrency 0 would never send anything").with_hint("give 1 or more"));
        }
        let transport = Transport::new(&options);
        for url in [options.graph_url(), options.tiles_url()] {
            transport.service(url)?;
        }
        let Storage { cache, ledger, warnings } = Storage::open(&options);
        let cache = cache.map(Arc::new);
        let pacer = Pacer::new(&options, ledger)?;
        let backoff = Backoff::new(options.init_backoff(), options.seed());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let readers = Arc::new(Semaphore::new(cores));
        Ok(Self {
            inner: Arc::new(ConnectionState {
                transport,
                token,
                options,
                pacer,
                cache,
                warnings,
                backoff,
                readers,
            }),
        })
    }

    /// One sentence for each folder of the options that cannot be used, and for what was wrong with the ledger so far.
    /// The client works without them.
    pub(crate) fn warnings(&self) -> Vec<String> {
        [self.inner.warnings.clone(), self.inner.pacer.notices()].concat()
    }

    /// How many tiles may still be requested, by the requests that the ledger has counted.
    pub(crate) fn tile_budget(&self) -> TileBudget {
        self.inner.pacer.tile_budget(&Ledger::host_of(self.inner.options.tiles_url()))
    }

    /// Counts tiles that an earlier part of a run has asked for, if the ledger has lost its counts since.
    pub(crate) fn count_earlier_tiles(&self, tiles: u64) {
        let host = Ledger::host_of(self.inner.options.tiles_url());
        self.inner.pacer.count_earlier(Endpoint::Tiles, &host, tiles);
    }

    /// Most requests in flight at once.
    pub(crate) fn concurrency(&self) -> usize {
        self.inner.options.concurrency()
    }

    /// The token of all requests to the service.
    pub(super) fn token(&self) -> &Token {
        &self.inner.token
    }

    /// A text without any trace of the token.
    pub(crate) fn without_token(&self, text: &str) -> String {
        self.inner.token.scrub(text)
    }

    /// The settings.
    pub(super) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// The HTTP client for tiles and the graph at a URL.
    pub(super) fn service(&self, url: &Url) -> Result<&reqwest::Client> {
        self.inner.transport.service(url)
    }

    /// The HTTP client for the file at a URL.
    pub(super) fn files(&self, url: &Url) -> Result<&reqwest::Client> {
        self.inner.transport.files(url)
    }

    /// Sends a request, and retries it until `read` has read an answer or a retry cannot help.
    ///
    /// `read` is an argument because only decoding shows that a body is damaged, which calls for a retry. It runs off
    /// the I/O threads, and takes an empty body as an empty result.
    pub(crate) async fn fetch<T, F>(
        &self,
        request: impl Into<HttpRequest>,
        meter: &Meter,
        read: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Clone + Send + 'static,
    {
        let request = &request.into();
        let url = self.inner.options.url_of(request);
        if request.endpoint() == Endpoint::Tiles
            && let Some(rows) = self.kept(&url, meter, read.clone()).await?
        {
            return Ok(rows);
        }
        let http = self.inner.transport.service(url.reveal())?;
        let (mut attempt, mut missed) = (0, 0);
        let mut permit = self.permit(request, meter, &url).await?;
        let begin = Instant::now();
        loop {
            attempt += 1;
            let failure = match self.attempt(http, request, &url, meter, permit).await {
                Ok(answer) => match self.open(request, &url, answer, read.clone()).await? {
                    Ok(rows) => return Ok(rows),
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            let failure = failure.scrubbed(&self.inner.token);
            self.note_block(&url, &failure);
            missed += u32::from(matches!(failure, Failure::Missing));
            if missed > RETRIES_OF_MISSING.min(self.inner.options.retries())
                && let Some(tile) = request.tile()
            {
                meter.note_missing(tile);
                let empty = read(Vec::new()).map_err(Failure::Body);
                return empty.map_err(|failure| failure.give_up(request, url, attempt, begin.elapsed()));
            }
            let too_large = request.can_be_split() && failure.code() == Some(TOO_MUCH_DATA);
            let is_retried = !too_large && !request.is_sent_once();
            let pause = self.pause_after(&failure, attempt, begin.elapsed()).filter(|_| is_retried);
            let Some(pause) = pause else {
                return Err(failure.give_up(request, url, attempt, begin.elapsed()));
            };
            info!(%url, attempt, pause_ms = pause.as_millis(), reason = failure.reason(), "retrying");
            meter.retries.fetch_add(1, Ordering::Relaxed);
            meter.note_wait(pause);
            tokio::time::sleep(pause).await;
            permit = self.permit(request, meter, &url).await?;
        }
    }

    /// Waits until a request may be sent.
    pub(super) async fn permit(
        &self,
        request: &HttpRequest,
        meter: &Meter,
        url: &RedactedUrl,
    ) -> Result<Permit<'_>> {
        match self.inner.pacer.permit(request.endpoint(), &Ledger::host_of(url.reveal())).await {
            Ok(permit) => {
                meter.note_wait(permit.waited);
                Ok(permit)
            }
            Err(LongWait { limit, what, free_in }) => Err(Error::RateLimited {
                limit,
                endpoint: Some(request.endpoint()),
                what,
                url: url.clone(),
                retry_after: Some(free_in),
                was_sent: false,
            }),
        }
    }

    /// Reads a tile from the cache; `None` if it is not there or cannot be read.
    async fn kept<T, F>(&self, url: &RedactedUrl, meter: &Meter, read: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Send + 'static,
    {
        let Some(cache) = self.inner.cache.clone() else { return Ok(None) };
        let key = url.to_string();
        let rows = self.off_io(move || read(cache.read(&key)?).ok()).await?;
        meter.note_cache_hits(u64::from(rows.is_some()));
        Ok(rows)
    }

    /// Runs `work` on a thread for blocking work, on no more of them at once than there are cores.
    pub(crate) async fn off_io<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.inner.readers).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        match done.await {
            Ok(done) => Ok(done),
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Cancelled),
            },
        }
    }

    /// Sends a request once. Whole answers are judged later, off the I/O threads, since their bodies can be large.
    async fn attempt(
        &self,
        http: &reqwest::Client,
        request: &HttpRequest,
        url: &RedactedUrl,
        meter: &Meter,
        _permit: Permit<'_>,
    ) -> Result<RawAnswer, Failure> {
        let token = &self.inner.token;
        meter.note_request(request.endpoint());
        let sent = match request.endpoint() {
            // Tiles accept the token only in the URL: with the header they answer 403 (API v4, "Token forms").
            Endpoint::Tiles => {
                http.get(url.clone().with_parameter(ACCESS_TOKEN, token.reveal()).reveal().clone())
            }
            Endpoint::Entities | Endpoint::Searches => {
                http.get(url.reveal().clone()).header(AUTHORIZATION, authorization(token))
            }
        };
        let encoding = if is_local(url.reveal()) { "identity" } else { "gzip" };
        let sent = sent.header(ACCEPT_ENCODING, encoding).send();
        let response = sent.await.map_err(Failure::network)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = receive(response).await?;
        debug!(%url, %status, bytes = body.len(), "answered");
        meter.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        let base = self.inner.options.base_of(request.endpoint()).clone();
        let requested = Requested { endpoint: Some(request.endpoint()), url: url.clone(), base };
        let answer = RawAnswer { requested, status, headers, body };
        if answer.is_whole() { Ok(answer) } else { Err(answer.into_failure()) }
    }

    /// Decompresses and reads an answer. If it is a tile that could be read, writes it to the cache.
    async fn open<T, F>(
        &self,
        request: &HttpRequest,
        url: &RedactedUrl,
        answer: RawAnswer,
        read: F,
    ) -> Result<Result<T, Failure>>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Send + 'static,
    {
        let cache = self.inner.cache.clone().filter(|_| request.endpoint() == Endpoint::Tiles);
        let key = url.to_string();
        let open = move || {
            let body = answer.open()?;
            let Some(cache) = cache else { return read(body).map_err(Failure::Body) };
            let rows = read(body.clone()).map_err(Failure::Body)?;
            cache.write(&key, &body);
            Ok(rows)
        };
        self.off_io(open).await
    }

    /// If the failure is a block of this address, records it, so that nothing is sent before it ends.
    pub(super) fn note_block(&self, url: &RedactedUrl, failure: &Failure) {
        if let Failure::Service(Fault { kind: FaultKind::Blocked { lasts }, .. }) = failure {
            self.inner.pacer.note_block(&Ledger::host_of(url.reveal()), *lasts);
        }
    }

    /// How long to wait before the next attempt; `None` if a retry cannot help or no more retries are allowed.
    pub(super) fn pause_after(&self, failure: &Failure, attempt: u32, elapsed: Duration) -> Option<Duration> {
        let asked = match failure {
            Failure::Network { .. } | Failure::Missing => None,
            Failure::Body(unreadable) if unreadable.passing => None,
            Failure::Service(Fault { kind, .. }) => match kind {
                FaultKind::Passing { retry_after } | FaultKind::Throttled { retry_after } => *retry_after,
                FaultKind::Token | FaultKind::Blocked { .. } | FaultKind::Final => return None,
            },
            Failure::Body(_) => return None,
        };
        let pause = self.inner.backoff.pause(attempt, asked);
        let goes_on = attempt <= self.inner.options.retries()
            && elapsed.saturating_add(pause) <= self.inner.options.retry_timeout();
        goes_on.then_some(pause)
    }
}
