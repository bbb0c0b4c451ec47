//! Types that cannot print a secret.
//!
//! The service takes the token of tile requests in the query and echoes it, percent-encoded, inside the
//! `next=` of a redirect and inside `paging.next`, so a URL is as secret as the token itself.

use std::borrow::Cow;
use std::fmt;

use url::Url;

/// What is printed instead of a secret.
const HIDDEN: &str = "***";

/// Query parameters that carry a secret, or a URL that does.
const SECRET_PARAMETERS: [&str; 6] =
    ["access_token", "client_secret", "code", "next", "refresh_token", "token"];

/// An access token. It can be sent, compared and cloned, but not printed.
///
/// ```
/// let token = mly::Token::new("MLY|1|secret").unwrap();
/// assert_eq!(format!("{token:?}"), "Token(***)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token without surrounding space, or `None` when nothing is left or it cannot stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    /// The token itself, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without any trace of the token, plain or percent-encoded.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let lower = encoded.replace("%7C", "%7c");
        let mut clean = text.replace(&self.0, HIDDEN);
        for form in [encoded, lower] {
            clean = clean.replace(&form, HIDDEN);
        }
        clean
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({HIDDEN})")
    }
}

/// A URL whose `Display` and `Debug` leave out user, password and secret query parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct RedactedUrl(Box<Url>);

impl RedactedUrl {
    /// Wraps a URL.
    pub fn new(url: Url) -> Self {
        Self(Box::new(url))
    }

    /// The URL itself, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &Url {
        &self.0
    }

    /// The URL with one more query parameter, as the place that adds the token needs it.
    pub(crate) fn with_parameter(mut self, name: &str, value: &str) -> Self {
        self.0.query_pairs_mut().append_pair(name, value);
        self
    }
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            // Both fail only for URLs that cannot have a user, and those have none.
            let _ = url.set_username(HIDDEN);
            let _ = url.set_password(None);
        }
        if self.0.query().is_some() {
            let shown = self.0.query_pairs().map(|(name, value)| {
                let secret = SECRET_PARAMETERS.contains(&name.to_lowercase().as_str());
                format!("{name}={}", if secret { HIDDEN.into() } else { shortened(&value) })
            });
            let query = shown.collect::<Vec<_>>().join("&");
            url.set_query(None);
            return write!(f, "{url}?{query}");
        }
        write!(f, "{url}")
    }
}

/// Enough of a value to know it by: a batch has fifty ids.
fn shortened(value: &str) -> Cow<'_, str> {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", value.split_at(end).0).into(),
        None => value.into(),
    }
}

impl fmt::Debug for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedactedUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "MLY|42|0123456789abcdef";

    #[test]
    fn no_way_of_printing_shows_the_token() {
        let token = Token::new(SECRET).unwrap();
        let url =
            Url::parse("https://me:pw@tiles.example/maps/1?x=1&Token=0123456789abcdef#0123456789abcdef")
                .unwrap();
        let url = RedactedUrl::new(url).with_parameter("access_token", token.reveal());
        for shown in [format!("{token:?}"), format!("{url}"), format!("{url:?}"), format!("{url:#?}")] {
            assert!(!shown.contains("0123456789abcdef") && !shown.contains("pw@"), "{shown}");
        }
        assert_eq!(url.to_string(), "https://***@tiles.example/maps/1?x=1&Token=***&access_token=***");
        assert!(url.reveal().as_str().contains("access_token=MLY%7C42%7C0123456789abcdef"));
    }

    #[test]
    fn long_values_are_shown_by_their_beginning() {
        let ids = vec!["1933525276802129"; 50].join(",");
        let url = Url::parse("https://graph.example/").unwrap();
        let shown = RedactedUrl::new(url).with_parameter("ids", &ids).to_string();
        assert_eq!(shown.len(), "https://graph.example/?ids=".len() + 60 + 3);
    }

    #[test]
    fn an_echoed_token_is_scrubbed_from_text_in_every_spelling() {
        let token = Token::new(SECRET).unwrap();
        let echoed = format!("bad {SECRET}, MLY%7C42%7C0123456789abcdef, MLY%7c42%7c0123456789abcdef");
        assert_eq!(token.scrub(&echoed), "bad ***, ***, ***");
    }

    #[test]
    fn an_empty_or_unprintable_token_is_none() {
        assert_eq!(Token::new("  \n"), None);
        assert_eq!(Token::new("a\nb"), None);
        assert!(Token::new(" MLY|1|2 \n").is_some());
    }
}
