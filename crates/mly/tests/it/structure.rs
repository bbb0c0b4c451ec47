//! The rooms of the library stand in an order, no files import each other in a circle, and a type name stands once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The modules of `mly`, first to last; a module uses only those of rows before its own.
const ORDER: [&[&str]; 10] = [
    &["redact", "name", "api"],
    &["tile"],
    &["error"],
    &["table", "file", "crs"],
    &["query", "store"],
    &["plan", "env"],
    &["http", "rows", "sink"],
    &["source", "photo", "cloud", "place"],
    &["crawl"],
    &["client"],
];

/// Every crate whose files are looked at for circles.
const CRATES: [&str; 8] = [
    "src",
    "../mly-mvt/src",
    "../mly-emulator/src",
    "../mly-jobs/src",
    "../mly-map/src",
    "../mly-dataset/src",
    "../mly-cli/src",
    "../../python/src",
];

/// At most this share of type names may stand for two things, in percent.
const MOST_REPEATED_PERCENT: usize = 4;

/// A file of a crate: its module path (`sink::csv`) and its text without tests, comments and the text of strings.
struct SourceFile {
    module: Vec<String>,
    path: PathBuf,
    text: String,
}

/// The files of a crate, but for those that hold tests only.
fn files_of(root: &str) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && stem != "tests" && stem != "main" {
                let within = path.parent().unwrap().strip_prefix(root).unwrap();
                let mut module: Vec<_> =
                    within.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                module.extend((stem != "mod" && stem != "lib").then_some(stem));
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
                files.push(SourceFile { module, path, text: lines.collect::<Vec<_>>().join("\n") });
            }
        }
    }
    files
}

/// Every path that begins with `crate`, `super` or `self`, or follows one in braces, as written from the root of the crate.
fn paths_in(file: &SourceFile, is_root: bool) -> BTreeSet<Vec<String>> {
    // A file of a folder's own name is the parent of its siblings; `mod.rs` is the folder itself.
    let own: Vec<String> = file.module.clone();
    let mut found = BTreeSet::new();
    let text = &file.text;
    for word in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(word) {
            let before = text[..at].chars().next_back();
            // `pub(in crate::source)` says who may use it, and uses nothing.
            let is_visibility = text[..at].ends_with("pub(in ");
            if is_visibility || before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                continue;
            }
            let mut base = match word {
                "crate::" => Vec::new(),
                "self::" => own.clone(),
                _ => own[..own.len().saturating_sub(1)].to_vec(),
            };
            let mut rest = &text[at + word.len()..];
            while let Some(after) = rest.strip_prefix("super::") {
                base.pop();
                rest = after;
            }
            expand(&base, rest, &mut found);
        }
    }
    // `mod a; use a::b;` inside the folder's own file names a child without `self`. To hand a name on with `pub use` is no
    // use of it.
    if is_root || file.path.ends_with("mod.rs") {
        let uses = text.lines().filter_map(|line| line.strip_prefix("use "));
        uses.filter(|path| !path.starts_with("std")).for_each(|path| expand(&own, path, &mut found));
    }
    found
}

/// Adds the path at the beginning of a text, or each one of a list in braces.
fn expand(base: &[String], text: &str, found: &mut BTreeSet<Vec<String>>) {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        let mut depth = 1;
        let mut begin = 0;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && c == ',') {
                expand(base, &list[begin..at], found);
                begin = at + 1;
            }
            if depth == 0 {
                return;
            }
        }
        return;
    }
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if word.is_empty() {
        return;
    }
    let mut path = base.to_vec();
    if word != "self" {
        path.push(word.clone());
    }
    match text[word.len()..].strip_prefix("::") {
        Some(rest) => expand(&path, rest, found),
        None => {
            found.insert(path);
        }
    }
}

/// The names that a file hands on from its children: `pub use csv::Csv` in `sink/mod.rs` makes `sink::Csv` a name of `sink::csv`.
fn handed_on(file: &SourceFile) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for statement in file.text.split(';') {
        let statement = statement.trim();
        let Some(at) = statement.rfind("pub").filter(|_| statement.contains(" use ")) else { continue };
        let Some((_, path)) = statement[at..].split_once(" use ") else { continue };
        let mut found = BTreeSet::new();
        expand(&[], path, &mut found);
        for path in found {
            if let [child, .., name] = path.as_slice()
                && !matches!(child.as_str(), "crate" | "super" | "self" | "std")
            {
                names.insert(name.clone(), path[..path.len() - 1].to_vec());
            }
        }
    }
    names
}

/// Which files each file imports.
fn imports_of(files: &[SourceFile]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let known: BTreeSet<&Vec<String>> = files.iter().map(|file| &file.module).collect();
    let handed: BTreeMap<&Vec<String>, _> =
        files.iter().map(|file| (&file.module, handed_on(file))).collect();
    let resolve = |path: &[String]| {
        let mut path = path.to_vec();
        // Follows re-exports down to the file that defines the name.
        for _ in 0..8 {
            let Some(length) = (0..=path.len()).rev().find(|n| known.contains(&path[..*n].to_vec())) else {
                break;
            };
            let (module, rest) = path.split_at(length);
            let child = rest.first().and_then(|name| handed.get(&module.to_vec())?.get(name).cloned());
            match child {
                Some(child) => path = [module, &child, rest].concat(),
                None => return Some(module.to_vec()),
            }
        }
        None
    };
    let of = |file: &SourceFile| {
        let paths = paths_in(file, file.module.is_empty());
        let mut targets: BTreeSet<_> = paths.iter().filter_map(|path| resolve(path)).collect();
        targets.remove(&file.module);
        (file.module.clone(), targets)
    };
    files.iter().map(of).collect()
}

/// Files that can reach themselves.
fn circle_in(imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Vec<String> {
    let reaches_itself = |start: &Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut ahead: Vec<_> = imports[start].iter().collect();
        while let Some(next) = ahead.pop() {
            if next == start {
                return true;
            }
            if seen.insert(next) {
                ahead.extend(imports.get(next).into_iter().flatten());
            }
        }
        false
    };
    imports.keys().filter(|module| reaches_itself(module)).map(|module| module.join("::")).collect()
}

#[test]
fn a_module_uses_only_what_stands_before_it() {
    let row = |name: &str| ORDER.iter().position(|names| names.contains(&name));
    for (module, targets) in imports_of(&files_of("src")) {
        let Some(own) = module.first() else { continue };
        let own_row = row(own).unwrap_or_else(|| panic!("{own} has no place in the order"));
        for used in targets.iter().filter_map(|target| target.first()).filter(|used| *used != own) {
            assert!(row(used).is_some_and(|row| row < own_row), "{} uses {used}", module.join("::"));
        }
    }
}

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    for root in CRATES {
        assert_eq!(circle_in(&imports_of(&files_of(root))), Vec::<String>::new(), "{root}");
    }
}

#[test]
fn a_type_name_stands_once() {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for file in files_of("src") {
        for line in file.text.lines().map(str::trim_start) {
            let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let line = line.trim_start_matches("pub ");
            let kinds = ["struct ", "enum ", "trait ", "union "];
            if let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                *places.entry(name).or_default() += 1;
            }
        }
    }
    let repeated: Vec<_> = places.iter().filter(|(_, count)| **count > 1).map(|(name, _)| name).collect();
    assert!(repeated.len() * 100 <= places.len() * MOST_REPEATED_PERCENT, "{repeated:?} of {}", places.len());
}
