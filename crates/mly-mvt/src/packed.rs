//! A repeated integer field of a feature: its tags, or its geometry.

use crate::error::Error;
use crate::wire::{self, Cursor};

/// Where the integers of a repeated field stand in a feature: the first from `start` to `end`, others after `rest`.
///
/// Nearly always there is one packed field. Protobuf allows more, and single integers between them, all to be read as
/// one sequence: those are looked for only when the first are used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed {
    start: usize,
    end: usize,
    rest: usize,
}

impl Packed {
    /// No integers.
    pub(crate) const NONE: Self = Self { start: 0, end: 0, rest: usize::MAX };

    /// Takes a packed field with this content, which stands at `at`.
    #[inline]
    pub(crate) fn packed(&mut self, content: Cursor<'_>, at: usize) {
        if self.end == 0 && self.rest == usize::MAX {
            self.start = content.offset();
            self.end = self.start + content.len();
        } else {
            self.scattered(at);
        }
    }

    /// Remembers that there are integers at `at` and perhaps after it.
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

    /// No more integers than this can follow: each takes a byte.
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

    /// The next two integers and their length, when the first has one byte and the second three at most.
    ///
    /// `message` is the feature: the fields after this one make room to look at four bytes at once.
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

    /// Goes past integers that have been looked at.
    #[inline]
    pub(crate) fn pass(&mut self, length: usize) {
        self.chunk = self.chunk.at(self.chunk.offset() + length);
    }

    /// Leaves none.
    pub(crate) fn end(&mut self) {
        self.chunk = Cursor::new(&[]);
        self.rest = Cursor::new(&[]);
    }

    /// Goes to the next field with integers in it; tells whether there was none.
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
