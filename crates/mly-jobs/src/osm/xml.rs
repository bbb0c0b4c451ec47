//! Texts in XML.

use std::fmt::Write;

/// A text as the value of an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                // Writing to a text does not fail.
                let _ = write!(out, "&#{};", u32::from(letter));
            }
            // What XML 1.0 cannot hold.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

/// Tags as elements, one a line.
pub(super) fn tags<'a>(out: &mut String, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
    for (key, value) in pairs {
        let _ = writeln!(out, "<tag k=\"{}\" v=\"{}\"/>", escaped(key), escaped(value));
    }
}

/// Degrees with seven digits, as OpenStreetMap stores them.
pub(super) fn degrees(value: f64) -> String {
    format!("{value:.7}")
}
