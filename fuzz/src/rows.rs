//! Files of rows.

use std::io::{self, Write};
use std::process::abort;
use std::sync::Once;

use mly::sink::{self, Destination, Format};
use mly::source::{self, Kind};
use tempfile::NamedTempFile;

const KINDS: [Kind; 3] = [Kind::Image, Kind::MapFeature, Kind::Detection];

/// Any bytes are a file of a format or an error, and the rows of a file can be written.
///
/// A decoder of another crate may panic in the thread that reads: the file is then reported as damaged. Every other panic
/// is a failure.
pub fn read(format: Format, bytes: &[u8]) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            if std::thread::current().name() != Some(source::READER_THREAD) {
                eprintln!("{panic}");
                abort();
            }
        }));
    });
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
