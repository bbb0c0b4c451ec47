//! The hosts of the service (API v4, "Surfaces and roots").

use std::sync::LazyLock;

use url::Url;

/// Base URL of entities and searches.
pub(crate) static GRAPH_URL: LazyLock<Url> = LazyLock::new(|| url("https://graph.mapillary.com"));

/// Base URL of vector tiles.
pub(crate) static TILES_URL: LazyLock<Url> = LazyLock::new(|| url("https://tiles.mapillary.com"));

#[expect(clippy::expect_used, reason = "two constants that a test parses")]
fn url(text: &str) -> Url {
    Url::parse(text).expect("a constant URL")
}

/// Whether a URL leads to a host of Mapillary itself. Only there its limits hold, and only its tiles are cached by
/// default: an emulator or a test server may serve other data under the same URL tomorrow.
pub(crate) fn is_official(url: &Url) -> bool {
    url.domain().is_some_and(|name| name == "mapillary.com" || name.ends_with(".mapillary.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
