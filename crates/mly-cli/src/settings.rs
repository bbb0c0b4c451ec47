//! Settings from arguments, environment variables and defaults.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use mly::{Options, Token, parse_base_url};
use mly_emulator::{Emulator, World};
use url::Url;

use crate::args::{KeptArgs, ServiceArgs};
use crate::exit::Failure;
use crate::kept;

const TOKEN_VARIABLES: [&str; 2] = ["MAPILLARY_TOKEN", "MAPILLARY_ACCESS_TOKEN"];

/// The environment variables, passed as a value so that tests can choose them.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    /// Seed of the random part of pauses between retries.
    seed: u64,
}

impl Environment {
    /// The environment of this process; variables that are not UTF-8 are treated as unset.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let variables = std::env::vars_os().filter_map(text).collect();
        // With different seeds, processes that fail at the same moment do not all retry at the same moment.
        Self { variables, seed: u64::from(std::process::id()) }
    }

    /// An environment of just these variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Self { variables, seed: 0 }
    }

    /// A variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|v| !v.trim().is_empty())
    }
}

/// A setting, and where it was found.
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) source: &'static str,
}

/// The service to use, and its settings. Each is resolved when it is needed.
pub(crate) struct Service<'a> {
    args: &'a ServiceArgs,
    environment: &'a Environment,
    defaults: Options,
    /// The emulator behind `--demo`; it runs as long as the command.
    demo: Option<Emulator>,
}

impl<'a> Service<'a> {
    /// For a demo, starts the emulator inside this process.
    pub(crate) fn new(args: &'a ServiceArgs, environment: &'a Environment) -> Result<Self, Failure> {
        let demo = args.demo.then(|| Emulator::start(World::demo())).transpose().map_err(Failure::ours)?;
        Ok(Self { args, environment, defaults: Options::default(), demo })
    }

    pub(crate) fn token(&self) -> Result<Setting<Token>, Failure> {
        let demo = self.demo.as_ref().map(|emulator| Setting { value: emulator.token(), source: "the demo" });
        let Some(Setting { value, source }) = demo.or_else(|| token_text(self.args, self.environment)) else {
            let what = "no access token".into();
            let missing = mly::Error::Auth { what, status: None, code: None, refusal: None };
            return Err(missing.into());
        };
        let value = Token::new(value).ok_or_else(|| {
            Failure::usage(
                format!("the token from {source} is empty or has characters that are not allowed in a token"),
                "copy it whole, without spaces, and quote it, since | is special in shells",
            )
        })?;
        Ok(Setting { value, source })
    }

    pub(crate) fn graph_url(&self) -> Result<Setting<Url>, Failure> {
        self.url(self.args.graph_url.as_ref(), "--graph-url", "MAPILLARY_GRAPH_URL", &self.defaults.graph_url)
    }

    pub(crate) fn tiles_url(&self) -> Result<Setting<Url>, Failure> {
        self.url(self.args.tiles_url.as_ref(), "--tiles-url", "MAPILLARY_TILES_URL", &self.defaults.tiles_url)
    }

    fn url(
        &self,
        given: Option<&Url>,
        option: &'static str,
        variable: &'static str,
        default: &Url,
    ) -> Result<Setting<Url>, Failure> {
        let parse = |text| parse_base_url(text).map_err(|e| Failure::of_input(variable, e));
        let (value, source) = if let Some(emulator) = &self.demo {
            (parse(emulator.url())?, "the demo")
        } else if let Some(url) = given {
            (url.clone(), option)
        } else if let Some(text) = self.environment.get(variable) {
            (parse(text)?, variable)
        } else {
            (default.clone(), "default")
        };
        Ok(Setting { value, source })
    }

    /// The folder of the tile cache and of request counts, if there is one.
    ///
    /// Unless a folder is named, only the official hosts have one: other services may be different tomorrow, and a demo is
    /// a new service every time.
    pub(crate) fn kept_in(&self) -> Result<Option<PathBuf>, Failure> {
        if self.demo.is_some() {
            return Ok(None);
        }
        if let Some(folder) = kept::named_folder(&self.args.kept, self.environment) {
            return Ok(Some(folder));
        }
        let are_official = kept::is_official(&self.graph_url()?) && kept::is_official(&self.tiles_url()?);
        Ok(if are_official { kept::folder_of_user(self.environment) } else { None })
    }

