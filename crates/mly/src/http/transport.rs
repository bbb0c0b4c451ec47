//! The HTTP clients of a connection: for the service, whose requests carry the token, and for files. Each kind has one
//! for hosts elsewhere, which uses the proxies of the environment, and one for programs on this machine.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::certificates;
use super::options::Options;
use crate::api::hosts::is_local;
use crate::error::{Error, Result};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Most redirects that are followed for a file.
pub(super) const MOST_REDIRECTS: usize = 5;

/// The HTTP clients, each made when it is first needed, since to load certificates takes a while.
#[derive(Debug)]
pub(super) struct Transport {
    timeout: Duration,
    service: ClientPair,
    files: ClientPair,
}

impl Transport {
    pub(super) fn new(options: &Options) -> Self {
        Self { timeout: options.timeout(), service: ClientPair::default(), files: ClientPair::default() }
    }

    /// The HTTP client for tiles and the graph at this URL.
    ///
    /// # Errors
    /// [`Error::Input`] when the certificates of this machine cannot be read and the URL needs them.
    pub(super) fn service(&self, url: &Url) -> Result<&Client> {
        // The service only redirects addresses that it blocks, and following the redirect could leak the token to another
        // host.
        self.service.of(url, |is_local| with_redirects(Policy::none(), self.timeout, is_local))
    }

    /// The HTTP client for a file at this URL. It follows redirects, and its requests never carry the token.
    ///
    /// # Errors
    /// [`Error::Input`] when the certificates of this machine cannot be read and the URL needs them.
    pub(super) fn files(&self, url: &Url) -> Result<&Client> {
        let policy = || Policy::limited(MOST_REDIRECTS);
        self.files.of(url, |is_local| with_redirects(policy(), self.timeout, is_local))
    }
}

/// The two clients of a kind.
#[derive(Debug, Default)]
struct ClientPair {
    local: OnceLock<Built>,
    elsewhere: OnceLock<Built>,
}

/// A client, or one that can only speak http, and why.
#[derive(Debug)]
struct Built {
    client: Client,
    without_tls: Option<certificates::Problem>,
}

impl ClientPair {
    fn of(&self, url: &Url, make: impl Fn(bool) -> reqwest::ClientBuilder) -> Result<&Client> {
        let is_local = is_local(url);
        let slot = if is_local { &self.local } else { &self.elsewhere };
        let built = if let Some(built) = slot.get() {
            built
        } else {
            let built = Built::new(|| make(is_local))?;
            slot.get_or_init(|| built)
        };
        match &built.without_tls {
            Some(problem) if url.scheme() == "https" => Err(problem.error()),
            _ => Ok(&built.client),
        }
    }
}

impl Built {
    fn new(make: impl Fn() -> reqwest::ClientBuilder) -> Result<Self> {
        let unfit = |e| Error::internal("no HTTP client can be made").with_source(e);
        match make().build() {
            Ok(client) => Ok(Self { client, without_tls: None }),
            Err(error) => {
                // Without certificates, no https server can be trusted. A service on this machine needs none.
                let problem = certificates::Problem::find(&error);
                let client = make().tls_certs_only([]).build().map_err(unfit)?;
                Ok(Self { client, without_tls: Some(problem) })
            }
        }
    }
}

fn with_redirects(policy: Policy, timeout: Duration, is_local: bool) -> reqwest::ClientBuilder {
    // This fails only if a provider is installed already, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder()
        .user_agent(concat!("mly/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        // Otherwise, the header `Referer` would tell the host of a redirect the URL that led there, with its signature.
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout);
    // A proxy could not reach a program on this machine.
    if is_local { http.no_proxy() } else { http }
}
