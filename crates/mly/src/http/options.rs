//! How a client talks to the service.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

use crate::api::Endpoint;
use crate::error::{Error, Result};
use crate::redact::{RedactedUrl, Token};
use crate::store::{Clock, Limits};

const GRAPH_URL: &str = "https://graph.mapillary.com";
const TILES_URL: &str = "https://tiles.mapillary.com";

/// Tiles a minute from the official host unless told otherwise.
///
/// The documented limit is one per day; addresses that took 370 a minute were blocked, and so was one at 60
/// (API v4, "Rate limits").
const OFFICIAL_TILES_PER_MINUTE: u32 = 50;

/// Tiles a day from the official host, as documented.
const OFFICIAL_TILES_PER_DAY: u32 = 50_000;

/// Look-ups a minute from the official host: a tenth of what is documented (API v4, "Rate limits").
const OFFICIAL_ENTITIES_PER_MINUTE: u32 = 6_000;

/// Searches a minute from the official host: a tenth of what is documented.
const OFFICIAL_SEARCHES_PER_MINUTE: u32 = 1_000;

/// Settings of a [`Client`](crate::Client); every field has a default that suits the official service.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Access token. Needed before anything is sent.
    pub token: Option<Token>,
    /// Base URL of entities and searches; paths are appended.
    pub graph_url: Url,
    /// Base URL of vector tiles; paths are appended.
    pub tiles_url: Url,
    /// Requests under way at once, at least 1.
    pub concurrency: usize,
    /// How often a failed request is sent again.
    pub retries: u32,
    /// Longest wait for one whole answer.
    pub timeout: Duration,
    /// Pause before the first repetition; it doubles each time, and a random part of it is waited.
    pub init_backoff: Duration,
    /// Longest time for one request with all its repetitions.
    pub retry_timeout: Duration,
    /// Tiles a minute at most; 0 is no limit, `None` is 50 for the official host and no limit elsewhere.
    pub tiles_per_minute: Option<u32>,
    /// Tiles in 24 hours at most; 0 is no limit, `None` is 50,000 for the official host and no limit elsewhere.
    pub tiles_per_day: Option<u32>,
    /// Folder of the tiles that are kept; `None` keeps none. A folder that cannot be used is done without.
    pub cache_dir: Option<PathBuf>,
    /// Tiles that were kept for longer are asked for again.
    pub max_age: Duration,
    /// Most bytes of kept tiles, as they are stored.
    pub cache_bytes: u64,
    /// Folder in which is kept what was asked, so that limits hold over processes; `None` counts in memory only.
    pub ledger_dir: Option<PathBuf>,
    /// Tells the time: age of tiles, and what was asked when.
    pub clock: Clock,
    /// Where the random part of pauses begins, so that tests can repeat it.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "two constants that a test parses")]
        let url = |text: &str| Url::parse(text).expect("a constant URL");
        Self {
            token: None,
            graph_url: url(GRAPH_URL),
            tiles_url: url(TILES_URL),
            concurrency: 8,
            retries: 5,
            timeout: Duration::from_secs(120),
            init_backoff: Duration::from_millis(500),
            retry_timeout: Duration::from_secs(600),
            tiles_per_minute: None,
            tiles_per_day: None,
            cache_dir: None,
            max_age: Duration::from_secs(7 * 24 * 60 * 60),
            cache_bytes: 4 << 30,
            ledger_dir: None,
            clock: Clock::default(),
            seed: 0,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Url| RedactedUrl::new(url.clone());
        f.debug_struct("Options")
            .field("token", &self.token)
            .field("graph_url", &url(&self.graph_url))
            .field("tiles_url", &url(&self.tiles_url))
            .field("concurrency", &self.concurrency)
            .field("retries", &self.retries)
            .field("timeout", &self.timeout)
            .field("init_backoff", &self.init_backoff)
            .field("retry_timeout", &self.retry_timeout)
            .field("tiles_per_minute", &self.tiles_per_minute)
            .field("tiles_per_day", &self.tiles_per_day)
            .field("cache_dir", &self.cache_dir)
            .field("max_age", &self.max_age)
            .field("cache_bytes", &self.cache_bytes)
            .field("ledger_dir", &self.ledger_dir)
            .field("clock", &self.clock)
            .field("seed", &self.seed)
            .finish()
    }
}

