//! Types that cannot print a secret.
//!
//! The service takes the token of tile requests in the query and echoes it, percent-encoded, inside the
//! `next=` of a redirect and inside `paging.next`, so a URL is as secret as the token itself.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use url::Url;

/// What is printed instead of a secret.
const HIDDEN: &str = "***";

/// Query parameters that carry a secret, or a URL that does.
const SECRET_PARAMETERS: [&str; 6] =
    ["access_token", "client_secret", "code", "next", "refresh_token", "token"];

/// A part of a token with at least this many characters is hidden like the whole.
const LEAST_PART: usize = 8;

/// The start of every token, of applications and of users.
const TOKEN_HEAD: &str = "MLY";

/// User tokens are much longer than this, and ordinary words with the same start are shorter.
const TOKEN_LENGTH: usize = 20;

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

    /// `text` without the token and without any part of it that has [`LEAST_PART`] characters or more, plain or
    /// percent-encoded, in upper or lower case: the service echoes the token sometimes, also without its beginning.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let lower = text.to_ascii_lowercase();
        let mut hidden = vec![false; text.len()];
        for form in [self.0.as_str(), &encoded] {
            let form = form.to_ascii_lowercase();
            let size = LEAST_PART.min(form.len());
            let parts: HashSet<&[u8]> = form.as_bytes().windows(size).collect();
            let found = lower.as_bytes().windows(size).zip(0..).filter(|(bytes, _)| parts.contains(bytes));
            found.for_each(|(_, at)| hidden[at..at + size].fill(true));
        }
        let mut clean = String::with_capacity(text.len());
        let mut was_hidden = false;
        for (at, c) in text.char_indices() {
            match (hidden[at], was_hidden) {
                (false, _) => clean.push(c),
                (true, false) => clean.push_str(HIDDEN),
                (true, true) => {}
            }
            was_hidden = hidden[at];
        }
        clean
    }
}

/// `text` without anything that looks like a token, such as `MLY|123|0a1b`: a message may repeat what a user has typed,
/// and users sometimes type a token in the wrong place.
///
/// ```
/// assert_eq!(mly::without_tokens("`MLY|12|0123abcd` is not a date"), "`***` is not a date");
/// ```
pub fn without_tokens(text: &str) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '|' | '%' | '\\');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = rest.find(TOKEN_HEAD).map(|at| rest.split_at(at)) {
        let end = found.find(|c| !is_inside(c)).unwrap_or(found.len());
        let (word, after) = found.split_at(end);
        let is_token = word.len() >= TOKEN_LENGTH || word.contains(['|', '%']);
        clean.push_str(before);
        clean.push_str(if is_token { HIDDEN } else { word });
        rest = after;
    }
    clean + rest
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
            return f.write_str(&without_tokens(&format!("{url}?{query}")));
        }
        f.write_str(&without_tokens(url.as_str()))
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
    fn a_token_in_the_place_of_something_else_is_not_shown() {
        for url in [
            "https://graph.example/images?creator_username=MLY%7C42%7C0123abcd&limit=1",
            "https://graph.example/MLY%7C42%7C0123abcd?limit=1",
            "https://graph.example/MLY|42|0123abcd",
        ] {
            let shown = RedactedUrl::new(url.parse().unwrap()).to_string();
            assert!(shown.contains("***") && !shown.contains("0123abcd"), "{shown}");
        }
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
    fn every_part_of_a_token_that_tells_something_is_scrubbed() {
        let token = Token::new("MLY|4242424242|0123456789abcdef0123456789ABCDEF").unwrap();
        for (text, clean) in [
            ("secret 0123456789abcdef0123456789ABCDEF!", "secret ***!"),
            ("app 4242424242, part 89ABCDEF", "app ***, part ***"),
            ("4242%7C0123 and 42%7c01234567", "*** and ***"),
            ("ümläut 0123456 is too short", "ümläut 0123456 is too short"),
            ("ä0123456789ä", "ä***ä"),
            ("", ""),
        ] {
            assert_eq!(token.scrub(text), clean);
        }
        let short = Token::new("a|b").unwrap();
        assert_eq!(short.scrub("the token a|b, a%7Cb of the app"), "the token ***, *** of the app");
    }

    #[test]
    fn what_looks_like_a_token_is_taken_out_and_nothing_else_is() {
        for (line, clean) in [
            ("unexpected 'MLY|12|0123abcd' found", "unexpected '***' found"),
            ("MLY%7C12%7c0123abcd, MLY|1|2", "***, ***"),
            (r"'MLY\|12\|0123abcd'", "'***'"),
            ("see http://h/?access_token=MLY|12|ab&x=1", "see http://h/?access_token=***&x=1"),
            ("MLYARBLx2ZCoQ9pXf8s3kd01 is a user token", "*** is a user token"),
            ("MLY images, mly|x, MLYX.csv", "MLY images, mly|x, MLYX.csv"),
            ("ümläut MLY", "ümläut MLY"),
        ] {
            assert_eq!(without_tokens(line), clean);
        }
    }

    #[test]
    fn an_empty_or_unprintable_token_is_none() {
        assert_eq!(Token::new("  \n"), None);
        assert_eq!(Token::new("a\nb"), None);
        assert!(Token::new(" MLY|1|2 \n").is_some());
    }
}
