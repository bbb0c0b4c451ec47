//! Files in which something waits until what stands before it is known.

use std::io::{self, BufWriter, Write};

use crate::file::Growing;

/// Bytes collected before they are handed to the system.
pub(super) const BUFFER: usize = 1 << 20;

/// Copies what has waited, from its beginning.
pub(super) fn copy(spool: &mut BufWriter<Growing>, out: &mut impl Write) -> io::Result<()> {
    spool.flush()?;
    io::copy(&mut spool.get_ref().reread()?, out).map(drop)
}
