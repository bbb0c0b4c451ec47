//! Names that Windows takes for something other than a file of this name.

use std::path::{Component, Path};

use crate::error::{Error, Hint};
use crate::name::is_device;

/// Characters that no name may have. After a colon stands the name of a stream within the file, and not of a file.
const FORBIDDEN: &[char] = &['<', '>', ':', '"', '/', '\\', '|', '?', '*'];

/// Fails on Windows when a path has a name that cannot be that of a file or folder. The system reports no error for some
/// of them, and writes to a device or to a file of another name instead.
///
/// # Errors
/// [`Error::InvalidQuery`] with the reason.
pub(crate) fn check_name(path: &Path) -> Result<(), Error> {
    match unfit(path).filter(|_| cfg!(windows)) {
        Some(why) => Err(Error::query(format!("cannot write {}: {why}", path.display()))
            .with_hint(Hint::from("choose another name"))),
        None => Ok(()),
    }
}

/// Why Windows cannot have a file of this path, if its drive and the names in it do not suit.
fn unfit(path: &Path) -> Option<String> {
    let mut names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.find_map(|name| {
        if is_device(&name) {
            Some(format!("Windows keeps the name {name} for a device"))
        } else if let Some(bad) = name.chars().find(|c| FORBIDDEN.contains(c) || c.is_ascii_control()) {
            Some(format!("no name on Windows may have the character {bad:?}"))
        } else {
            name.ends_with(['.', ' ']).then(|| format!("Windows removes the end of the name {name:?}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_and_those_that_windows_changes_are_unfit() {
        for (path, why) in [
            ("CON", "keeps the name CON for a device"),
            ("a/aux.geojson", "keeps the name aux.geojson"),
            ("nul", "for a device"),
            ("NUL .csv", "for a device"),
            ("Com1.csv", "for a device"),
            ("LPT9/a.csv", "for a device"),
            ("COM\u{b2}", "for a device"),
            ("conout$", "for a device"),
            ("a?.csv", "the character '?'"),
            ("a/b:c.csv", "the character ':'"),
            ("a\u{7}", "the character '\\u{7}'"),
            ("a.csv.", "removes the end of the name \"a.csv.\""),
            ("a /b.csv", "removes the end of the name \"a \""),
        ] {
            let said = unfit(Path::new(path)).unwrap_or_else(|| panic!("{path}"));
            assert!(said.contains(why), "{path}: {said}");
        }
    }

    #[test]
    fn other_names_are_fit() {
        for path in [
            "console.csv",
            "com.csv",
            "COM12",
            "lpt",
            "nul-1.csv",
            ".csv",
            "./a.csv",
            "../a b/Zürich.geojson",
            "a..b",
            "/tmp/a.csv",
            "com10.txt",
            "aux_1",
            "",
        ] {
            assert_eq!(unfit(Path::new(path)), None, "{path}");
        }
    }

    #[cfg(windows)]
    #[test]
    fn a_drive_a_server_and_a_path_without_rules_are_fit() {
        for path in
            [r"C:\a\b.csv", r"C:b.csv", r"\\server\share\b.csv", r"\\?\C:\a\b.csv", r"\\?\UNC\server\share\b"]
        {
            assert_eq!(unfit(Path::new(path)), None, "{path}");
        }
    }
}
