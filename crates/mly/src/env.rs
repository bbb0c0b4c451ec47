//! Reads settings from environment variables, and records where each value comes from.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::api::hosts::{GRAPH_URL, PLACES_URL, TILES_URL, is_official};
use crate::error::{Error, Result};
use crate::redact::Token;

/// Variables of the token. The first one that is set is used.
const TOKEN: [&str; 2] = ["MAPILLARY_TOKEN", "MAPILLARY_ACCESS_TOKEN"];

/// Variable of the base URL of entities and searches.
const GRAPH: &str = "MAPILLARY_GRAPH_URL";

/// Variable of the base URL of vector tiles.
const TILES: &str = "MAPILLARY_TILES_URL";

/// Variable of the base URL of the service that finds places by their names.
const PLACES: &str = "MLY_PLACES_URL";

/// Variable of the folder of cache and ledger.
const DATA_DIR: &str = "MLY_CACHE_DIR";

/// A setting, and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where the value of a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The caller.
    Given,
    /// The environment variable with this name.
    Variable(&'static str),
    /// The default, because neither the caller nor a variable has set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "given",
            Self::Variable(name) => name,
            Self::Default => "default",
        })
    }
}

/// The environment variables that settings are read from. They are a value, so that tests and programs that embed this
/// library can choose them.
///
/// | variable | setting |
/// |---|---|
/// | `MAPILLARY_TOKEN`, `MAPILLARY_ACCESS_TOKEN` | access token |
/// | `MAPILLARY_GRAPH_URL` | base URL of entities and searches |
/// | `MAPILLARY_TILES_URL` | base URL of vector tiles |
/// | `MLY_PLACES_URL` | base URL of the service that finds places by their names |
/// | `MLY_CACHE_DIR` | folder of the cache of tiles and of the ledger of requests |
/// | `XDG_CONFIG_HOME`, `HOME`, `APPDATA` | the user's folder of settings, in which `mly` reads `mly/mly.toml` |
/// | `XDG_CACHE_HOME`, `HOME`, `LOCALAPPDATA` | the user's folder of caches, in which the default is the folder `mly` |
///
/// A value that the caller gives comes before a variable, and a variable before the default. A variable that is empty
/// or not UTF-8 counts as not set.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    seed: u64,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let variables = std::env::vars_os().filter_map(text).collect();
        Self { variables, seed: u64::from(std::process::id()) }
    }

    /// An environment with only these variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Self { variables, seed: 0 }
    }

    /// The access token, if there is one.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the variable does not hold a valid token.
    pub fn token(&self, given: Option<Token>) -> Result<Option<Setting<Token>>> {
        if let Some(value) = given {
            return Ok(Some(Setting { value, origin: Origin::Given }));
        }
        let Some(Setting { value: text, origin }) = self.token_text() else { return Ok(None) };
        let value = parse_token(text, &origin.to_string())?;
        Ok(Some(Setting { value, origin }))
    }

    /// The value of the variable with the token, without checking that it is a valid token.
    pub fn token_text(&self) -> Option<Setting<&str>> {
        let origin = |name| Origin::Variable(name);
        TOKEN.into_iter().find_map(|name| Some(Setting { value: self.get(name)?, origin: origin(name) }))
    }

    /// Base URL of entities and searches.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the variable holds no http or https URL.
    pub fn graph_url(&self, given: Option<Url>) -> Result<Setting<Url>> {
        self.url(given, GRAPH, &GRAPH_URL)
    }

    /// Base URL of vector tiles.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the variable holds no http or https URL.
    pub fn tiles_url(&self, given: Option<Url>) -> Result<Setting<Url>> {
        self.url(given, TILES, &TILES_URL)
    }

    /// Base URL of the service that finds places by their names.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the variable holds no http or https URL.
    pub fn places_url(&self, given: Option<Url>) -> Result<Setting<Url>> {
        self.url(given, PLACES, &PLACES_URL)
    }

    /// Folder in which answers of the service of places are kept: the one that is given or that a variable names, else
    /// [`user_data_dir`](Self::user_data_dir) if it is the service of OpenStreetMap, else none.
    pub fn places_dir(&self, given: Option<PathBuf>, base: &Url) -> Option<PathBuf> {
        let named = self.named_data_dir(given).map(|setting| setting.value);
        named.or_else(|| (*base == *PLACES_URL).then(|| self.user_data_dir()).flatten())
    }

    fn url(&self, given: Option<Url>, name: &'static str, default: &Url) -> Result<Setting<Url>> {
        if let Some(value) = given {
            return Ok(Setting { value, origin: Origin::Given });
        }
        let Some(text) = self.get(name) else {
            return Ok(Setting { value: default.clone(), origin: Origin::Default });
        };
        let value = parse_base_url(text).map_err(|error| match error {
            Error::InvalidQuery { what, hint } => {
                Error::InvalidQuery { what: format!("{name}: {what}"), hint }
            }
            other => other,
        })?;
        Ok(Setting { value, origin: Origin::Variable(name) })
    }

    /// Folder of the cache of tiles and of the ledger of requests; `None` if there is to be no cache and no ledger.
    ///
    /// The default is [`user_data_dir`](Self::user_data_dir) if all hosts are official ones, and none otherwise: an
    /// emulator or a test server may serve other data under the same URL tomorrow.
    pub fn data_dir(&self, given: Option<PathBuf>, hosts: [&Url; 2]) -> Option<Setting<PathBuf>> {
        self.named_data_dir(given).or_else(|| {
            let value = hosts.into_iter().all(is_official).then(|| self.user_data_dir()).flatten()?;
            Some(Setting { value, origin: Origin::Default })
        })
    }

    /// Folder of cache and ledger, if the caller or a variable names one.
    pub fn named_data_dir(&self, given: Option<PathBuf>) -> Option<Setting<PathBuf>> {
        let given = given.map(|value| Setting { value, origin: Origin::Given });
        given.or_else(|| {
            Some(Setting { value: self.get(DATA_DIR)?.into(), origin: Origin::Variable(DATA_DIR) })
        })
    }

    /// The folder `mly` in this user's folder of caches; `None` if no variable says where that is.
    pub fn user_data_dir(&self) -> Option<PathBuf> {
        let platform = if cfg!(windows) {
            Platform::Windows
        } else if cfg!(target_os = "macos") {
            Platform::Mac
        } else {
            Platform::Unix
        };
        self.user_data_dir_on(platform)
    }

    fn user_data_dir_on(&self, platform: Platform) -> Option<PathBuf> {
        // Relative paths are ignored, as they would be another folder in every working directory (XDG Base Directory
        // Specification, "Basics").
        let absolute = |name: &str| self.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = match platform {
            Platform::Windows => absolute("LOCALAPPDATA"),
            Platform::Mac => absolute("HOME").map(|home| home.join("Library/Caches")),
            Platform::Unix => {
                absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            }
        };
        caches.map(|folder| folder.join("mly"))
    }

    /// The folder `mly` in this user's folder of settings; `None` if no variable says where that is.
    pub fn user_config_dir(&self) -> Option<PathBuf> {
        let absolute = |name: &str| self.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let settings = if cfg!(windows) {
            absolute("APPDATA")
        } else if cfg!(target_os = "macos") {
            absolute("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
        };
        settings.map(|folder| folder.join("mly"))
    }

    /// A seed for [`Options::with_seed`](crate::Options::with_seed): the number of this process, or 0 for an
    /// environment from [`Environment::of`].
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether a variable is set and not empty.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of a variable, if it is set and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

/// Operating systems, by where users keep their caches.
#[derive(Clone, Copy)]
enum Platform {
    Windows,
    Mac,
    Unix,
}

/// Checks a token from a command line or a variable; `name` is that of the option or variable, for the message.
///
/// # Errors
/// [`Error::InvalidQuery`] when the text is empty or has characters that no token has.
pub fn parse_token(text: &str, name: &str) -> Result<Token> {
    Token::new(text).ok_or_else(|| {
        Error::query(format!(
            "the token from {name} is empty or has characters that are not allowed in a token"
        ))
        .with_hint("copy it whole, without spaces, and quote it, since | is special in shells")
    })
}

/// Parses a base URL, to which paths can be appended.
///
/// # Errors
/// [`Error::InvalidQuery`] when the text is no http or https URL.
pub fn parse_base_url(text: &str) -> Result<Url> {
    // The part before an @ may be a password, which must not be in a message.
    let shown = text.rsplit('@').next().unwrap_or_default();
    let unfit = |what| Error::query(what).with_hint("give a base URL such as http://localhost:8642");
    let url = Url::parse(text.trim()).map_err(|e| unfit(format!("`{shown}` is not a URL: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unfit(format!("`{shown}` is not an http or https URL")));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_http() {
        assert!(parse_base_url("http://localhost:1/api").is_ok());
        for bad in ["", "localhost:1", "ftp://x", "/tiles", "http://"] {
            assert!(parse_base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_token_that_is_set_counts_and_an_empty_one_is_none() {
        let origin = |variables: &[(&str, &str)]| {
            let token = Environment::of(variables.iter().copied()).token(None);
            token.map(|setting| setting.map(|setting| setting.origin)).ok()
        };
        let [first, second] = TOKEN;
        assert_eq!(origin(&[(first, "a"), (second, "b")]), Some(Some(Origin::Variable(first))));
        assert_eq!(origin(&[(first, " "), (second, "b")]), Some(Some(Origin::Variable(second))));
        assert_eq!(origin(&[]), Some(None));
        assert_eq!(origin(&[(first, "two words")]), None);
        let given = Environment::of([(first, "two words")]).token(Token::new("a")).unwrap().unwrap();
        assert_eq!(given.origin, Origin::Given, "the variable does not matter then");
    }

    #[test]
    fn the_folder_of_the_user_is_where_each_system_says() {
        use Platform::{Mac, Unix, Windows};

        // On Windows an absolute path has a drive.
        let absolute =
            |path: &str| if cfg!(windows) { path.replacen('/', "C:/", 1) } else { path.to_owned() };
        for (platform, variables, folder) in [
            (Unix, &[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "/own")][..], Some("/own/mly")),
            (Unix, &[("XDG_CACHE_HOME", "/own")], Some("/own/mly")),
            (Unix, &[("HOME", "/home/ada")], Some("/home/ada/.cache/mly")),
            (Unix, &[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "")], Some("/home/ada/.cache/mly")),
            (Unix, &[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "relative")], Some("/home/ada/.cache/mly")),
            (Unix, &[("HOME", "ada")], None),
            (Unix, &[("LOCALAPPDATA", "/own")], None),
            (Unix, &[], None),
            (
                Mac,
                &[("HOME", "/Users/ada"), ("XDG_CACHE_HOME", "/own")],
                Some("/Users/ada/Library/Caches/mly"),
            ),
            (Windows, &[("HOME", "/home/ada"), ("LOCALAPPDATA", "/Local")], Some("/Local/mly")),
        ] {
            let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, absolute(path))).collect();
            let environment = Environment::of(variables.iter().map(|(name, path)| (*name, &**path)));
            let found = environment.user_data_dir_on(platform);
            assert_eq!(found, folder.map(|folder| absolute(folder).into()), "{variables:?}");
        }
    }

    #[test]
    fn only_what_official_hosts_say_is_kept_without_being_named() {
        let home = if cfg!(windows) { ("LOCALAPPDATA", "C:\\home") } else { ("HOME", "/home/ada") };
        let environment = Environment::of([home]);
        let other = Url::parse("http://localhost:1").unwrap();
        assert!(environment.data_dir(None, [&GRAPH_URL, &TILES_URL]).is_some());
        assert_eq!(environment.data_dir(None, [&GRAPH_URL, &other]), None);
        let named = environment.data_dir(Some("here".into()), [&other, &other]).unwrap();
        assert_eq!((named.value, named.origin), ("here".into(), Origin::Given));
    }
}
