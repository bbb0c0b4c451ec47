//! Why the certificates that https needs cannot be read. Without this, the HTTP library only says "builder error".

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, with_causes};

/// Variables that name the certificates to trust instead of those of the system: a file, and a list of folders.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Why no certificates are there.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The variable, and the file or folders that it names.
    named: Option<(&'static str, PathBuf)>,
    why: String,
}

impl Problem {
    /// Looks for the reason why no HTTP client could be made.
    pub(super) fn find(error: &reqwest::Error) -> Self {
        // The library that reads the certificates takes these variables from the process, so they are read here too.
        Self::among(VARIABLES.map(|name| (name, std::env::var_os(name))), &with_causes(error))
    }

    fn among(variables: [(&'static str, Option<OsString>); 2], cause: &str) -> Self {
        let mut set = variables.into_iter().filter_map(|(name, value)| Some((name, PathBuf::from(value?))));
        let Some((name, path)) = set.next() else { return Self { named: None, why: cause.to_owned() } };
        let why = unreadable(&path).unwrap_or_else(|| "there are no certificates in it".to_owned());
        Self { named: Some((name, path)), why }
    }

    /// The error of a request that needs https.
    pub(super) fn error(&self) -> Error {
        let Self { named, why } = self;
        match named {
            Some((name, path)) => {
                let what = format!("{name} names it for the certificates of https servers, but {why}");
                Error::input(what).with_path(path).with_hint(format!(
                    "let {name} name a file of certificates in PEM form, or unset it to trust those of the system"
                ))
            }
            None => Error::input(format!("this machine has no certificates of https servers: {why}"))
                .with_hint("install the package ca-certificates, or let SSL_CERT_FILE name a file of them"),
        }
    }
}

/// Why a file or folder cannot be read.
fn unreadable(path: &Path) -> Option<String> {
    let read = std::fs::metadata(path).and_then(|found| {
        if found.is_dir() { std::fs::read_dir(path).map(drop) } else { std::fs::File::open(path).map(drop) }
    });
    read.err().map(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: Option<&Path>, folder: Option<&Path>) -> String {
        let [file, folder] = [file, folder].map(|path| path.map(OsString::from));
        let problem = Problem::among([(VARIABLES[0], file), (VARIABLES[1], folder)], "builder error: none");
        let error = problem.error();
        format!("{error}\n{}", error.hint().unwrap())
    }

    #[test]
    fn the_variable_and_its_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone.pem");
        let text = told(Some(&gone), None);
        assert!(text.starts_with(&format!("{}: SSL_CERT_FILE names it", gone.display())), "{text}");
        assert!(text.contains("or unset it"), "{text}");
        let text = told(None, Some(&gone));
        assert!(text.contains("gone.pem: SSL_CERT_DIR names it"), "{text}");
        let text = told(Some(folder.path()), None);
        assert!(text.contains("but there are no certificates in it"), "{text}");
    }

    #[test]
    fn a_machine_without_certificates_is_told_so() {
        let text = told(None, None);
        assert!(text.starts_with("this machine has no certificates of https servers: builder error: none"));
        assert!(text.contains("ca-certificates"), "{text}");
    }
}
