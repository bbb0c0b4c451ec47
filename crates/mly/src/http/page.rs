//! Web pages that come instead of an answer, and content types that no vector tile has.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use super::failure::{Fault, FaultKind};
use crate::api::Endpoint;
use crate::api::limits::PAGE_PAUSE;
use crate::error::{Refusal, Unreadable};

/// Bytes of a page in which its title is looked for.
const HEAD: usize = 16 << 10;

/// Most characters of a title that a message repeats.
const MOST_OF_TITLE: usize = 80;

/// A web page.
pub(super) struct Page {
    title: Option<String>,
    /// Whether it asks to log in.
    is_login: bool,
}

impl Page {
    /// The page in an answer, if its header or its first bytes say that it is one.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        const BEGINNINGS: [&str; 5] = ["<!doctype html", "<html", "<head", "<body", "<script"];
        let head = body.trim_ascii_start();
        let head = String::from_utf8_lossy(head.get(..HEAD).unwrap_or(head)).into_owned();
        let lower = head.to_ascii_lowercase();
        let named = matches!(content_type(headers).as_deref(), Some("text/html" | "application/xhtml+xml"));
        if head.is_empty() || !(named || BEGINNINGS.iter().any(|begin| lower.starts_with(begin))) {
            return None;
        }
        let title = || {
            let begin = lower.find("<title")?;
            let begin = begin + lower.get(begin..)?.find('>')? + 1;
            let end = begin + lower.get(begin..)?.find("</title")?;
            let words: Vec<_> = head.get(begin..end)?.split_whitespace().collect();
            let text: String = words.join(" ").chars().take(MOST_OF_TITLE).collect();
            (!text.is_empty()).then_some(text)
        };
        let title = title();
        // Without a title, the page is short: the login page that was seen has 58 bytes.
        let words = title.as_ref().map_or_else(|| lower.clone(), |title| title.to_lowercase());
        let is_login = ["log in", "login", "sign in"].iter().any(|word| words.contains(word));
        Some(Self { title, is_login })
    }

    /// What a page means that came from an endpoint.
    ///
    /// Instead of a tile it may be a block, even when it does not look like one, since the login page comes in many
    /// languages: nothing more is sent for an hour. The graph does not block addresses, so there it is a filter or a
    /// proxy of the network, unless the page asks to log in.
    pub(super) fn into_fault(self, endpoint: Option<Endpoint>, status: u16) -> Fault {
        let title = self.title.map(|title| format!(" \"{title}\"")).unwrap_or_default();
        let blocked = FaultKind::Blocked { lasts: PAGE_PAUSE };
        let (kind, what) = match endpoint {
            Some(_) if self.is_login => (
                blocked,
                format!("this IP address is blocked: the service answered with its login page{title}"),
            ),
            Some(Endpoint::Tiles) => (
                blocked,
                format!(
                    "a web page{title} came instead of a tile: a filter of this network has answered, or this IP address is blocked"
                ),
            ),
            _ => (
                FaultKind::Final,
                format!(
                    "a web page{title} came instead of an answer: a filter or proxy of this network has answered"
                ),
            ),
        };
        Fault { kind, what, status, code: None, refusal: Refusal::default() }
    }
}

/// Why an answer cannot be a vector tile by its content type; `None` if it can be, or has no type.
///
/// Tiles were seen with the types of protobuf, of vector tiles and of bytes (API v4, "Empty tiles, sizes, transport");
/// files that are stored compressed may come with the type of gzip.
/// A text or a picture may happen to be valid protobuf, and would be read as an empty tile.
pub(super) fn unfit_for_tile(headers: &HeaderMap) -> Option<Unreadable> {
    let name = content_type(headers)?;
    let (_, subtype) = name.split_once('/').unwrap_or_default();
    let fits = subtype.contains("protobuf")
        || subtype.contains("vector-tile")
        || matches!(subtype, "octet-stream" | "gzip" | "x-gzip");
    let what = || format!("its content type `{name}` is not that of a vector tile");
    (!fits).then(|| Unreadable { what: what(), offset: None, passing: true })
}

/// The media type in the header, in lower case and without parameters.
fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let name = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(kind: &'static str) -> HeaderMap {
        [(CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect()
    }

    #[test]
    fn a_page_is_known_by_its_header_or_its_first_bytes() {
        let none = HeaderMap::new();
        for (headers, body, is_page) in [
            (&headers("text/html; charset=utf-8"), "hi", true),
            (&headers("Text/HTML"), "hi", true),
            (&none, "\n<!DOCTYPE html>", true),
            (&headers("application/x-protobuf"), "<HTML>", true),
            (&headers("text/html"), "", false),
            (&none, "<?xml version=\"1.0\"?><Error/>", false),
            (&headers("text/plain"), "hi", false),
        ] {
            assert_eq!(Page::of(headers, body.as_bytes()).is_some(), is_page, "{body}");
        }
    }

    #[test]
    fn a_login_page_is_told_from_the_page_of_a_filter() {
        let judged = |endpoint, body: &str| {
            let fault = Page::of(&headers("text/html"), body.as_bytes()).unwrap().into_fault(endpoint, 200);
            (fault.kind, fault.what)
        };
        let blocked = FaultKind::Blocked { lasts: PAGE_PAUSE };
        let login = "<html><title>Mapillary -\n Log in</title></html>";
        for endpoint in [Endpoint::Tiles, Endpoint::Entities] {
            let (kind, what) = judged(Some(endpoint), login);
            assert_eq!(kind, blocked);
            assert!(what.ends_with("with its login page \"Mapillary - Log in\""), "{what}");
        }
        let filter = "<HTML><Title lang=en>Zugriff verweigert: Ä</Title>Ask your admin</HTML>";
        let (kind, what) = judged(Some(Endpoint::Tiles), filter);
        assert_eq!(kind, blocked);
        assert!(what.starts_with("a web page \"Zugriff verweigert: Ä\" came instead of a tile: "), "{what}");
        let (kind, what) = judged(Some(Endpoint::Searches), filter);
        assert_eq!(kind, FaultKind::Final);
        assert!(what.contains(" came instead of an answer: a filter or proxy"), "{what}");
        assert_eq!(judged(Some(Endpoint::Entities), "<html>Log in</html>").0, blocked);
    }

    #[test]
    fn types_of_text_json_and_pictures_do_not_fit_a_tile() {
        for fits in [
            "application/x-protobuf",
            "application/vnd.mapbox-vector-tile",
            "application/octet-stream",
            "application/gzip",
            "Application/X-Protobuf; charset=binary",
        ] {
            assert_eq!(unfit_for_tile(&headers(fits)), None, "{fits}");
        }
        assert_eq!(unfit_for_tile(&HeaderMap::new()), None);
        for other in ["text/plain", "application/json; charset=UTF-8", "image/png", "text/xml", "nonsense"] {
            assert!(unfit_for_tile(&headers(other)).is_some_and(|unfit| unfit.passing), "{other}");
        }
    }
}
