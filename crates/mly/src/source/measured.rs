//! A limit for the length of one feature or line, which is in memory as a whole.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Most bytes of one feature or line. A sequence of half a million images has fewer.
const LONGEST: u64 = 32 << 20;

/// Bytes since the last feature or line.
#[derive(Clone, Default)]
pub(super) struct Length(Rc<Cell<u64>>);

impl Length {
    /// Starts counting again, after a complete feature or line.
    pub(super) fn reset(&self) {
        self.0.set(0);
    }
}

/// A reader that fails when one feature or line is too long: a hostile file may have a quote that is never closed.
pub(super) struct Measured<R> {
    input: R,
    length: Length,
}

impl<R> Measured<R> {
    /// The reader, and the count that the caller resets after each feature or line.
    pub(super) fn new(input: R) -> (Self, Length) {
        let length = Length::default();
        (Self { input, length: length.clone() }, length)
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(bytes)?;
        let length = self.length.0.get() + count as u64;
        self.length.0.set(length);
        if length > LONGEST {
            let what = format!("something in it has more than {} MiB", LONGEST >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        Ok(count)
    }
}
