//! Temporary files for features and index leaves, which wait until the parts before them in the file are known.

use std::io::{self, BufWriter, Write};

use crate::file::Growing;

/// Size of the write buffers in bytes.
pub(super) const BUFFER: usize = 1 << 20;

/// Copies all of a spool.
pub(super) fn copy(spool: &mut BufWriter<Growing>, out: &mut impl Write) -> io::Result<()> {
    spool.flush()?;
    io::copy(&mut spool.get_ref().reread()?, out).map(drop)
}
