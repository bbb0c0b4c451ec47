//! The hosts of the service (API v4, "Surfaces and roots").

use std::sync::LazyLock;

use url::{Host, Url};

/// Base URL of entities and searches.
pub(crate) static GRAPH_URL: LazyLock<Url> = LazyLock::new(|| url("https://graph.mapillary.com"));

/// Base URL of vector tiles.
pub(crate) static TILES_URL: LazyLock<Url> = LazyLock::new(|| url("https://tiles.mapillary.com"));

#[expect(clippy::expect_used, reason = "three constants that a test parses")]
fn url(text: &str) -> Url {
    Url::parse(text).expect("a constant URL")
}

/// Whether a URL leads to a host of Mapillary itself. Only there its limits hold, and only its tiles are cached by
/// default: an emulator or a test server may serve other data under the same URL tomorrow.
pub(crate) fn is_official(url: &Url) -> bool {
    url.domain().is_some_and(|name| name == "mapillary.com" || name.ends_with(".mapillary.com"))
}

/// Base URL of the service that knows the outlines of places (Nominatim of OpenStreetMap).
pub(crate) static PLACES_URL: LazyLock<Url> = LazyLock::new(|| url("https://nominatim.openstreetmap.org"));

/// Whether a URL leads to a program on this machine. Then compression takes more time than it saves, and a proxy could
/// not reach it.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a redirect of the request `from` leads to the login page, to which the service sends addresses that it has
/// blocked: `https://www.mapillary.com/login/?next=` and the address of the request (API v4, "Limits, expiry,
/// throttling"). Portals of hotels and proxies have login pages too, but without `next`.
pub(crate) fn is_login(to: &Url, from: &Url) -> bool {
    let is_page =
        to.path_segments().is_some_and(|mut path| path.any(|part| matches!(part, "login" | "login.php")));
    let is_own = is_official(to) || to.origin() == from.origin();
    is_page && (is_own || to.query_pairs().any(|(name, _)| name == "next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for (text, local) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("http://10.0.0.1", false),
            ("http://127.0.0.1.example", false),
        ] {
            assert_eq!(is_local(&url(text)), local, "{text}");
        }
        assert!(!is_local(&TILES_URL));
    }

    #[test]
    fn the_login_page_of_the_service_is_told_from_other_redirects() {
        let from = url("http://127.0.0.1:8642/1001");
        for (to, is_page) in [
            ("https://www.mapillary.com/login/?next=x", true),
            ("https://www.mapillary.com/login", true),
            ("http://127.0.0.1:8642/login/?next=x", true),
            ("https://www.facebook.com/login.php?next=x", true),
            ("http://127.0.0.1:8642/login-portal", false),
            ("http://portal.example/login?dst=x", false),
            ("https://127.0.0.1:8642/1001", false),
            ("https://www.mapillary.com/app", false),
        ] {
            assert_eq!(is_login(&url(to), &from), is_page, "{to}");
        }
    }

    #[test]
    fn only_hosts_of_mapillary_are_official() {
        assert!(is_official(&GRAPH_URL) && is_official(&TILES_URL));
        for (text, official) in [
            ("https://mapillary.com", true),
            ("http://graph.mapillary.com:8000/x", true),
            ("https://notmapillary.com", false),
            ("https://mapillary.com.example", false),
            ("http://127.0.0.1:8642", false),
        ] {
            assert_eq!(is_official(&url(text)), official, "{text}");
        }
    }
}
