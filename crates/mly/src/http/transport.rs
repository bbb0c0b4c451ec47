//! Builds the two HTTP clients of a connection: one for the service, whose requests carry the token, and one for files.

use std::time::Duration;

use reqwest::redirect::Policy;

use super::options::Options;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Most redirects that are followed for a file.
pub(super) const MOST_REDIRECTS: usize = 5;

/// The HTTP client for tiles and the graph.
pub(super) fn for_service(options: &Options) -> reqwest::Result<reqwest::Client> {
    // The service only redirects addresses that it blocks, and following the redirect could leak the token to another
    // host.
    with_redirects(Policy::none(), options)
}

/// The HTTP client for files on other hosts. It follows redirects, and its requests never carry the token.
pub(super) fn for_files(options: &Options) -> reqwest::Result<reqwest::Client> {
    with_redirects(Policy::limited(MOST_REDIRECTS), options)
}

fn with_redirects(policy: Policy, options: &Options) -> reqwest::Result<reqwest::Client> {
    // This fails only if a provider is installed already, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .user_agent(concat!("mly/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        // Otherwise, the header `Referer` would tell the host of a redirect the URL that led there, with its signature.
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(options.timeout());
    if options.is_local() { http.no_proxy() } else { http }.build()
}
