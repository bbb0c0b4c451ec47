//! Zip archives with a shapefile or KML in them.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};

/// Most bytes that a file of an archive may have unpacked.
const LARGEST: u64 = 4 << 30;

/// An archive, and the names of its files.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    names: Vec<String>,
}

impl Archive {
    pub(super) fn new(file: File) -> Result<Self> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        let names = zip.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
        let names = names.collect::<Result<_, _>>().map_err(broken)?;
        Ok(Self { zip, names })
    }

    /// The files with a suffix. macOS adds a folder with files of the same names, which are skipped.
    pub(super) fn names(&self, suffix: &str) -> impl Iterator<Item = &str> {
        let has_suffix = move |name: &&str| {
            Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(suffix))
        };
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !name.starts_with("__MACOSX")).filter(has_suffix)
    }

    /// A file of the archive, whole.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let named = || format!("{} of the zip archive", name.escape_debug());
        let file = self.zip.by_name(name).map_err(broken)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| {
            Error::input(format!("{} cannot be read", named()))
                .with_hint("write the file again")
                .with_source(e)
        })?;
        if bytes.len() as u64 > LARGEST {
            return Err(Error::input(format!("{} has more than {LARGEST} bytes", named()))
                .with_hint("unpack it, and give the file"));
        }
        Ok(bytes)
    }

    /// The document of a KMZ: its first KML, which is called `doc.kml` as a rule.
    pub(super) fn kml(&mut self) -> Result<Option<String>> {
        if self.names("shp").next().is_some() {
            return Ok(None);
        }
        let Some(name) = self.names("kml").next().map(str::to_owned) else { return Ok(None) };
        let text = String::from_utf8(self.read(&name)?);
        text.map(Some).map_err(|e| Error::input("the KML of the archive is no text").with_source(e))
    }
}

fn broken(error: ZipError) -> Error {
    Error::input("the zip archive cannot be read").with_source(error)
}
