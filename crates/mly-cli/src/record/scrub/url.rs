//! URLs in texts, without what only their owner should know: users, signatures, and every other value of a parameter.

use url::Url;

use super::HIDDEN;

/// How URLs begin: as they are, escaped as in scripts, and percent-encoded as in the parameter of another URL.
const BEGINNINGS: [&str; 6] =
    ["http://", "https://", "http:\\/\\/", "https:\\/\\/", "http%3a%2f%2f", "https%3a%2f%2f"];

/// A longer part of a path may be a signature.
const LONGEST_PART: usize = 32;

/// A text whose URLs tell only where they lead and which parameters they have.
pub(super) fn without_values(text: &str) -> String {
    // Only ASCII changes, so that offsets stay.
    let lower = text.to_ascii_lowercase();
    let (mut clean, mut done) = (String::with_capacity(text.len()), 0);
    while let Some(begin) = beginning(&lower, done) {
        let (before, found) = split(text, done, begin);
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`');
        let end = found.find(is_end).unwrap_or(found.len());
        let (url, _) = found.split_at(end);
        clean.push_str(before);
        clean.push_str(&unsigned(url));
        done = begin + end;
    }
    let (_, rest) = text.split_at(done);
    clean + rest
}

/// The texts between two places, and after the second.
fn split(text: &str, from: usize, to: usize) -> (&str, &str) {
    let (before, after) = text.split_at(to);
    let (_, before) = before.split_at(from);
    (before, after)
}

/// Where the next URL begins.
fn beginning(lower: &str, from: usize) -> Option<usize> {
    let (_, rest) = lower.split_at(from);
    BEGINNINGS.into_iter().filter_map(|begins| rest.find(begins)).min().map(|at| from + at)
}

fn unsigned(text: &str) -> String {
    // A percent-encoded URL is no URL, and so is hidden as a whole.
    let Ok(url) = Url::parse(text) else { return HIDDEN.to_owned() };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let shown = |part: &str| if part.len() > LONGEST_PART { HIDDEN.to_owned() } else { part.to_owned() };
    let parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    let parts: Vec<_> = parts.map(shown).collect();
    let path = if parts.is_empty() { String::new() } else { format!("/{}", parts.join("/")) };
    let is_plain = |name: &str| {
        name.len() <= LONGEST_PART && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let shown = |name: &str| format!("{}={HIDDEN}", if is_plain(name) { name } else { HIDDEN });
    let names: Vec<_> = url.query_pairs().map(|(name, _)| shown(&name)).collect();
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    format!("{}://{host}{port}{path}{query}", url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_where_it_leads_and_no_value() {
        for (text, clean) in [
            (
                "see https://scontent.xx.fbcdn.net/m1/v/t6/An_LzKd83hf8Hd73hdk3hdk93hdk93hdk3hd.jpg?stp=s1024x577&oh=00_AYx&oe=66A1B2C3 then",
                "see https://scontent.xx.fbcdn.net/m1/v/t6/***?stp=***&oh=***&oe=*** then",
            ),
            ("\"http://u:p@h.example:81/a/b?x=1#f\"", "\"http://h.example:81/a/b?x=***\""),
            ("HTTPS://h.example/login?next=https%3A%2F%2Fh%2F1", "https://h.example/login?next=***"),
            (
                "/login?next=https%3A%2F%2Fh%2F1%3Foh%3Dx 'https:\\/\\/h\\/a?oh=x'",
                "/login?next=*** 'https://h/a?oh=***'",
            ),
            ("http://[broken ä", "*** ä"),
            ("no address, httpx", "no address, httpx"),
        ] {
            assert_eq!(without_values(text), clean);
        }
    }
}
