//! A repeated integer field of a feature: its tags, or its geometry.

use crate::error::Error;
use crate::wire::{self, Cursor};

/// Where the integers of a repeated field stand in a feature: those of the first packed field from `start` to `end`, and
/// perhaps more of them in other fields from `rest` on.
///
/// An encoder writes a repeated field of integers *packed*: one field that holds all of them. Protobuf also allows
/// several packed fields, and integers in fields of their own, which a reader has to treat as one sequence. Encoders
/// hardly ever do that, so a feature remembers one range of bytes, and the message is searched for further fields only
/// after that range has been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntegerField {
    start: usize,
    end: usize,
    rest: usize,
}

impl IntegerField {
    /// No integers.
    pub(crate) const NONE: Self = Self { start: 0, end: 0, rest: usize::MAX };

    /// Notes a packed field with this content; `at` is the offset of its key.
    #[inline]
    pub(crate) fn packed(&mut self, content: Cursor<'_>, at: usize) {
        if self.end == 0 && self.rest == usize::MAX {
            self.start = content.offset();
            self.end = self.start + content.len();
        } else {
            self.scattered(at);
        }
    }

    /// Notes that the field at offset `at` holds further integers, and that others may follow it.
    #[cold]
    pub(crate) fn scattered(&mut self, at: usize) {
        self.rest = self.rest.min(at);
    }

    /// The integers of field `number` in `message`.
    #[inline]
    pub(crate) fn integers(self, message: Cursor<'_>, number: u32) -> Integers<'_> {
        Integers { chunk: message.at(self.start).up_to(self.end), rest: message.at(self.rest), number }
    }
}

/// The integers of a repeated field, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integers<'a> {
    chunk: Cursor<'a>,
    rest: Cursor<'a>,
    number: u32,
}

impl Integers<'_> {
    /// Offset in the tile of the next integer.
    pub(crate) const fn offset(&self) -> usize {
        self.chunk.offset()
    }

    /// An upper bound of the integers left: each takes a byte at least.
    pub(crate) const fn at_most(&self) -> usize {
        self.chunk.len().saturating_add(self.rest.len())
    }

    /// Whether no integer is left.
    #[inline]
    pub(crate) fn is_done(&mut self) -> Result<bool, Error> {
        if !self.chunk.is_empty() {
            return Ok(false);
        }
        if self.rest.is_empty() { Ok(true) } else { self.refill() }
    }

    /// The next integer; an error of kind `Truncated` when none is left.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<u32, Error> {
        self.is_done()?;
        self.chunk.varint32()
    }

    /// The next two integers and their length in bytes, if the first has one byte and the second three at most: nearly
    /// every tag, since keys are few and tables of values have rarely more than 2^21 entries.
    ///
    /// `message` is the whole feature. The four bytes that this looks at may end beyond the field, among the fields
    /// that follow it; the last comparison makes sure that the two integers do not.
    #[inline]
    pub(crate) fn short_pair(&self, message: Cursor<'_>) -> Option<(u32, u32, usize)> {
        let [first, a, b, c] = message.at(self.chunk.offset()).peek()?;
        let (value, length) = match (a, b, c) {
            (0..0x80, _, _) => (u32::from(a), 2),
            (_, 0..0x80, _) => (u32::from(a & 0x7f) | u32::from(b) << 7, 3),
            (_, _, 0..0x80) => (u32::from(a & 0x7f) | u32::from(b & 0x7f) << 7 | u32::from(c) << 14, 4),
            _ => return None,
        };
        (first < 0x80 && length <= self.chunk.len()).then_some((u32::from(first), value, length))
    }

    /// Skips integers that [`short_pair`](Self::short_pair) has read.
    #[inline]
    pub(crate) fn pass(&mut self, length: usize) {
        self.chunk = self.chunk.at(self.chunk.offset() + length);
    }

    /// Drops the integers that are left.
    pub(crate) fn end(&mut self) {
        self.chunk = Cursor::new(&[]);
        self.rest = Cursor::new(&[]);
    }

    /// Moves on to the next field that holds integers. True when there is none.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> Result<bool, Error> {
        while !self.rest.is_empty() {
            let at = self.rest.offset();
            let key = self.rest.key()?;
            if key == wire::key(self.number, wire::BYTES) {
                self.chunk = self.rest.message()?;
            } else if key == wire::key(self.number, wire::VARINT) {
                let start = self.rest;
                self.rest.varint()?;
                self.chunk = start.up_to(self.rest.offset());
            } else {
                self.rest.skip(key, at, &[])?;
                continue;
            }
            if !self.chunk.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
