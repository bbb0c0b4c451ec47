//! JSON inside of an HTML page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Appends a text in quotes.
///
/// `<` is escaped, so that nothing in the text can end the script or begin a comment. The line ends U+2028 and U+2029 are
/// escaped too, since older browsers take them for line ends in scripts.
pub(crate) fn append_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            }
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// Appends the key of a member of an object, with a comma before it unless it is the first.
pub(crate) fn append_key(key: &str, out: &mut Vec<u8>) {
    if !out.ends_with(b"{") {
        out.push(b',');
    }
    append_text(key, out);
    out.push(b':');
}

/// Appends a member whose value is a text.
pub(crate) fn append_member(key: &str, text: &str, out: &mut Vec<u8>) {
    append_key(key, out);
    append_text(text, out);
}

/// Appends a member whose value is bytes, as base64.
pub(crate) fn append_bytes(key: &str, bytes: &[u8], out: &mut Vec<u8>) {
    append_key(key, out);
    out.push(b'"');
    out.extend_from_slice(BASE64_STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

/// Appends items with commas between them, in brackets.
pub(crate) fn append_list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    mut append: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        append(item, out);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_it_is_in() {
        for text in ["</script><script>alert(1)</script>", "<!--", "a\u{2028}b\u{2029}", "\"\\\n\0", "é 😀"]
        {
            let mut out = Vec::new();
            append_text(text, &mut out);
            let json = String::from_utf8(out).unwrap();
            assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\n']), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
