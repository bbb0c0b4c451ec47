//! The settings of a client.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::request::HttpRequest;
use crate::api::Endpoint;
use crate::api::hosts::{GRAPH_URL, TILES_URL, is_official};
use crate::api::limits;
use crate::env::{Environment, parse_base_url};
use crate::error::Result;
use crate::plan::{Plan, Request};
use crate::redact::{RedactedUrl, Token};
use crate::store::{Cache, Clock, Limits};

/// Settings of a [`Client`](crate::Client), with defaults that suit the official service.
///
/// Each setting `x` is set by `with_x(self, value)` and read by `x()`. [`Options::with_environment`] fills in what is
/// not set from environment variables.
///
/// ```
/// use std::time::Duration;
/// use mly::{Options, Token};
///
/// let token = Token::new("MLY|1|secret").expect("a token");
/// let options = Options::default().with_token(token).with_timeout(Duration::from_secs(60));
/// assert_eq!(options.concurrency(), 8);
/// ```
#[derive(Clone, Default)]
pub struct Options {
    token: Option<Token>,
    graph_url: Option<Url>,
    tiles_url: Option<Url>,
    tiles_per_minute: Option<u32>,
    tiles_per_day: Option<u32>,
    cache_dir: Option<PathBuf>,
    ledger_dir: Option<PathBuf>,
    clock: Clock,
    plain: Plain,
}

