//! Files of rows.

use std::io::{self, Write};

use mly::sink::{self, Destination, Format};
use mly::source::{self, Kind};
use tempfile::NamedTempFile;

const KINDS: [Kind; 3] = [Kind::Image, Kind::MapFeature, Kind::Detection];

/// Any bytes are a file of a format or an error, and the rows of a file can be written.
pub fn read(format: Format, bytes: &[u8]) {
    let _ = source::ids(bytes, &KINDS);
    let suffix = format!(".{}", format.extensions()[0]);
    let mut file = NamedTempFile::with_suffix(suffix).expect("a file");
    file.write_all(bytes).expect("a file");
    let _ = convert(&file);
}

fn convert(file: &NamedTempFile) -> mly::Result<()> {
    let rows = source::rows(file.path())?;
    let mut sink = sink::open(Format::GeoJsonSeq, Destination::stream(io::sink()), &rows.schema())?;
    for rows in rows {
        sink.write(&rows?)?;
    }
    sink.finish()
}