impl Options {
    /// Sets the token.
    #[must_use = "the token is in the returned options"]
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Sends everything to one base URL, such as that of an emulator.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is no http or https URL.
    pub fn base_url(mut self, url: &str) -> Result<Self> {
        self.graph_url = parse_base_url(url)?;
        self.tiles_url = self.graph_url.clone();
        Ok(self)
    }

    /// These settings for one of `parts` processes on as many machines, which keep to the limits together.
    #[must_use = "the smaller limits are in the returned options"]
    pub fn shared_by(mut self, parts: u32) -> Self {
        let Limits { per_minute, per_day } = self.limits(Endpoint::Tiles);
        let share = |limit: u32| (limit / parts.max(1)).max(1);
        self.tiles_per_minute = per_minute.map(share).or(self.tiles_per_minute);
        self.tiles_per_day = per_day.map(share).or(self.tiles_per_day);
        self
    }

    /// The most tiles in a minute and in a day, if there are such limits.
    pub fn tile_limits(&self) -> (Option<u32>, Option<u32>) {
        let Limits { per_minute, per_day } = self.limits(Endpoint::Tiles);
        (per_minute, per_day)
    }

    /// The limits in force for an endpoint.
    pub(crate) fn limits(&self, endpoint: Endpoint) -> Limits {
        match endpoint {
            Endpoint::Tiles => Limits {
                per_minute: limit(&self.tiles_url, self.tiles_per_minute, OFFICIAL_TILES_PER_MINUTE),
                per_day: limit(&self.tiles_url, self.tiles_per_day, OFFICIAL_TILES_PER_DAY),
            },
            Endpoint::Entities => Limits {
                per_minute: limit(&self.graph_url, None, OFFICIAL_ENTITIES_PER_MINUTE),
                per_day: None,
            },
            Endpoint::Searches => Limits {
                per_minute: limit(&self.graph_url, None, OFFICIAL_SEARCHES_PER_MINUTE),
                per_day: None,
            },
        }
    }

    /// Whether the service is a program on this machine: compression would cost more than it saves, and a proxy of the
    /// network cannot reach it.
    pub(super) fn is_local(&self) -> bool {
        match self.tiles_url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

/// What was asked, or the limit of the official host when it is that one; 0 is no limit.
fn limit(url: &Url, asked: Option<u32>, official: u32) -> Option<u32> {
    let is_official =
        url.domain().is_some_and(|name| name == "mapillary.com" || name.ends_with(".mapillary.com"));
    asked.or(is_official.then_some(official)).filter(|n| *n > 0)
}

/// A base URL that paths can be appended to.
///
/// # Errors
/// [`Error::InvalidQuery`] when the text is no http or https URL.
pub fn parse_base_url(text: &str) -> Result<Url> {
    // What stands before an @ may be a password.
    let shown = text.rsplit('@').next().unwrap_or_default();
    let url = Url::parse(text.trim()).map_err(|e| {
        Error::query(format!("`{shown}` is not a URL: {e}"))
            .with_hint("give a base URL such as http://localhost:8642")
    })?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Error::query(format!("`{shown}` is not an http or https URL"))
            .with_hint("give a base URL such as http://localhost:8642"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_official_host_is_paced_unless_asked() {
        let tiles = |options: &Options| {
            let Limits { per_minute, per_day } = options.limits(Endpoint::Tiles);
            (per_minute, per_day)
        };
        let official = Options::default();
        assert_eq!(tiles(&official), (Some(50), Some(50_000)));
        let local = Options::default().base_url("http://localhost:1").unwrap();
        assert_eq!(tiles(&local), (None, None));
        assert_eq!(local.limits(Endpoint::Entities), Limits::default());
        let namesake = Options::default().base_url("http://notmapillary.com").unwrap();
        assert_eq!(tiles(&namesake), (None, None));
        assert_eq!(tiles(&Options { tiles_per_minute: Some(9), ..local }).0, Some(9));
        assert_eq!(tiles(&Options { tiles_per_minute: Some(0), ..official }).0, None);
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, local) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(Options::default().base_url(url).unwrap().is_local(), local, "{url}");
        }
        assert!(!Options::default().is_local());
    }

    #[test]
    fn a_base_url_is_http() {
        assert!(parse_base_url("http://localhost:1/api").is_ok());
        for bad in ["", "localhost:1", "ftp://x", "/tiles", "http://"] {
            assert!(parse_base_url(bad).is_err(), "{bad}");
        }
    }
}
