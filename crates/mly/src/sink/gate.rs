//! Bytes that are written already, and those that are not.

use std::io::{self, Write};

/// Lets bytes through, or not yet: encoders that go on with a file repeat what is in it already.
#[derive(Debug)]
pub(crate) struct Gate<W> {
    pub(super) out: W,
    pub(super) is_open: bool,
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_open { self.out.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
