//! Receives and decompresses bodies, within limits of their size.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;
use reqwest::Response;

use super::failure::Failure;
use super::memory::MemoryShare;
use crate::error::Unreadable;

/// Most bytes of a body as it is sent, compressed or not. The densest known tiles have 10 MB (`DENSEST_TILE_MB`).
const MOST_SENT: usize = 64 << 20;

/// Most bytes that are allocated for a body before they have come.
const MOST_ALLOCATED: usize = 8 << 20;

/// Most bytes of a body after decompression: the limit of the reader of tiles.
const MOST_UNPACKED: usize = 64 << 20;

/// Most bytes of an error after decompression.
const MOST_OF_ERROR: usize = 1 << 20;

/// Receives a body, and fails once it is longer than allowed.
pub(super) async fn receive(response: Response) -> Result<Vec<u8>, Failure> {
    receive_within(response, None).await
}

/// Receives a body as soon as there is memory for it.
pub(super) async fn receive_held(response: Response, share: &MemoryShare) -> Result<Vec<u8>, Failure> {
    let body = receive_within(response, Some(share)).await?;
    share.settle(body.len() as u64);
    Ok(body)
}

/// Receives a body. With a share, it waits for memory before it takes any.
async fn receive_within(mut response: Response, share: Option<&MemoryShare>) -> Result<Vec<u8>, Failure> {
    let too_large = || {
        let what = format!("the body has more than {MOST_SENT} bytes");
        Failure::Body(Unreadable { what, offset: None, passing: false })
    };
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if announced > MOST_SENT {
        return Err(too_large());
    }
    let mut held = announced.max(1);
    if let Some(share) = share {
        share.hold(held as u64).await;
    }
    let at_once = if share.is_some() { MOST_SENT } else { MOST_ALLOCATED };
    let mut body = Vec::with_capacity(announced.min(at_once));
    while let Some(chunk) = response.chunk().await.map_err(Failure::network)? {
        let length = body.len() + chunk.len();
        if length > MOST_SENT {
            return Err(too_large());
        }
        if let Some(share) = share.filter(|_| length > held) {
            held = length.saturating_mul(2).min(MOST_SENT);
            share.hold(held as u64).await;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

impl Unreadable {
    fn new(what: impl Into<String>, passing: bool) -> Self {
        Self { what: what.into(), offset: None, passing }
    }
}

/// Decompresses a body that is compressed.
///
/// The first bytes decide and not the header `Content-Encoding`: files that are stored compressed are sometimes served
/// without it.
pub(super) fn unpack(body: Vec<u8>) -> Result<Vec<u8>, Unreadable> {
    unpack_within(body, MOST_UNPACKED)
}

/// Decompresses the body of an error. A body that cannot be decompressed counts as empty: the status says enough.
pub(super) fn unpack_error(body: Vec<u8>) -> Vec<u8> {
    unpack_within(body, MOST_OF_ERROR).unwrap_or_default()
}

fn unpack_within(body: Vec<u8>, most: usize) -> Result<Vec<u8>, Unreadable> {
    if !body.starts_with(&GZIP_MAGIC) {
        return Ok(body);
    }
    let too_large = || Unreadable::new(format!("it unpacks to more than {most} bytes"), false);
    let broken = |e: io::Error| Unreadable::new(format!("broken gzip: {e}"), true);
    let limited = || MultiGzDecoder::new(body.as_slice()).take(most as u64 + 1);
    // The last four bytes are the decompressed size (RFC 1952), unless the body was cut off. If they say that it is too
    // large, decompress it once without storing it, which takes no memory, to find out which of the two it is.
    let claimed = body.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize);
    if claimed > most && io::copy(&mut limited(), &mut io::sink()).map_err(broken)? > most as u64 {
        return Err(too_large());
    }
    let mut unpacked = Vec::with_capacity(claimed.min(most));
    limited().read_to_end(&mut unpacked).map_err(broken)?;
    if unpacked.len() > most {
        return Err(too_large());
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_and_plain_bodies_come_out_the_same() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(unpack(gzip(&bytes)).unwrap(), bytes);
        assert_eq!(unpack(bytes.clone()).unwrap(), bytes);
        assert!(unpack(Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn a_bomb_is_refused_whether_it_tells_its_size_or_lies() {
        let honest = gzip(&vec![0; 2_000_000]);
        let mut liar = honest.clone();
        let tail = liar.len() - 4;
        liar[tail..].copy_from_slice(&1_u32.to_le_bytes());
        for bomb in [honest, liar] {
            let error = unpack_within(bomb, 1_000_000).unwrap_err();
            assert!(!error.passing && error.what.contains("more than 1000000 bytes"), "{error:?}");
        }
    }

    #[test]
    fn a_damaged_body_may_be_asked_for_again() {
        let mut packed = gzip(&[7; 5000]);
        packed.truncate(packed.len() - 9);
        assert!(unpack(packed).unwrap_err().passing);
    }
}