/// Declares settings that are just a number or a duration. One row gives the field, default, setter, getter and
/// documentation.
macro_rules! plain_settings {
    ($($(#[doc = $doc:literal])+ $name:ident, $with:ident: $kind:ty = $default:expr;)+) => {
        #[derive(Clone, Debug)]
        struct Plain { $($name: $kind,)+ }

        impl Default for Plain {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Options {
            $(
                $(#[doc = $doc])+
                #[must_use]
                pub fn $with(mut self, $name: $kind) -> Self {
                    self.plain.$name = $name;
                    self
                }

                $(#[doc = $doc])+
                pub fn $name(&self) -> $kind {
                    self.plain.$name
                }
            )+
        }
    };
}

plain_settings! {
    /// Requests in flight at once, at least 1; 8 by default.
    concurrency, with_concurrency: usize = 8;
    /// How often a failed request is retried at most; 5 by default, 0 never retries.
    retries, with_retries: u32 = 5;
    /// Longest time from sending a request to the end of its answer; 2 minutes by default.
    timeout, with_timeout: Duration = Duration::from_secs(120);
    /// Upper bound of the pause before the first retry; 0.5 s by default. It doubles with each retry, up to a minute.
    /// The pause is a random part of it.
    init_backoff, with_init_backoff: Duration = Duration::from_millis(500);
    /// Longest time for one request with all of its retries; 10 minutes by default.
    retry_timeout, with_retry_timeout: Duration = Duration::from_secs(600);
    /// Greatest age of a tile in the cache; older tiles are requested again. 7 days by default.
    max_age, with_max_age: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// Most bytes of the cache of tiles, compressed; 4 GiB by default. When it is full, the least recently used tiles
    /// are removed.
    cache_bytes, with_cache_bytes: u64 = 4 << 30;
    /// Seed of the random part of pauses; 0 by default. Give each process another seed, so that processes that failed
    /// at the same time do not retry at the same time.
    seed, with_seed: u64 = 0;
}

impl Options {
    /// The access token, without which no client can be made.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The access token, if one is set.
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// One base URL for everything, such as that of an emulator.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the text is no http or https URL.
    pub fn with_base_url(self, url: &str) -> Result<Self> {
        let url = parse_base_url(url)?;
        Ok(self.with_graph_url(url.clone()).with_tiles_url(url))
    }

    /// Base URL of entities and searches, to which paths are appended; `https://graph.mapillary.com` by default.
    #[must_use]
    pub fn with_graph_url(mut self, url: Url) -> Self {
        self.graph_url = Some(url);
        self
    }

    /// Base URL of entities and searches, to which paths are appended.
    pub fn graph_url(&self) -> &Url {
        self.graph_url.as_ref().unwrap_or(&GRAPH_URL)
    }

    /// Base URL of vector tiles, to which paths are appended; `https://tiles.mapillary.com` by default.
    #[must_use]
    pub fn with_tiles_url(mut self, url: Url) -> Self {
        self.tiles_url = Some(url);
        self
    }

    /// Base URL of vector tiles, to which paths are appended.
    pub fn tiles_url(&self) -> &Url {
        self.tiles_url.as_ref().unwrap_or(&TILES_URL)
    }

    /// Tiles per minute at most; 0 is no limit. 40 by default for the official host, no limit for others.
    #[must_use]
    pub fn with_tiles_per_minute(mut self, count: u32) -> Self {
        self.tiles_per_minute = Some(count);
        self
    }

    /// The limit of tiles per minute, if there is one.
    pub fn tiles_per_minute(&self) -> Option<u32> {
        limit(self.tiles_url(), self.tiles_per_minute, limits::PACED_TILES_PER_MINUTE)
    }

    /// Tiles in 24 hours at most; 0 is no limit. 10,000 by default for the official host, no limit for others.
    #[must_use]
    pub fn with_tiles_per_day(mut self, count: u32) -> Self {
        self.tiles_per_day = Some(count);
        self
    }

    /// The limit of tiles in 24 hours, if there is one.
    pub fn tiles_per_day(&self) -> Option<u32> {
        limit(self.tiles_url(), self.tiles_per_day, limits::PACED_TILES_PER_DAY)
    }

    /// Divides the limits of tiles by `parts`: for processes that share the limits but no ledger, for example on
    /// several machines.
    #[must_use]
    pub fn with_limits_shared_by(mut self, parts: u32) -> Self {
        let share = |limit: u32| (limit / parts.max(1)).max(1);
        self.tiles_per_minute = self.tiles_per_minute().map(share).or(self.tiles_per_minute);
        self.tiles_per_day = self.tiles_per_day().map(share).or(self.tiles_per_day);
        self
    }

    /// Folder of the cache of tiles; `None`, the default, caches nothing. If the folder cannot be used, the client
    /// works without a cache and says why in [`Client::warnings`](crate::Client::warnings).
    #[must_use]
    pub fn with_cache_dir(mut self, folder: impl Into<Option<PathBuf>>) -> Self {
        self.cache_dir = folder.into();
        self
    }

    /// Folder of the cache of tiles, if there is one.
    pub fn cache_dir(&self) -> Option<&Path> {
        self.cache_dir.as_deref()
    }

    /// Folder of the [`Ledger`](crate::store::Ledger) of requests. All processes of this machine that name the same
    /// folder keep to the limits together; with `None`, the default, each client counts only its own requests.
    #[must_use]
    pub fn with_ledger_dir(mut self, folder: impl Into<Option<PathBuf>>) -> Self {
        self.ledger_dir = folder.into();
        self
    }

    /// Folder of the ledger of requests, if there is one.
    pub fn ledger_dir(&self) -> Option<&Path> {
        self.ledger_dir.as_deref()
    }

    /// The clock for the age of tiles and for the limits; the system's clock by default.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The clock for the age of tiles and for the limits.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Fills in what is not set from environment variables: the token, the base URLs, and the folder of cache and
    /// ledger if neither of them is set. [`Environment`] lists the variables.
    ///
    /// Call this after the setters: a variable is read only if its setting is not set, so that a wrong value in it does
    /// no harm otherwise. If no variable has a token, the options have none.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when a variable that is read does not hold a valid token or
    /// URL.
    pub fn with_environment(mut self, environment: &Environment) -> Result<Self> {
        self.token = environment.token(self.token)?.map(|setting| setting.value);
        let graph_url = environment.graph_url(self.graph_url)?.value;
        let tiles_url = environment.tiles_url(self.tiles_url)?.value;
        if self.cache_dir.is_none() && self.ledger_dir.is_none() {
            let folder = environment.data_dir(None, [&graph_url, &tiles_url]);
            self.ledger_dir = folder.map(|setting| setting.value);
            self.cache_dir.clone_from(&self.ledger_dir);
        }
        (self.graph_url, self.tiles_url) = (Some(graph_url), Some(tiles_url));
        if self.seed() == 0 {
            self = self.with_seed(environment.seed());
        }
        Ok(self)
    }

    /// The base URL of an endpoint.
    pub(super) fn base_of(&self, endpoint: Endpoint) -> &Url {
        match endpoint {
            Endpoint::Tiles => self.tiles_url(),
            Endpoint::Entities | Endpoint::Searches => self.graph_url(),
        }
    }

    /// The URL of a request without the token. For tiles it is their key in the cache.
    pub(super) fn url_of(&self, request: &HttpRequest) -> RedactedUrl {
        let mut url = self.base_of(request.endpoint()).clone();
        let path = format!("{}/{}", url.path().trim_end_matches('/'), request.path());
        url.set_path(&path);
        let parameters = request.parameters();
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        RedactedUrl::new(url)
    }

    /// How many tiles of a plan are in the cache and not too old, and so are not requested. Without a cache, or with one
    /// that cannot be read, it is 0.
    pub fn cached_tiles(&self, plan: &Plan) -> u64 {
        let cache = self
            .cache_dir()
            .filter(|dir| Cache::file_in(dir).exists())
            .and_then(|dir| Cache::open(dir, self.max_age(), self.cache_bytes(), self.clock.clone()).ok());
        let keys = cache.and_then(|cache| cache.fresh_keys().ok()).unwrap_or_default();
        if keys.is_empty() {
            return 0;
        }
        let is_cached = |request: &Request| match request {
            Request::Tile(tile) => keys.contains(&self.url_of(&tile.into()).to_string()),
            Request::Graph(_) => false,
        };
        plan.requests().filter(is_cached).count() as u64
    }

    /// The limits in force for an endpoint.
    pub(crate) fn limits(&self, endpoint: Endpoint) -> Limits {
        let graph = |paced| Limits { per_minute: limit(self.graph_url(), None, paced), per_day: None };
        match endpoint {
            Endpoint::Tiles => Limits { per_minute: self.tiles_per_minute(), per_day: self.tiles_per_day() },
            Endpoint::Entities => graph(limits::PACED_ENTITIES_PER_MINUTE),
            Endpoint::Searches => graph(limits::PACED_SEARCHES_PER_MINUTE),
        }
    }
}

/// The limit that was set, or the default limit of official hosts if `url` is one of them. 0 is no limit.
fn limit(url: &Url, set: Option<u32>, official: u32) -> Option<u32> {
    set.or(is_official(url).then_some(official)).filter(|count| *count > 0)
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Url| RedactedUrl::new(url.clone());
        f.debug_struct("Options")
            .field("token", &self.token)
            .field("graph_url", &url(self.graph_url()))
            .field("tiles_url", &url(self.tiles_url()))
            .field("tiles_per_minute", &self.tiles_per_minute())
            .field("tiles_per_day", &self.tiles_per_day())
            .field("cache_dir", &self.cache_dir)
            .field("ledger_dir", &self.ledger_dir)
            .field("plain", &self.plain)
            .finish_non_exhaustive()
    }
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
        assert_eq!(tiles(&official), (Some(40), Some(10_000)));
        let local = Options::default().with_base_url("http://localhost:1").unwrap();
        assert_eq!(tiles(&local), (None, None));
        assert_eq!(local.limits(Endpoint::Entities), Limits::default());
        let namesake = Options::default().with_base_url("http://notmapillary.com").unwrap();
        assert_eq!(tiles(&namesake), (None, None));
        assert_eq!(tiles(&local.with_tiles_per_minute(9)).0, Some(9));
        assert_eq!(tiles(&official.with_tiles_per_minute(0)).0, None);
    }

    #[test]
    fn shared_limits_are_at_least_one_and_no_limit_stays_none() {
        let shared = Options::default().with_tiles_per_day(0).with_limits_shared_by(100);
        assert_eq!((shared.tiles_per_minute(), shared.tiles_per_day()), (Some(1), None));
    }

    #[test]
    fn what_is_set_comes_before_variables_and_these_before_defaults() {
        let environment = Environment::of([
            ("MAPILLARY_TOKEN", "MLY|1|variable"),
            ("MAPILLARY_GRAPH_URL", "http://graph.example"),
            ("MAPILLARY_TILES_URL", "no URL"),
            ("MLY_CACHE_DIR", "/cache"),
        ]);
        let tiles = Url::parse("http://tiles.example").unwrap();
        let options =
            Options::default().with_tiles_url(tiles.clone()).with_environment(&environment).unwrap();
        assert_eq!(options.token(), Token::new("MLY|1|variable").as_ref());
        assert_eq!((options.graph_url().as_str(), options.tiles_url()), ("http://graph.example/", &tiles));
        assert_eq!(
            (options.cache_dir(), options.ledger_dir()),
            (Some("/cache".as_ref()), Some("/cache".as_ref()))
        );
        assert!(
            Options::default().with_environment(&environment).is_err(),
            "the URL of the tiles is needed now"
        );
        let none = Options::default().with_environment(&Environment::of([])).unwrap();
        assert_eq!((none.token(), none.graph_url(), none.cache_dir()), (None, &*GRAPH_URL, None));
    }
}
