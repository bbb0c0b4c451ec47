//! Bodies that are no text.

use std::fmt::Write;
use std::io::Read;

use flate2::bufread::ZlibDecoder;

/// Most bytes that a file may unpack to.
const MOST_UNPACKED: u64 = 256 << 20;

/// The unpacked bytes of zlib (RFC 1950); `None` if they are not zlib, or damaged, or too large.
pub(super) fn unzlib(bytes: &[u8]) -> Option<Vec<u8>> {
    let &[method, flags, ..] = bytes else { return None };
    if method & 15 != 8 || !u16::from_be_bytes([method, flags]).is_multiple_of(31) {
        return None;
    }
    let mut unpacked = Vec::new();
    ZlibDecoder::new(bytes).take(MOST_UNPACKED + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() as u64 <= MOST_UNPACKED).then_some(unpacked)
}

/// The first bytes in hexadecimal.
pub(super) fn beginning(bytes: &[u8]) -> String {
    const SHOWN: usize = 12;
    bytes.iter().take(SHOWN).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
