//! Help texts that are made from tables of the library.

use mly::sink::Format;

/// The help of `--format`: the names of formats, and how the format is chosen when the option is absent.
pub(crate) fn formats(formats: impl IntoIterator<Item = Format>, default: &str) -> String {
    let names: Vec<_> = formats.into_iter().map(Format::name).collect();
    match names.split_last() {
        Some((last, others)) => format!("{} or {last} [default: {default}]", others.join(", ")),
        None => String::new(),
    }
}
