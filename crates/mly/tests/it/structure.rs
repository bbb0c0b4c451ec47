//! The modules stand in an order, and a module uses only what stands before it.

use std::path::Path;

/// First to last; modules of one row do not use each other.
const ORDER: [&[&str]; 8] = [
    &["tile", "redact", "name"],
    &["error"],
    &["query", "store"],
    &["plan"],
    &["http", "rows", "sink", "source"],
    &["photo", "cloud"],
    &["crawl"],
    &["client"],
];

/// `http` says why a body cannot be used, and `rows` says it too; sinks write the geometry that `rows` make, sources read it, and
/// the formats that `sink` names.
const SAME_ROW: [(&str, &str); 4] =
    [("rows", "http"), ("sink", "rows"), ("source", "rows"), ("source", "sink")];

fn row(module: &str) -> usize {
    ORDER.iter().position(|names| names.contains(&module)).unwrap()
}

fn check(module: &str, path: &Path) {
    if path.is_dir() {
        return std::fs::read_dir(path).unwrap().for_each(|entry| check(module, &entry.unwrap().path()));
    }
    let text = std::fs::read_to_string(path).unwrap();
    for used in text.lines().filter_map(|line| line.strip_prefix("use crate::")) {
        let used = used.split([':', ';', '{']).next().unwrap();
        if used != module && ORDER.concat().contains(&used) && !SAME_ROW.contains(&(module, used)) {
            assert!(row(used) < row(module), "{} uses {used}", path.display());
        }
    }
}

#[test]
fn a_module_uses_only_what_stands_before_it() {
    for module in ORDER.concat() {
        let folder = Path::new("src").join(module);
        let file = folder.with_extension("rs");
        check(module, if folder.is_dir() { &folder } else { &file });
    }
}
