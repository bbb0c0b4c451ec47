//! JSON as the service writes it: keys in the order of the request, floats with 14 significant digits.

mod float;

use std::fmt::Write;

/// The text of one value, written from beginning to end. The service leaves out fields without
/// a value instead of writing null. Written by hand, since the service rounds floats and escapes text in ways that `serde_json` does not.
///
/// Commas are added as needed: before everything that follows neither an opening bracket nor a colon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Json(String);

/// A place in the text to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Json {
    /// One object.
    pub(crate) fn of(members: impl FnOnce(&mut Self)) -> Self {
        let mut json = Self::default();
        json.object(members);
        json
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    pub(crate) fn null(&mut self) {
        self.next().push_str("null");
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.next().push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn int(&mut self, value: i64) {
        let _ = write!(self.next(), "{value}");
    }

    /// An id: a number as a string.
    pub(crate) fn id(&mut self, id: u64) {
        let _ = write!(self.next(), "\"{id}\"");
    }

    pub(crate) fn float(&mut self, value: f64) {
        float::push(self.next(), value);
    }

    pub(crate) fn text(&mut self, text: &str) {
        push_text(self.next(), text);
    }

    pub(crate) fn floats(&mut self, values: &[f64]) {
        self.list(|json| values.iter().for_each(|&value| json.float(value)));
    }

    /// A GeoJSON point.
    pub(crate) fn point(&mut self, place: [f64; 2]) {
        self.object(|json| {
            json.key("type").text("Point");
            json.key("coordinates").floats(&place);
        });
    }

    /// The name of the next value.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        push_text(self.next(), key);
        self.0.push(':');
        self
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.open('{');
        members(self);
        self.close('}');
    }

    pub(crate) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.open('[');
        items(self);
        self.close(']');
    }

    /// Opens an object or a list. For members that can fail, where the closures of [`object`](Self::object) and
    /// [`list`](Self::list) are in the way.
    pub(crate) fn open(&mut self, bracket: char) {
        self.next().push(bracket);
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    pub(crate) const fn mark(&self) -> Mark {
        Mark(self.0.len())
    }

    /// Removes everything after a mark.
    pub(crate) fn back_to(&mut self, Mark(length): Mark) {
        self.0.truncate(length);
    }

    /// Whether an object begins at a mark.
    pub(crate) fn is_object_at(&self, Mark(length): Mark) -> bool {
        self.0.as_bytes().get(length) == Some(&b'{')
    }

    /// The text to append the next value to, with a comma if one is needed.
    fn next(&mut self) -> &mut String {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
        &mut self.0
    }
}

fn push_text(out: &mut String, text: &str) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    out.push('"');
    if text.bytes().all(is_plain) {
        out.push_str(text);
    } else {
        push_escaped(out, text);
    }
    out.push('"');
}

fn push_escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(letter),
            // As PHP does: everything else as UTF-16 units.
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_to_ascii() {
        let mut json = Json::default();
        json.text("a\"\\\n\u{fc}\u{1f697}");
        assert_eq!(json.into_text(), r#""a\"\\\u000a\u00fc\ud83d\ude97""#);
    }

    #[test]
    fn commas_come_by_themselves() {
        let json = Json::of(|json| {
            json.key("a").list(|json| {
                json.int(1);
                json.object(|_| {});
                json.text(":");
                json.text("[");
                json.bool(true);
            });
            let mark = json.mark();
            json.key("gone").float(1.5);
            json.back_to(mark);
            json.key("b,").id(7);
            json.key("c").point([1.5, 2.0]);
        });
        let text = r#"{"a":[1,{},":","[",true],"b,":"7","c":{"type":"Point","coordinates":[1.5,2]}}"#;
        assert_eq!(json.into_text(), text);
    }
}
