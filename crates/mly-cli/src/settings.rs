//! What is meant: arguments and environment, with every default in one place.

use std::collections::HashMap;
use std::time::Duration;

use mly::{Options, Token, parse_base_url};
use mly_emulator::{Emulator, World};

use crate::args::{ServiceArgs, TalkArgs};
use crate::exit::Failure;

const TOKEN_VARIABLES: [&str; 2] = ["MAPILLARY_TOKEN", "MAPILLARY_ACCESS_TOKEN"];

/// Environment variables, as an argument.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
}

impl Environment {
    /// The environment of this process; variables that are not UTF-8 are as good as unset.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// An environment of just these variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { variables: variables.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect() }
    }

    /// A variable that is set and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|v| !v.trim().is_empty())
    }
}

/// How to reach the service, and the emulator that plays it in a demo.
pub(crate) struct Service {
    pub(crate) options: Options,
    /// Where the token came from, for the doctor.
    pub(crate) token_source: Option<&'static str>,
    /// Lives as long as the work.
    pub(crate) emulator: Option<Emulator>,
}

impl Service {
    pub(crate) fn new(args: &ServiceArgs, environment: &Environment) -> Result<Self, Failure> {
        let mut options = Options::default();
        let url = |given: &Option<String>, variable: &str| {
            given.as_deref().or_else(|| environment.get(variable)).map(parse_base_url).transpose()
        };
        if let Some(graph_url) = url(&args.graph_url, "MAPILLARY_GRAPH_URL")? {
            options.graph_url = graph_url;
        }
        if let Some(tiles_url) = url(&args.tiles_url, "MAPILLARY_TILES_URL")? {
            options.tiles_url = tiles_url;
        }
        if let Some(seconds) = args.timeout {
            options.timeout = Duration::try_from_secs_f64(seconds).ok().filter(|t| !t.is_zero()).ok_or_else(|| {
                Failure::usage(format!("--timeout {seconds} is not a time"), "give seconds above 0")
            })?;
        }
        options.concurrency = args.concurrency.unwrap_or(options.concurrency);
        options.retries = args.retries.unwrap_or(options.retries);
        options.tiles_per_minute = args.tiles_per_minute;
        options.tiles_per_day = args.tiles_per_day;
        options.seed = u64::from(std::process::id());
        let found = token_text(args, environment);
        options.token = found.map(|(source, text)| checked_token(source, text)).transpose()?;
        let mut service = Self { options, token_source: found.map(|(source, _)| source), emulator: None };
        if args.demo {
            service.play_demo()?;
        }
        Ok(service)
    }

    /// Starts the emulator inside this process and asks it instead of the service.
    fn play_demo(&mut self) -> Result<(), Failure> {
        let emulator = Emulator::start(World::demo()).map_err(Failure::ours)?;
        self.options.graph_url = parse_base_url(emulator.url())?;
        self.options.tiles_url = self.options.graph_url.clone();
        self.options.token = Token::new(emulator.token());
        self.token_source = Some("the demo");
        self.emulator = Some(emulator);
        Ok(())
    }
}

/// Where a token was found, and its text.
pub(crate) fn token_text<'a>(args: &'a ServiceArgs, environment: &'a Environment) -> Option<(&'static str, &'a str)> {
    let given = args.token.as_deref().map(|text| ("--token", text));
    let found = TOKEN_VARIABLES.into_iter().find_map(|name| Some((name, environment.get(name)?)));
    given.or(found)
}

fn checked_token(source: &str, text: &str) -> Result<Token, Failure> {
    Token::new(text).ok_or_else(|| {
        Failure::usage(
            format!("the token of {source} is empty or has characters that no token has"),
            "a token looks like MLY|1234|0123456789abcdef; quote it, since | is special in shells",
        )
    })
}

/// When progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgressMode {
    Auto,
    Always,
    Never,
}

/// How much is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    pub(crate) progress: ProgressMode,
    pub(crate) quiet: bool,
}

impl Talk {
    pub(crate) fn new(args: &TalkArgs) -> Result<Self, Failure> {
        let progress = match args.progress.as_str() {
            "auto" => ProgressMode::Auto,
            "always" => ProgressMode::Always,
            "never" => ProgressMode::Never,
            other => {
                return Err(Failure::usage(
                    format!("--progress: unknown mode `{other}`"),
                    "give auto, always or never",
                ));
            }
        };
        log_to_stderr(args.verbose);
        Ok(Self { progress, quiet: args.quiet })
    }
}

/// Messages of this library alone: those of the HTTP stack below it print URLs, and URLs hold the token.
fn log_to_stderr(verbose: u8) {
    use tracing::Level;
    use tracing_subscriber::filter::Targets;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let level = match verbose {
        0 => return,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
    let ours = Targets::new().with_target("mly", level);
    // Fails when a log is set up already, as in tests that run several commands in one process.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
