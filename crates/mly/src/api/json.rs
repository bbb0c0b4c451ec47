//! Repairs JSON with texts that are no Unicode.
//!
//! The service passes on what users typed and what cameras wrote, half a surrogate pair (`"\ud83d"`) among it. One such
//! text must not make the other values of an answer unreadable.

/// The same JSON in which an empty object stands for each text that is no Unicode, which no column of texts, numbers or
/// times takes for a value; `None` when there is no such text. A key that is no Unicode becomes a replacement character.
pub(crate) fn without_broken_texts(body: &[u8]) -> Option<Vec<u8>> {
    let mut repaired = Vec::with_capacity(body.len());
    let mut has_changed = false;
    let mut rest = body;
    while let Some(begin) = rest.iter().position(|byte| *byte == b'"') {
        let (before, from_quote) = rest.split_at(begin);
        let (text, after) = from_quote.split_at(text_length(from_quote)?);
        repaired.extend_from_slice(before);
        if serde_json::from_slice::<String>(text).is_ok() {
            repaired.extend_from_slice(text);
        } else {
            let is_key = after.trim_ascii_start().starts_with(b":");
            repaired.extend_from_slice(if is_key { "\"\u{fffd}\"".as_bytes() } else { b"{}" });
            has_changed = true;
        }
        rest = after;
    }
    repaired.extend_from_slice(rest);
    has_changed.then_some(repaired)
}

/// Bytes of the text that begins with the first quote, both quotes included; `None` when it does not end.
fn text_length(from_quote: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match from_quote.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_are_no_unicode_are_replaced() {
        let repaired =
            |body: &[u8]| without_broken_texts(body).map(|bytes| String::from_utf8(bytes).unwrap());
        let good = r#"{"a": "\ud83d\ude00 \" : \\", "b": [1, "x"]}"#;
        assert_eq!(repaired(good.as_bytes()), None);
        let lone = br#"{"a":"x\ud83d","b" : ["\udc00", "y"], "\udc00" : 1}"#;
        assert_eq!(repaired(lone).unwrap(), "{\"a\":{},\"b\" : [{}, \"y\"], \"\u{fffd}\" : 1}");
        assert_eq!(repaired(b"{\"a\":\"\xff\"}").unwrap(), r#"{"a":{}}"#);
        assert_eq!(repaired(br#"{"a":"\ud83d"#), None, "it is cut off, which a retry may mend");
    }
}
