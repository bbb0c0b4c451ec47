//! The order that statistics of floats are in, told so that readers of today know it.
//!
//! Since version 60 the writer says of floats that they are in the total order of IEEE 754, which is
//! new in Parquet. Arrow C++ (pyarrow 26 and what is built on it) does not use statistics of an order that it does not know,
//! and reads every row group of a file whatever area is asked for. All numbers that
//! are not NaN have the same order in the one that it does know, and statistics that are NaN are passed over in both.

use std::io::{self, Write};

/// Bytes collected before they are handed on.
const BUFFER: usize = 1 << 20;

/// Orders as they are written: a union of empty structs in the compact protocol of Thrift (`parquet.thrift`,
/// `ColumnOrder`), field 1 for the order of the type, field 2 for that of IEEE 754.
const TYPE_ORDER: [u8; 3] = [0x1C, 0, 0];
const TOTAL_ORDER: [u8; 3] = [0x2C, 0, 0];

/// Length of the metadata, and the name of the format.
const END: usize = 8;

/// Collects bytes, and keeps the last ones until they are complete.
pub(super) struct Footer<W> {
    out: W,
    waiting: Vec<u8>,
    /// Bytes from the orders to the end of the file.
    tail: usize,
}

impl<W: Write> Footer<W> {
    /// For a file of so many columns, not counting groups.
    pub(super) fn new(out: W, columns: usize) -> Self {
        // The list of orders is the last field of the metadata, of which a zero is the end.
        Self { out, waiting: Vec::with_capacity(2 * BUFFER), tail: columns * TYPE_ORDER.len() + 1 + END }
    }

    /// Hands everything on: the end is still to come.
    pub(super) fn release(&mut self) -> io::Result<()> {
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        self.out.flush()
    }

    /// Writes the end of the file. A list that is not as expected is left as it is.
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
