//! A repeated integer field of a feature: its tags, or its geometry.

use crate::error::Error;
use crate::wire::{self, Cursor};

/// Where the integers of one repeated field stand in a feature.
///
/// Nearly always there is one packed field. Protobuf allows more, and single integers between them, all to be read as
/// one sequence: those are found again in `rest` when the first are used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'a> {
    first: Cursor<'a>,
    rest: Cursor<'a>,
    number: u32,
}

impl<'a> Packed<'a> {
    pub(crate) const fn new(number: u32) -> Self {
        Self { first: Cursor::new(&[]), rest: Cursor::new(&[]), number }
    }

    /// Takes a packed field that stands at `at` in the message.
    #[inline]
    pub(crate) fn packed(&mut self, field: Cursor<'a>, at: Cursor<'a>) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = field;
        } else {
            self.scattered(at);
        }
    }

    /// Remembers that integers follow at `at`, in the message, after the first ones.
    #[cold]
    pub(crate) fn scattered(&mut self, at: Cursor<'a>) {
        if self.rest.is_empty() {
            self.rest = at;
        }
    }

    pub(crate) const fn integers(self) -> Integers<'a> {
        Integers { chunk: self.first, rest: self.rest, number: self.number }
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

    /// Goes to the next field with integers in it; tells whether there was none.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> Result<bool, Error> {
        while !self.rest.is_empty() {
            let key = self.rest.key()?;
            if key == wire::key(self.number, wire::BYTES) {
                self.chunk = self.rest.message()?;
            } else if key == wire::key(self.number, wire::VARINT) {
                let start = self.rest;
                self.rest.varint()?;
                self.chunk = start.up_to(self.rest.offset());
            } else {
                self.rest.skip(key, &[])?;
                continue;
            }
            if !self.chunk.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
