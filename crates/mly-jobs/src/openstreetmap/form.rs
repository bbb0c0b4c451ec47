//! Which files hold data of OpenStreetMap.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use mly::{Error, Result};

/// A form of OpenStreetMap data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OsmForm {
    /// Protocol buffers, as extracts are published.
    Pbf,
    /// The answer of an Overpass service in JSON.
    Overpass,
}

/// Bytes that are enough to tell an Overpass answer from other JSON: it names its elements after a short head.
const ENOUGH: u64 = 4096;

impl OsmForm {
    /// The form of a file by its first bytes; `None` when it is not data of OpenStreetMap.
    ///
    /// # Errors
    /// [`Error::Input`] when it cannot be opened, or is data of OpenStreetMap in another form.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>> {
        let mut head = Vec::new();
        let read = File::open(path).and_then(|file| file.take(ENOUGH).read_to_end(&mut head));
        read.map_err(|e| {
            Error::input("it cannot be read")
                .with_hint("name a file that exists and may be read")
                .with_source(e)
                .with_path(path)
        })?;
        let has = |word: &str| head.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
        if head.get(4..15) == Some(b"\x0A\x09OSMHeader") {
            Ok(Some(Self::Pbf))
        } else if text.starts_with(b"{") && has("\"elements\"") && !has("\"FeatureCollection\"") {
            Ok(Some(Self::Overpass))
        } else if text.starts_with(b"<") && (has("<osm ") || has("<osm>")) {
            Err(Error::input("this is OpenStreetMap data as XML, which is not read")
                .with_hint("osmium cat IN.osm -o OUT.osm.pbf converts it")
                .with_path(path))
        } else {
            Ok(None)
        }
    }
}
