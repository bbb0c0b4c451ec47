//! Requests whose answers are looked at as they came, for `mly doctor --record`. They are paced, counted and retried like
//! all others, and a block or a limit is an error here too.

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION};
use reqwest::{Response, Url};

use super::answer::{RawAnswer, Requested};
use super::body::{receive, unpack};
use super::connection::{Connection, authorization};
use super::failure::{Failure, Fault, FaultKind};
use super::meter::Meter;
use super::pacing::Permit;
use super::request::HttpRequest;
use crate::api::Endpoint;
use crate::api::errors::TOO_MUCH_DATA;
use crate::api::parameters::ACCESS_TOKEN;
use crate::error::{Error, Result};
use crate::redact::RedactedUrl;

/// A request whose answer is looked at as it comes.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Probe {
    /// Whose limit it counts against; `None` for a file on another host, which is requested without the token.
    pub endpoint: Option<Endpoint>,
    /// The path below the base URL, or the URL of a file.
    pub path: String,
    /// The parameters, without the token.
    pub query: Vec<(String, String)>,
    /// Whether the answer may be compressed with gzip.
    pub accepts_gzip: bool,
    /// Whether the token is in the header and not in the query.
    pub token_in_header: bool,
}

/// An answer as it came.
#[doc(hidden)]
#[derive(Debug)]
pub struct Observed {
    /// HTTP status.
    pub status: u16,
    /// Such as `HTTP/1.1`.
    pub http_version: String,
    /// Names in lower case, and values; bytes that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Size of the body as it was sent.
    pub sent_bytes: usize,
    /// Whether it was sent as gzip.
    pub is_packed: bool,
    /// Time from the request to the end of the answer.
    pub took: Duration,
    /// What it would be to a caller that wants its rows, if it is an error.
    pub error: Option<Error>,
}

impl Connection {
    /// Sends a request and returns its answer, whatever the status is.
    ///
    /// # Errors
    /// A block, a limit, and a network that still fails after retries.
    pub(crate) async fn observe(&self, probe: &Probe) -> Result<Observed> {
        let parameters =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&probe.query).finish();
        let endpoint = probe.endpoint.unwrap_or(Endpoint::Entities);
        let request = HttpRequest::of_path(endpoint, &probe.path, &parameters);
        let url = match probe.endpoint {
            Some(_) => self.options().url_of(&request),
            None => RedactedUrl::new(file_url(&probe.path)?),
        };
        let http = match probe.endpoint {
            Some(_) => self.service(url.reveal())?,
            None => self.files(url.reveal())?,
        };
        let begin = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            // Hosts of files have no limit.
            let permit = match probe.endpoint {
                Some(_) => Some(self.permit(&request, &Meter::default(), &url).await?),
                None => None,
            };
            let (observed, failure) = match self.observe_once(http, probe, &url, permit).await {
                Ok(answer) => answer,
                Err(failure) => (None, Some(failure)),
            };
            let Some(failure) = failure.map(|failure| failure.scrubbed(self.token())) else {
                return observed.ok_or_else(|| Error::internal("a request without an answer"));
            };
            self.note_block(&url, &failure);
            let passes = match &failure {
                Failure::Network { .. } => true,
                Failure::Service(Fault { kind: FaultKind::Passing { .. }, code, .. }) => {
                    *code != Some(TOO_MUCH_DATA)
                }
                _ => false,
            };
            if let Some(pause) = self.pause_after(&failure, attempt, begin.elapsed()).filter(|_| passes) {
                tokio::time::sleep(pause).await;
                continue;
            }
            let ends = probe.endpoint.is_some()
                && matches!(
                    &failure,
                    Failure::Service(Fault {
                        kind: FaultKind::Blocked { .. } | FaultKind::Throttled { .. },
                        ..
                    })
                );
            let error = match probe.endpoint {
                Some(_) => failure.give_up(&request, url.clone(), attempt, begin.elapsed()),
                None => {
                    failure.give_up_file(&RedactedUrl::new(without_query(&url)), attempt, begin.elapsed())
                }
            };
            return match observed {
                Some(observed) if !ends => Ok(Observed { error: Some(error), ..observed }),
                _ => Err(error),
            };
        }
    }

    /// The answer to one attempt, and the failure that it is, if it is one.
    async fn observe_once(
        &self,
        http: &reqwest::Client,
        probe: &Probe,
        url: &RedactedUrl,
        _permit: Option<Permit<'_>>,
    ) -> Result<(Option<Observed>, Option<Failure>), Failure> {
        let begin = Instant::now();
        let response = self.send(http, probe, url).await.map_err(Failure::network)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let http_version = format!("{:?}", response.version());
        let body = receive(response).await?;
        let took = begin.elapsed();
        let (sent_bytes, is_packed) = (body.len(), body.starts_with(&[0x1f, 0x8b]));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let named = headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let named = named.collect();
        let base = probe.endpoint.map_or(url.reveal(), |endpoint| self.options().base_of(endpoint)).clone();
        let requested = Requested { endpoint: probe.endpoint, url: url.clone(), base };
        let answer = RawAnswer { requested, status, headers, body: body.clone() };
        let failure = if answer.is_whole() { answer.open().err() } else { Some(answer.into_failure()) };
        // A body that cannot be unpacked is looked at as it is.
        let body = unpack(body.clone()).unwrap_or(body);
        let status = status.as_u16();
        let observed =
            Observed { status, http_version, headers: named, body, sent_bytes, is_packed, took, error: None };
        Ok((Some(observed), failure))
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        probe: &Probe,
        url: &RedactedUrl,
    ) -> reqwest::Result<Response> {
        let encoding = if probe.accepts_gzip { "gzip" } else { "identity" };
        let request = match (probe.endpoint, probe.token_in_header) {
            (None, _) => http.get(url.reveal().clone()),
            (Some(_), true) => {
                http.get(url.reveal().clone()).header(AUTHORIZATION, authorization(self.token()))
            }
            (Some(_), false) => {
                let url = url.clone().with_parameter(ACCESS_TOKEN, self.token().reveal());
                http.get(url.reveal().clone())
            }
        };
        request.header(ACCEPT_ENCODING, encoding).send().await
    }
}

fn file_url(address: &str) -> Result<Url> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| Error::Decode {
        subject: "the URL of a file".to_owned(),
        tile: None,
        what: "it is not an http URL".to_owned(),
        offset: None,
    })
}

/// The URL of a file without its signature.
fn without_query(url: &RedactedUrl) -> Url {
    let mut url = url.reveal().clone();
    url.set_query(None);
    url
}