    /// All settings together.
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        let token = self.token()?.value;
        Ok(self.options_without_token()?.token(token))
    }

    /// All settings but the token.
    fn options_without_token(&self) -> Result<Options, Failure> {
        let mut options = self.defaults.clone();
        options.graph_url = self.graph_url()?.value;
        options.tiles_url = self.tiles_url()?.value;
        options.concurrency = self.args.concurrency.unwrap_or(options.concurrency);
        options.retries = self.args.retries.unwrap_or(options.retries);
        options.timeout = self.args.timeout.unwrap_or(options.timeout);
        options.tiles_per_minute = self.args.tiles_per_minute;
        options.tiles_per_day = self.args.tiles_per_day;
        options.seed = self.environment.seed;
        options.ledger_dir = self.kept_in()?;
        options.cache_dir = options.ledger_dir.clone().filter(|_| !self.args.kept.no_cache);
        options.max_age = self.args.kept.max_age.unwrap_or(options.max_age);
        Ok(options)
    }
}

/// Settings that a program other than the command was given; the rest come from the environment.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Access token.
    pub token: Option<Token>,
    /// Base URL of entities and searches.
    pub graph_url: Option<Url>,
    /// Base URL of vector tiles.
    pub tiles_url: Option<Url>,
    /// Requests sent in parallel.
    pub concurrency: Option<usize>,
    /// Retries of a failed request.
    pub retries: Option<u32>,
    /// Longest wait for one complete response.
    pub timeout: Option<Duration>,
    /// Tiles per minute; 0 means no limit.
    pub tiles_per_minute: Option<u32>,
    /// Tiles per day; 0 means no limit.
    pub tiles_per_day: Option<u32>,
    /// Folder of the tile cache and of request counts.
    pub cache_dir: Option<PathBuf>,
    /// Neither use nor fill the tile cache.
    pub no_cache: bool,
    /// Use cached tiles up to this age.
    pub max_age: Option<Duration>,
}

/// The settings that the command would use if it were given these as arguments.
///
/// A missing token is no error here: the first request fails without one.
///
/// # Errors
/// [`mly::Error::InvalidQuery`] when the environment holds something that is no token or no URL.
pub fn options(given: Given, environment: &Environment) -> mly::Result<Options> {
    let token = given.token.clone();
    let args = ServiceArgs::from(given);
    let invalid = |failure: Failure| mly::Error::InvalidQuery {
        what: failure.to_string(),
        hint: Some(failure.hint().to_owned().into()),
    };
    let service = Service::new(&args, environment).map_err(invalid)?;
    let token = match (token, token_text(&args, environment)) {
        (None, Some(_)) => Some(service.token().map_err(invalid)?.value),
        (given, _) => given,
    };
    let options = service.options_without_token().map_err(invalid)?;
    Ok(match token {
        Some(token) => options.token(token),
        None => options,
    })
}

impl From<Given> for ServiceArgs {
    fn from(given: Given) -> Self {
        Self {
            token: None,
            demo: false,
            graph_url: given.graph_url,
            tiles_url: given.tiles_url,
            concurrency: given.concurrency,
            retries: given.retries,
            timeout: given.timeout,
            tiles_per_minute: given.tiles_per_minute,
            tiles_per_day: given.tiles_per_day,
            kept: KeptArgs { cache_dir: given.cache_dir, no_cache: given.no_cache, max_age: given.max_age },
        }
    }
}

/// The token that was given, if one was.
pub(crate) fn token_text<'a>(
    args: &'a ServiceArgs,
    environment: &'a Environment,
) -> Option<Setting<&'a str>> {
    let given = args.token.as_deref().map(|value| Setting { value, source: "--token" });
    let found = || {
        TOKEN_VARIABLES
            .into_iter()
            .find_map(|source| Some(Setting { value: environment.get(source)?, source }))
    };
    given.or_else(found)
}
