//! Decodes an `sfm_cluster` file into a cloud.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

use super::members::OneOrMore;
use super::points::Cloud;
use super::reconstruction::Reconstruction;
use crate::error::{Error, Result, Unreadable};

/// Most bytes of JSON. The largest known files of the service have 3 MB compressed.
const MOST_UNPACKED: usize = 256 << 20;

/// The beginning of gzip (RFC 1952, 2.3.1), with which no JSON begins.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Most characters of a parser's message, which may quote the input at any length.
const LONGEST_MESSAGE: usize = 300;

impl Cloud {
    /// Reads an `sfm_cluster` file: zlib (RFC 1950) of a JSON array of OpenSfM reconstructions.
    ///
    /// JSON that is not compressed or compressed with gzip is read too, and so is a single reconstruction outside an array. Reconstructions
    /// with different references are brought into the frame of the first.
    ///
    /// # Errors
    /// [`Error::Input`] when the bytes are damaged, unpack to over 256 MiB or are not such a file. The message gives
    /// the place as a JSON pointer (RFC 6901) and as an offset in the JSON.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        decode(bytes).map_err(|error| {
            let offset = error.offset.map(|o| format!(" at byte {o}")).unwrap_or_default();
            Error::input(format!("this is not a readable reconstruction: {}{offset}", error.what))
                .with_hint("give an `sfm_cluster` file: zlib of JSON, or the JSON")
        })
    }
}

/// Reads an `sfm_cluster` file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cloud, Unreadable> {
    let json = unpack(bytes, MOST_UNPACKED)?;
    let found: OneOrMore<Reconstruction> = serde_json::from_slice(&json).map_err(|error| Unreadable {
        what: message(&error),
        offset: Some(offset(&json, &error)),
        // zlib has a checksum, so wrong JSON inside of it was sent so, and a retry gives the same. Plain JSON may have
        // been damaged on the way.
        passing: matches!(json, Cow::Borrowed(_)),
    })?;
    Ok(Cloud::new(found.0))
}

/// Decompresses the JSON, or fails when it has more than `most` bytes.
fn unpack(bytes: &[u8], most: usize) -> Result<Cow<'_, [u8]>, Unreadable> {
    let too_large = || {
        let what = format!("it has more than {most} bytes of JSON");
        Unreadable { what, offset: None, passing: false }
    };
    // One byte more than allowed tells a file that is too large from one that just fits.
    let (limit, mut json) = (most as u64 + 1, Vec::new());
    let (form, read) = if is_zlib(bytes) {
        ("zlib", ZlibDecoder::new(bytes).take(limit).read_to_end(&mut json))
    } else if bytes.starts_with(&GZIP_MAGIC) {
        ("gzip", MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut json))
    } else {
        return if bytes.len() > most { Err(too_large()) } else { Ok(Cow::Borrowed(bytes)) };
    };
    read.map_err(|e| Unreadable {
        what: format!("broken {form}: {e}, after {} bytes", json.len()),
        offset: None,
        passing: true,
    })?;
    if json.len() > most {
        return Err(too_large());
    }
    Ok(Cow::Owned(json))
}

/// Whether bytes begin with a zlib header (RFC 1950, 2.2): its method is 8, and its 16 bits are a multiple of 31. JSON
/// never begins so.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, &[method, flags, ..] if method & 15 == 8 && u16::from_be_bytes([method, flags]) % 31 == 0)
}

/// The parser's message without line and column: the file has no lines that a user could look at.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let mut short: String = text.chars().take(LONGEST_MESSAGE).collect();
    if text.chars().nth(LONGEST_MESSAGE).is_some() {
        short.push_str("...");
    }
    short
}

/// The line and column of an error as an offset in bytes.
fn offset(json: &[u8], error: &serde_json::Error) -> usize {
    let lines = json.split(|&b| b == b'\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(|line| line.len() + 1).sum();
    (before + error.column().saturating_sub(1)).min(json.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_and_plain_json_have_the_same_limit() {
        let json = vec![b' '; 1_000_000];
        for bytes in [json.clone(), zlib(&json), gzip(&json)] {
            assert_eq!(unpack(&bytes, json.len()).unwrap(), json);
            let error = unpack(&bytes, json.len() - 1).unwrap_err();
            assert!(!error.passing && error.what.contains("more than 999999 bytes"), "{error:?}");
        }
    }

    #[test]
    fn a_bomb_of_zlib_is_refused() {
        let error = decode(&zlib(&vec![b' '; MOST_UNPACKED + 1])).unwrap_err();
        assert!(!error.passing && error.what.contains("more than"), "{error:?}");
    }

    #[test]
    fn damage_may_pass_and_a_wrong_document_does_not() {
        let whole = zlib(b"[{\"shots\":{}}]");
        assert!(!decode(&whole).unwrap_err().passing);
        assert!(decode(&whole[..whole.len() - 5]).unwrap_err().passing);
        assert!(decode(b"[{\"shots\":{}").unwrap_err().passing);
    }
}
