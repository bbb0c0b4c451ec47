//! The two HTTP clients of a connection: one for the service, which knows the token, and one for files.

use std::time::Duration;

use reqwest::redirect::Policy;

use super::options::Options;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Hosts of files redirect at times.
pub(super) const MOST_REDIRECTS: usize = 5;

/// The HTTP client for tiles and the graph.
pub(super) fn for_service(options: &Options) -> reqwest::Result<reqwest::Client> {
    // A redirect is the block of this address, and following it would leak the token to another host.
    with_redirects(Policy::none(), options)
}

/// The HTTP client for files, which are on other hosts: it follows redirects, and no request of it carries the token.
pub(super) fn for_files(options: &Options) -> reqwest::Result<reqwest::Client> {
    with_redirects(Policy::limited(MOST_REDIRECTS), options)
}

fn with_redirects(policy: Policy, options: &Options) -> reqwest::Result<reqwest::Client> {
    // Fails only when a provider is installed already, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .user_agent(concat!("mly/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        // Without it, the address of the page before would be told to the host of the next one.
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(options.timeout());
    if options.is_local() { http.no_proxy() } else { http }.build()
}
