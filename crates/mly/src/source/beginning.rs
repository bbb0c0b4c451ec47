//! Recognises the format of an input by its first bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use crate::error::{Error, Result};

/// The byte order mark of UTF-8, which some programs write before text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that are enough to tell the formats apart.
const ENOUGH: usize = 8;

/// First bytes of formats that are recognised only to name them in the error, and what to do with them.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (b"\x1F\x8B", "packed with gzip", "unpack it"),
    (b"PK\x03\x04", "a zip archive, or a spreadsheet", "unpack it, or save the spreadsheet as CSV"),
    (b"\x28\xB5\x2F\xFD", "packed with zstd", "unpack it"),
    (b"BZh", "packed with bzip2", "unpack it"),
    (b"\xFD7zXZ", "packed with xz", "unpack it"),
    (b"FEA1", "a Feather file of version 1", "write it as version 2, which pandas and pyarrow do since 2020"),
    (b"ORC", "an ORC file", "write it as Parquet"),
    (b"\x00\x00\x27\x0A", "a shapefile", "ogr2ogr -t_srs EPSG:4326 OUT.gpkg IN.shp converts it"),
    (b"\xD0\xCF\x11\xE0", "an old spreadsheet or document", "save it as CSV"),
    (b"PMTiles", "a PMTiles archive, whose positions are rounded", "give the file that it was made of"),
    (b"%PDF", "a PDF", "give a file with rows or ids"),
    (b"\xFF\xD8\xFF", "a photo", "give a file with rows or ids"),
    #[cfg(not(feature = "parquet"))]
    (b"PAR1", "a Parquet file", "enable the feature `parquet` of the crate mly"),
    #[cfg(not(feature = "sqlite"))]
    (b"SQLite f", "a database, as GeoPackages are", "enable the feature `sqlite` of the crate mly"),
];

/// The form of an input, as its first bytes show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing but white space.
    Nothing,
    /// One JSON document or several.
    Json,
    /// Lines: CSV or plain ids.
    Text,
    ArrowStream,
    ArrowFile,
    #[cfg(feature = "parquet")]
    Parquet,
    FlatGeobuf,
    /// A GeoPackage, or another database.
    #[cfg(feature = "sqlite")]
    Database,
}

impl Form {
    /// Whether a file of this form may have several layers.
    pub(super) fn has_layers(self) -> bool {
        #[cfg(feature = "sqlite")]
        return self == Self::Database;
        #[cfg(not(feature = "sqlite"))]
        false
    }
}

/// An input whose form is known.
pub(super) struct Beginning<'r> {
    pub(super) form: Form,
    /// The input without a byte order mark and leading blanks. Line ends before the first byte are kept, so that errors
    /// name the right line.
    pub(super) input: BufReader<Box<dyn Read + 'r>>,
}

impl<'r> Beginning<'r> {
    /// # Errors
    /// When the input cannot be read, or is in one of the formats of [`OTHERS`].
    pub(super) fn of(input: impl Read + 'r) -> Result<Self> {
        let mut input = BufReader::new(input);
        let (head, lines) = skip(&mut input).map_err(unreadable)?;
        if let Some((_, name, hint)) = OTHERS.iter().find(|(start, ..)| head.starts_with(start)) {
            return Err(Error::input(format!("this is {name}, which cannot be read")).with_hint(*hint));
        }
        let form = match head.as_slice() {
            [] => Form::Nothing,
            [b'{' | b'[' | 0x1E, ..] => Form::Json,
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Form::ArrowFile,
            [0xFF, 0xFF, 0xFF, 0xFF, ..] => Form::ArrowStream,
            #[cfg(feature = "parquet")]
            [b'P', b'A', b'R', b'1', ..] => Form::Parquet,
            [b'f', b'g', b'b', 3, ..] => Form::FlatGeobuf,
            #[cfg(feature = "sqlite")]
            [b'S', b'Q', b'L', b'i', b't', b'e', b' ', b'f', ..] => Form::Database,
            _ => Form::Text,
        };
        let lines = io::repeat(b'\n').take(lines);
        let whole: Box<dyn Read + 'r> = Box::new(lines.chain(Cursor::new(head)).chain(input));
        Ok(Self { form, input: BufReader::new(whole) })
    }
}

/// Skips a byte order mark and white space; returns the bytes that follow and the number of skipped line ends.
fn skip(input: &mut impl BufRead) -> io::Result<(Vec<u8>, u64)> {
    let (mut head, mut lines) = (Vec::with_capacity(ENOUGH), 0);
    input.take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut head)?;
    if head == BYTE_ORDER_MARK {
        head.clear();
    }
    loop {
        let blank = head.iter().take_while(|b| b.is_ascii_whitespace()).count();
        lines += head.drain(..blank).map(|b| u64::from(b == b'\n')).sum::<u64>();
        let missing = ENOUGH - head.len();
        if missing == 0 || input.take(missing as u64).read_to_end(&mut head)? == 0 {
            return Ok((head, lines));
        }
    }
}

/// The error that the system cannot read the input.
pub(super) fn unreadable(error: io::Error) -> Error {
    Error::input("the input cannot be read").with_source(error)
}
