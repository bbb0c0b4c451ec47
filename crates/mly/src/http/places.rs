//! Asks a service for places by their names. It is another service than that of images: no request has the token.

use std::time::{Duration, Instant};

use reqwest::{StatusCode, Url};
use tracing::{debug, info};

use super::options::Options;
use super::transport::Transport;
use crate::api::hosts::is_local;
use crate::error::{Error, Limit, Result};
use crate::redact::RedactedUrl;

/// How often a request is sent before it is given up. Few, since the service is free and shared.
const ATTEMPTS: u32 = 3;

/// Pause before a retry, times the number of attempts so far; the service allows one request a second.
const PAUSE: Duration = Duration::from_secs(2);

/// The same for a service on this machine, which serves nobody else.
const LOCAL_PAUSE: Duration = Duration::from_millis(50);

/// Most bytes of an answer. The outlines of ten countries have less.
const MOST_BYTES: usize = 64 << 20;

/// The connection to a service of places.
#[derive(Debug)]
pub(crate) struct PlaceConnection {
    transport: Transport,
}

impl PlaceConnection {
    /// A connection that waits so long for an answer.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { transport: Transport::new(&Options::default().with_timeout(timeout)) }
    }

    /// The text that the service answers, once `check` can read it.
    pub(crate) async fn text<T>(
        &self,
        url: &Url,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<String> {
        let http = self.transport.files(url)?;
        let begin = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (what, source) = match once(http, url).await? {
                Ok(text) => match check(&text) {
                    Ok(_) => return Ok(text),
                    Err(_) if text.trim_start().starts_with('<') => {
                        ("the place service answered with a web page".to_owned(), None)
                    }
                    Err(why) => (format!("the answer of the place service cannot be read: {why}"), None),
                },
                Err(passing) => passing,
            };
            let shown = RedactedUrl::new(url.clone());
            if attempts == ATTEMPTS {
                let source = source.map(Into::into);
                return Err(Error::Transport {
                    what,
                    url: shown,
                    attempts,
                    elapsed: begin.elapsed(),
                    source,
                });
            }
            info!(url = %shown, attempts, what, "retrying");
            let pause = if is_local(url) { LOCAL_PAUSE } else { PAUSE };
            tokio::time::sleep(pause * attempts).await;
        }
    }

    /// The error for an answer that cannot be read.
    #[expect(clippy::unused_self, reason = "it belongs to the connection that gave the answer")]
    pub(crate) fn unreadable(&self, url: &Url, what: String) -> Error {
        let subject = format!("the answer of {}", RedactedUrl::new(url.clone()));
        Error::Decode { subject, tile: None, what, offset: None }
    }
}

/// What may pass: a message, and the error of the HTTP library if there was one.
type Passing = (String, Option<reqwest::Error>);

/// Sends the request once. Errors that a retry does not change are those of the outer result.
async fn once(http: &reqwest::Client, url: &Url) -> Result<Result<String, Passing>> {
    let network = |error: reqwest::Error| {
        let what = if error.is_timeout() {
            "the place service did not answer in time"
        } else {
            "the place service could not be reached"
        };
        Ok(Err((what.to_owned(), Some(error.without_url()))))
    };
    let mut response = match http.get(url.clone()).send().await {
        Ok(response) => response,
        Err(error) => return network(error),
    };
    let status = response.status();
    debug!(%status, "place service answered");
    let shown = || RedactedUrl::new(url.clone());
    match status {
        StatusCode::OK => {}
        StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN => {
            return Err(Error::RateLimited {
                limit: Limit::Throttled,
                endpoint: None,
                what: format!(
                    "the place service refuses requests from this address (status {})",
                    status.as_u16()
                ),
                url: shown(),
                retry_after: None,
                was_sent: true,
            });
        }
        status if status.is_server_error() => {
            return Ok(Err((format!("the place service answered with status {}", status.as_u16()), None)));
        }
        status => {
            let what = "the place service refused the request".to_owned();
            return Err(Error::Api { what, status: status.as_u16(), code: None, url: shown() });
        }
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(part)) if body.len() + part.len() <= MOST_BYTES => body.extend_from_slice(&part),
            Ok(Some(_)) => {
                return Ok(Err(("the answer of the place service is larger than 64 MB".to_owned(), None)));
            }
            Ok(None) => break,
            Err(error) => return network(error),
        }
    }
    Ok(String::from_utf8(body)
        .map_err(|error| (format!("the answer of the place service is no text: {error}"), None)))
}
