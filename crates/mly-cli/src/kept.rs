//! The folder for data that outlives a run: cached tiles and counts of requests.

use std::path::PathBuf;

use url::Url;

use crate::args::KeptArgs;
use crate::settings::{Environment, Setting};

/// The environment variable that names the folder.
const VARIABLE: &str = "MLY_CACHE_DIR";

/// The folder that was named, if one was.
pub(crate) fn named_folder(args: &KeptArgs, environment: &Environment) -> Option<PathBuf> {
    let given = args.cache_dir.clone();
    given.or_else(|| environment.get(VARIABLE).map(PathBuf::from))
}

/// The folder `mly` in the cache folder of this user, if the environment tells where that is.
pub(crate) fn folder_of_user(environment: &Environment) -> Option<PathBuf> {
    // A relative path would mean another folder in each working directory (XDG Base Directory Specification, "Basics").
    let absolute = |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let kept = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
    };
    kept.map(|folder| folder.join("mly"))
}

/// Whether a service is Mapillary's own. Answers of others, such as an emulator, may be different tomorrow.
pub(crate) fn is_official(service: &Setting<Url>) -> bool {
    service.value.domain().is_some_and(|name| name == "mapillary.com" || name.ends_with(".mapillary.com"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_folder_of_the_user_is_where_the_system_says() {
        let folder = |variables: &[(&str, &str)]| folder_of_user(&Environment::of(variables.iter().copied()));
        let own = Some(Path::new("/own/mly").to_owned());
        let home = Some(Path::new("/home/ada/.cache/mly").to_owned());
        assert_eq!(folder(&[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "/own")]), own);
        assert_eq!(folder(&[("XDG_CACHE_HOME", "/own")]), own);
        assert_eq!(folder(&[("HOME", "/home/ada")]), home);
        assert_eq!(folder(&[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "")]), home);
        assert_eq!(folder(&[("HOME", "/home/ada"), ("XDG_CACHE_HOME", "here")]), home, "no absolute path");
        assert_eq!(folder(&[("HOME", "ada")]), None);
        assert_eq!(folder(&[("LOCALAPPDATA", "/own")]), None);
        assert_eq!(folder(&[]), None);
    }

    #[test]
    fn only_hosts_of_mapillary_are_official() {
        for (url, official) in [
            ("https://tiles.mapillary.com", true),
            ("https://mapillary.com", true),
            ("http://graph.mapillary.com:8000/x", true),
            ("https://notmapillary.com", false),
            ("https://mapillary.com.example", false),
            ("http://127.0.0.1:8642", false),
        ] {
            let service = Setting { value: Url::parse(url).unwrap(), source: "a test" };
            assert_eq!(is_official(&service), official, "{url}");
        }
    }
}
