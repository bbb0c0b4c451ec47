//! A pattern for the values of map features.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A pattern for values of map features: `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValuePattern(String);

impl ValuePattern {
    /// A pattern, such as `regulatory--stop--g1` or `warning--*`.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is empty or has characters that no value has.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*');
        if text.is_empty() || !text.bytes().all(known) {
            return Err(Error::query(format!("`{text}` is not a value of a map feature"))
                .with_hint("values look like regulatory--stop--g1; `*` matches any text"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a value fits the pattern.
    pub fn matches(&self, value: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(mut rest) = pieces.next().and_then(|head| value.strip_prefix(head)) else { return false };
        let mut pieces: Vec<_> = pieces.collect();
        let Some(tail) = pieces.pop() else { return rest.is_empty() };
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(tail)
    }
}

impl fmt::Display for ValuePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        for (pattern, value, fits) in [
            ("regulatory--stop--g1", "regulatory--stop--g1", true),
            ("regulatory--stop--g1", "regulatory--stop--g10", false),
            ("regulatory--*", "regulatory--stop--g1", true),
            ("*--g1", "regulatory--stop--g1", true),
            ("*stop*", "regulatory--stop--g1", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "a--b--b--c", true),
            ("a**c", "ac", true),
            ("warning--*", "regulatory--stop--g1", false),
        ] {
            assert_eq!(ValuePattern::new(pattern).unwrap().matches(value), fits, "{pattern} {value}");
        }
        assert!(ValuePattern::new("").is_err() && ValuePattern::new("a b").is_err());
    }
}
