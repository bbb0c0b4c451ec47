//! Changes the declared order of float statistics in the footer to the one that current readers know.
//!
//! Since version 60 the `parquet` crate declares that statistics of floats are in the total order of IEEE 754, which is
//! new in Parquet. Arrow C++ (pyarrow 26 and what is built on it) ignores statistics in an order that it does not know,
//! and would therefore read every row group of a file whatever area is asked for. The older order is just as true:
//! numbers that are not NaN have the same order in both, and readers ignore statistics that are NaN in both.
//!
//! The crate writes the footer last, so the last bytes are held back until the file ends and are changed there.

use std::io::{self, Write};

/// Bytes collected before they are written to the destination.
const BUFFER: usize = 1 << 20;

/// The two orders as bytes: a union of empty structs in the compact protocol of Thrift (`parquet.thrift`,
/// `ColumnOrder`). Field 1 stands for the order of the type, field 2 for that of IEEE 754.
const TYPE_ORDER: [u8; 3] = [0x1C, 0, 0];
const TOTAL_ORDER: [u8; 3] = [0x2C, 0, 0];

/// Bytes after the metadata: its length and `PAR1`.
const END: usize = 8;

/// Passes bytes on, but holds the last ones back, since they may belong to the footer.
pub(super) struct Footer<W> {
    out: W,
    waiting: Vec<u8>,
    /// Bytes from the orders to the end of the file.
    tail: usize,
}

impl<W: Write> Footer<W> {
    /// For a file with this many leaf columns.
    pub(super) fn new(out: W, columns: usize) -> Self {
        // The list of orders, one per column, is the last field of the metadata, which a zero byte ends.
        Self { out, waiting: Vec::with_capacity(2 * BUFFER), tail: columns * TYPE_ORDER.len() + 1 + END }
    }

    /// Writes all bytes so far to the destination. They are not the footer, which is still to come.
    pub(super) fn release(&mut self) -> io::Result<()> {
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        self.out.flush()
    }

    /// Writes the end of the file with the changed orders. If the bytes are not the expected list, they stay unchanged:
    /// the file is correct in any case, only slower to read.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let begin = self.waiting.len().saturating_sub(self.tail);
        let end = self.waiting.len().saturating_sub(END + 1);
        if let Some(orders) = self.waiting.get_mut(begin..end) {
            let (orders, _) = orders.as_chunks_mut::<3>();
            if orders.iter().all(|order| [TYPE_ORDER, TOTAL_ORDER].contains(order)) {
                orders.fill(TYPE_ORDER);
            }
        }
        self.out.write_all(&self.waiting)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Footer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= BUFFER + self.tail {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let ready = self.waiting.len().saturating_sub(self.tail);
        self.out.write_all(self.waiting.get(..ready).unwrap_or_default())?;
        self.waiting.drain(..ready);
        Ok(())
    }
}
