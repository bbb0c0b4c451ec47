//! The values of a column, in few bytes.
//!
//! Texts, and numbers of which there are few different ones, are a list of words and a code for each row; 0 stands for no
//! value. Other numbers are their bytes.

use std::collections::HashMap;
use std::hash::Hash;

use crate::json::{append_bytes, append_key, append_list, append_member, append_text};
use crate::shape::bytes_of_floats;

/// What the page takes a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueForm {
    Int,
    Float,
    Bool,
    Text,
    /// Milliseconds since 1970.
    Time,
    /// Lists and objects, as JSON text.
    Json,
}

impl ValueForm {
    fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::Time => "time",
            Self::Json => "json",
        }
    }
}

/// A column of a layer, row by row.
#[derive(Debug)]
pub(crate) struct PageColumn {
    name: String,
    form: ValueForm,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Whole(Vec<Option<i64>>),
    Floating(Vec<Option<f64>>),
    Words(WordList),
}

/// Different texts in the order in which they came, and which one each row has.
#[derive(Debug, Default)]
struct WordList {
    known: HashMap<String, u32>,
    words: Vec<String>,
    counts: Vec<u64>,
    codes: Vec<u32>,
    size: usize,
}

impl WordList {
    fn push(&mut self, word: Option<&str>) {
        let code = match word.map(|word| (word, self.known.get(word))) {
            None => 0,
            Some((_, Some(code))) => *code,
            Some((word, None)) => {
                self.words.push(word.to_owned());
                self.counts.push(0);
                self.size += word.len() + 3;
                let code = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                self.known.insert(word.to_owned(), code);
                code
            }
        };
        if let Some(count) = code.checked_sub(1).and_then(|at| self.counts.get_mut(at as usize)) {
            *count += 1;
        }
        self.codes.push(code);
    }
}

impl PageColumn {
    pub(crate) fn new(name: &str, form: ValueForm) -> Self {
        let values = match form {
            ValueForm::Int | ValueForm::Time => Values::Whole(Vec::new()),
            ValueForm::Float => Values::Floating(Vec::new()),
            ValueForm::Bool | ValueForm::Text | ValueForm::Json => Values::Words(WordList::default()),
        };
        Self { name: name.to_owned(), form, values }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds a whole number or a time; other columns get it as what they hold.
    pub(crate) fn push_int(&mut self, value: Option<i64>) {
        match &mut self.values {
            Values::Whole(values) => values.push(value),
            #[expect(clippy::cast_precision_loss, reason = "the column holds floating point numbers")]
            Values::Floating(values) => values.push(value.map(|value| value as f64)),
            Values::Words(words) => words.push(value.map(|value| value.to_string()).as_deref()),
        }
    }

    /// Adds a floating point number to a column of those.
    pub(crate) fn push_float(&mut self, value: Option<f64>) {
        if let Values::Floating(values) = &mut self.values {
            values.push(value);
        }
    }

    /// Adds a text to a column of words.
    pub(crate) fn push_word(&mut self, value: Option<&str>) {
        if let Values::Words(words) = &mut self.values {
            words.push(value);
        }
    }

    /// The different texts, with the number of rows that have each.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        let (words, counts) = match &self.values {
            Values::Words(list) => (list.words.as_slice(), list.counts.as_slice()),
            _ => (&[][..], &[][..]),
        };
        words.iter().map(String::as_str).zip(counts.iter().copied())
    }

    /// The values of all rows that have one, as text.
    pub(crate) fn texts(&self) -> Vec<String> {
        match &self.values {
            Values::Whole(values) => values.iter().flatten().map(ToString::to_string).collect(),
            Values::Floating(values) => values.iter().flatten().map(ToString::to_string).collect(),
            Values::Words(list) => {
                let word = |code: &u32| list.words.get(usize::try_from(code.checked_sub(1)?).ok()?).cloned();
                list.codes.iter().filter_map(word).collect()
            }
        }
    }

    /// Bytes in the page, at most.
    pub(crate) fn size(&self) -> usize {
        match &self.values {
            Values::Whole(values) => values.len() * 11,
            Values::Floating(values) => values.len() * 11,
            Values::Words(list) => list.size + list.codes.len() * 3,
        }
    }

    /// Appends the column as a JSON object.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        append_member("name", &self.name, out);
        append_member("form", self.form.name(), out);
        match &self.values {
            Values::Words(list) => {
                append_words(&list.codes, &list.words, out, |word, out| append_text(word, out));
            }
            Values::Whole(values) => {
                if let Some((codes, words)) = codes(values.iter().copied()) {
                    // JSON numbers beyond 2^53 would be rounded.
                    append_words(&codes, &words, out, |word, out| append_text(&word.to_string(), out));
                } else {
                    append_nulls(values, out);
                    let bytes = values.iter().flat_map(|value| value.unwrap_or_default().to_le_bytes());
                    append_bytes("ints", &bytes.collect::<Vec<u8>>(), out);
                }
            }
            Values::Floating(values) => {
                let bits = values.iter().map(|value| value.map(f64::to_bits));
                let is_finite = values.iter().flatten().all(|value| value.is_finite());
                if let Some((codes, words)) = codes(bits).filter(|_| is_finite) {
                    append_words(&codes, &words, out, |word, out| {
                        let number = f64::from_bits(*word);
                        out.extend_from_slice(zmij::Buffer::new().format(number).as_bytes());
                    });
                } else {
                    append_nulls(values, out);
                    let numbers: Vec<f64> = values.iter().map(|value| value.unwrap_or_default()).collect();
                    append_bytes("floats", &bytes_of_floats(&numbers), out);
                }
            }
        }
        out.push(b'}');
    }
}

/// A code for each value and the different values, if there are few.
fn codes<T: Copy + Eq + Hash>(
    values: impl ExactSizeIterator<Item = Option<T>>,
) -> Option<(Vec<u32>, Vec<T>)> {
    let most = (values.len() / 4).min(usize::from(u16::MAX));
    let (mut known, mut words, mut codes) = (HashMap::new(), Vec::new(), Vec::with_capacity(values.len()));
    for value in values {
        let Some(value) = value else {
            codes.push(0);
            continue;
        };
        let next = u32::try_from(words.len() + 1).ok()?;
        let code = *known.entry(value).or_insert(next);
        if code == next {
            if words.len() == most {
                return None;
            }
            words.push(value);
        }
        codes.push(code);
    }
    Some((codes, words))
}

fn append_words<T>(codes: &[u32], words: &[T], out: &mut Vec<u8>, append: impl FnMut(&T, &mut Vec<u8>)) {
    append_key("words", out);
    append_list(words, out, append);
    let width = match words.len() {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 4,
    };
    append_key("width", out);
    out.extend_from_slice(width.to_string().as_bytes());
    let bytes: Vec<u8> = codes.iter().flat_map(|code| code.to_le_bytes().into_iter().take(width)).collect();
    append_bytes("codes", &bytes, out);
}

/// Appends a byte for each row that says whether it has no value, unless all have one.
fn append_nulls<T>(values: &[Option<T>], out: &mut Vec<u8>) {
    if values.iter().any(Option::is_none) {
        let bytes: Vec<u8> = values.iter().map(|value| u8::from(value.is_none())).collect();
        append_bytes("nulls", &bytes, out);
    }
}
