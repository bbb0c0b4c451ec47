//! Help that follows from the tables of the library.

use mly::sink::Format;

/// The names of formats, and which one is meant where none is named.
pub(crate) fn formats(formats: impl IntoIterator<Item = Format>, default: &str) -> String {
    let names: Vec<_> = formats.into_iter().map(Format::name).collect();
    match names.split_last() {
        Some((last, others)) => format!("{} or {last} [default: {default}]", others.join(", ")),
        None => String::new(),
    }
}
