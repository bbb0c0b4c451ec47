//! What each option does in full, for man pages and the reference. `--help` shows one line for each option instead.

/// A verb, or nothing for all verbs that have the option; the name of the option; and its text.
///
/// Paragraphs are divided by an empty line. Defaults and environment variables are in the line of `--help` and are
/// not repeated here. `{line}` stands for the rest of that line, where it is made from a table.
type Entry = (&'static str, &'static str, &'static str);

mod area;
mod filters;
mod output;
mod service;
mod verbs;

/// The text of an option, if it has more to say than its line in the help. One for the verb alone comes first.
pub(crate) fn of(verb: &str, option: &str) -> Option<&'static str> {
    let entries = [verbs::TEXTS, area::TEXTS, filters::TEXTS, output::TEXTS, service::TEXTS];
    let find = |verb: &str| {
        let mut entries = entries.iter().copied().flatten();
        entries.find(|(of, name, _)| *of == verb && *name == option).map(|(.., text)| *text)
    };
    find(verb).or_else(|| find(""))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_text_is_of_an_option_that_exists_and_stands_once() {
        let command = crate::help::command();
        let mut seen = HashSet::new();
        let all = [verbs::TEXTS, area::TEXTS, filters::TEXTS, output::TEXTS, service::TEXTS];
        for (verb, option, text) in all.into_iter().flatten() {
            let mut verbs =
                command.get_subcommands().filter(|found| verb.is_empty() || found.get_name() == *verb);
            let is_option = verbs.any(|found| found.get_arguments().any(|arg| arg.get_id() == option));
            assert!(is_option, "{verb} {option}");
            assert!(seen.insert((verb, option)), "{verb} {option} stands twice");
            assert!(text.ends_with(['.', '`']) && !text.contains("  "), "{verb} {option}: {text}");
        }
    }
}
