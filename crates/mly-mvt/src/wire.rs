//! The protobuf wire format, read: varints, fields, lengths.

use crate::error::{Error, ErrorKind};

/// Wire types, the low three bits of a field key.
pub(crate) const VARINT: u32 = 0;
pub(crate) const FIXED64: u32 = 1;
pub(crate) const BYTES: u32 = 2;
pub(crate) const FIXED32: u32 = 5;

/// The key of a field as it stands on the wire.
pub(crate) const fn key(number: u32, wire_type: u32) -> u32 {
    number << 3 | wire_type
}

/// A message: the tile up to the end of the message, and a position in it.
///
/// Keeping the whole prefix rather than the message alone makes the position the offset in the tile, which is what an
/// error reports, and leaves one bounds check per byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    prefix: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { prefix: bytes, at: 0 }
    }

    /// Offset in the tile of the next byte.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// Bytes left.
    pub(crate) const fn len(&self) -> usize {
        self.prefix.len().saturating_sub(self.at)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.at >= self.prefix.len()
    }

    /// The same message, to be read from another offset.
    pub(crate) const fn at(self, offset: usize) -> Self {
        Self { prefix: self.prefix, at: offset }
    }

    /// The same position, in a message that ends at `end`.
    pub(crate) fn up_to(self, end: usize) -> Self {
        Self { prefix: self.prefix.get(..end).unwrap_or(self.prefix), at: self.at }
    }

    pub(crate) const fn fail<T>(&self, kind: ErrorKind) -> Result<T, Error> {
        Err(Error::new(kind, self.at))
    }

    /// The next `N` bytes, without taking them.
    #[inline]
    pub(crate) fn peek<const N: usize>(&self) -> Option<[u8; N]> {
        self.prefix.get(self.at..)?.first_chunk().copied()
    }

    /// A varint. One to three bytes, nearly all of them in a tile, are read without a loop or a call.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Error> {
        if let Some(&a) = self.prefix.get(self.at) {
            if a < 0x80 {
                self.at += 1;
                return Ok(u64::from(a));
            }
            if let Some(&b) = self.prefix.get(self.at + 1) {
                let two = u64::from(a & 0x7f) | u64::from(b & 0x7f) << 7;
                if b < 0x80 {
                    self.at += 2;
                    return Ok(two);
                }
                if let Some(&c) = self.prefix.get(self.at + 2)
                    && c < 0x80
                {
                    self.at += 3;
                    return Ok(two | u64::from(c) << 14);
                }
            }
        }
        self.long_varint()
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, Error> {
        self.wide_varint()
    }

    /// A varint that is likely to have four bytes or more, such as an id or a time: all at once when it has eight at
    /// most, byte by byte otherwise.
    #[inline]
    pub(crate) fn wide_varint(&mut self) -> Result<u64, Error> {
        // The next eight bytes as one little-endian word. Near the end of the message, where fewer are left, the last
        // eight bytes are taken instead, and those before this varint are shifted out.
        let left = self.len();
        let word = if let Some(bytes) = self.rest().first_chunk() {
            u64::from_le_bytes(*bytes)
        } else if let Some(bytes) = self.prefix.last_chunk()
            && left > 0
        {
            u64::from_le_bytes(*bytes) >> (64 - 8 * left)
        } else {
            return self.looped_varint();
        };
        // The last byte of a varint is the first whose top bit is clear.
        let ends = !word & 0x8080_8080_8080_8080;
        let length = ends.trailing_zeros() as usize / 8 + 1;
        if ends == 0 || length > left {
            return self.looped_varint();
        }
        self.at += length;
        // The bytes of this varint without their top bits; then groups of 7 bits are joined to groups of 14, 28 and 56.
        let value = word & (ends ^ (ends - 1)) & 0x7f7f_7f7f_7f7f_7f7f;
        let value = value & 0x007f_007f_007f_007f | (value & 0x7f00_7f00_7f00_7f00) >> 1;
        let value = value & 0x0000_3fff_0000_3fff | (value & 0x3fff_0000_3fff_0000) >> 2;
        Ok(value & 0x0fff_ffff | (value & 0x0fff_ffff_0000_0000) >> 4)
    }

    #[cold]
    fn looped_varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for (length, &byte) in self.rest().iter().take(10).enumerate() {
            let bits = u64::from(byte & 0x7f);
            if length == 9 && byte > 1 {
                break;
            }
            value |= bits << (7 * length);
            if byte < 0x80 {
                self.at += length + 1;
                return Ok(value);
            }
        }
        self.fail(if self.len() < 10 { ErrorKind::Truncated } else { ErrorKind::Varint })
    }

    #[inline]
    pub(crate) fn varint32(&mut self) -> Result<u32, Error> {
        let at = self.at;
        u32::try_from(self.varint()?).map_err(|_too_large| Error::new(ErrorKind::Varint, at))
    }

    /// The key of the next field: see [`key`].
    #[inline]
    pub(crate) fn key(&mut self) -> Result<u32, Error> {
        let at = self.at;
        match self.varint32() {
            Ok(key) if key >= 8 => Ok(key),
            Err(error) if error.kind() == ErrorKind::Truncated => Err(error),
            _ => Err(Error::new(ErrorKind::FieldNumber, at)),
        }
    }

    /// A length and as many bytes, as a message of its own.
    #[inline]
    pub(crate) fn message(&mut self) -> Result<Self, Error> {
        let at = self.at;
        let length = self.varint()?;
        let start = self.at;
        if length > self.len() as u64 {
            return Err(Error::new(ErrorKind::Truncated, at));
        }
        // Not more than the bytes left, so neither the cast nor the sum can overflow.
        #[expect(clippy::cast_possible_truncation, reason = "at most the bytes left")]
        let end = start + length as usize;
        self.at = end;
        Ok(self.at(start).up_to(end))
    }

    /// The bytes left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.prefix.get(self.at..).unwrap_or_default()
    }

    /// A length and as many bytes of UTF-8.
    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        self.message()?.as_text()
    }

    /// The bytes left, as UTF-8.
    pub(crate) fn as_text(self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.rest())
            .map_err(|error| Error::new(ErrorKind::Utf8, self.offset() + error.valid_up_to()))
    }

    /// The next `N` bytes: 4 of a `fixed32`, 8 of a `fixed64`.
    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let Some(bytes) = self.rest().first_chunk() else {
            return self.fail(ErrorKind::Truncated);
        };
        self.at += N;
        Ok(*bytes)
    }

    /// Skips the content of a field that the reader has no use for. Its key, at offset `at`, has been read.
    ///
    /// A field whose number is among `known` ends up here only when its wire type is not the one of the format, which is
    /// an error.
    #[cold]
    #[inline(never)]
    pub(crate) fn skip(&mut self, key: u32, at: usize, known: &[u32]) -> Result<(), Error> {
        let wrong = Err(Error::new(ErrorKind::WireType, at));
        if known.contains(&(key >> 3)) {
            return wrong;
        }
        match key & 7 {
            VARINT => self.varint().map(drop),
            FIXED64 => self.fixed::<8>().map(drop),
            BYTES => self.message().map(drop),
            FIXED32 => self.fixed::<4>().map(drop),
            _ => wrong,
        }
    }
}

/// The signed integer of a zigzag one, in which small magnitudes are small numbers.
#[inline]
pub(crate) const fn unzigzag(n: u32) -> i32 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

/// [`unzigzag`] of 64 bits.
#[inline]
pub(crate) const fn unzigzag64(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}
