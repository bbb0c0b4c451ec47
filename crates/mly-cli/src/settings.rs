//! The settings that a command works with: arguments, then environment variables, then defaults.

use std::path::PathBuf;

use mly::env::parse_base_url;
use mly::env::{Environment, Origin, Setting, parse_token};
use mly::place::Places;
use mly::{Options, Token};
use mly_emulator::{Emulator, World};
use url::Url;

use crate::args::ServiceArgs;
use crate::exit::Failure;

const TOKEN_OPTION: &str = "--token";

/// Where the settings of a demo come from.
const DEMO: &str = "the demo";

/// A setting, and the option, variable or default that it comes from, as users read it.
pub(crate) struct Known<T> {
    pub(crate) value: T,
    pub(crate) source: &'static str,
}

impl<T> Known<T> {
    fn new(setting: Setting<T>, option: &'static str) -> Self {
        let source = match setting.origin {
            Origin::Given => option,
            Origin::Variable(name) => name,
            _ => "default",
        };
        Self { value: setting.value, source }
    }
}

/// The service that a command uses. Settings are resolved one by one when they are needed, so that `mly doctor` can
/// report each failure on its own.
pub(crate) struct Service<'a> {
    args: &'a ServiceArgs,
    environment: &'a Environment,
    /// The emulator that replaces the service in a demo; it runs as long as this value lives.
    demo: Option<Emulator>,
}

impl<'a> Service<'a> {
    /// For a demo, starts the emulator inside this process.
    pub(crate) fn new(args: &'a ServiceArgs, environment: &'a Environment) -> Result<Self, Failure> {
        let demo = args.demo.then(|| Emulator::start(World::demo())).transpose().map_err(Failure::ours)?;
        Ok(Self { args, environment, demo })
    }

    pub(crate) fn token(&self) -> Result<Known<Token>, Failure> {
        if let Some(emulator) = &self.demo {
            return Ok(Known { value: parse_token(emulator.token(), DEMO)?, source: DEMO });
        }
        let given = self.args.token.as_deref().map(|text| parse_token(text, TOKEN_OPTION)).transpose()?;
        let found = self.environment.token(given)?.ok_or_else(|| {
            let what = "no access token".into();
            mly::Error::Auth { what, status: None, code: None, refusal: None }
        })?;
        Ok(Known::new(found, TOKEN_OPTION))
    }

    pub(crate) fn graph_url(&self) -> Result<Known<Url>, Failure> {
        if let Some(emulator) = &self.demo {
            return of_demo(emulator);
        }
        let found = self.environment.graph_url(self.args.graph_url.clone())?;
        Ok(Known::new(found, "--graph-url"))
    }

    pub(crate) fn tiles_url(&self) -> Result<Known<Url>, Failure> {
        if let Some(emulator) = &self.demo {
            return of_demo(emulator);
        }
        let found = self.environment.tiles_url(self.args.tiles_url.clone())?;
        Ok(Known::new(found, "--tiles-url"))
    }

    /// The service that finds places by their names. It needs no token.
    pub(crate) fn places(&self, given: Option<Url>) -> Result<Places, Failure> {
        if let Some(emulator) = &self.demo {
            return Ok(Places::at(of_demo(emulator)?.value, None));
        }
        let base = self.environment.places_url(given)?.value;
        let kept = &self.args.kept;
        let folder = self.environment.places_dir(kept.cache_dir.clone(), &base);
        let places = Places::at(base, folder.as_deref().filter(|_| !kept.no_cache));
        Ok(match self.args.timeout {
            Some(timeout) => places.with_timeout(timeout),
            None => places,
        })
    }

    /// All settings as options of the library.
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        Ok(self.options_without_token()?.with_token(self.token()?.value))
    }

    /// All settings but the token, for what sends nothing.
    pub(crate) fn options_without_token(&self) -> Result<Options, Failure> {
        let args = self.args;
        let (graph_url, tiles_url) = (self.graph_url()?.value, self.tiles_url()?.value);
        // A demo has no cache and no stored counts: each demo is a new service with tiles and limits of its own.
        let folder = match &self.demo {
            Some(_) => None,
            None => self.environment.data_dir(args.kept.cache_dir.clone(), [&graph_url, &tiles_url]),
        };
        let folder: Option<PathBuf> = folder.map(|setting| setting.value);
        let options = Options::default()
            .with_graph_url(graph_url)
            .with_tiles_url(tiles_url)
            .with_ledger_dir(folder.clone())
            .with_cache_dir(folder.filter(|_| !args.kept.no_cache))
            .with_seed(self.environment.seed());
        let options = set(options, args.concurrency, Options::with_concurrency);
        let options = set(options, args.retries, Options::with_retries);
        let options = set(options, args.timeout, Options::with_timeout);
        let options = set(options, args.tiles_per_minute, Options::with_tiles_per_minute);
        let options = set(options, args.tiles_per_day, Options::with_tiles_per_day);
        Ok(set(options, args.kept.max_age, Options::with_max_age))
    }
}

fn of_demo(emulator: &Emulator) -> Result<Known<Url>, Failure> {
    Ok(Known { value: parse_base_url(emulator.url())?, source: DEMO })
}

/// Sets what was given; the rest stays at its default.
fn set<T>(options: Options, given: Option<T>, with: fn(Options, T) -> Options) -> Options {
    match given {
        Some(value) => with(options, value),
        None => options,
    }
}
