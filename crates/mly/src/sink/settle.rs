//! Sinks that can be taken up again.

use super::Sink;
use crate::error::Result;
use crate::file::Settled;

/// A sink that another process can go on with, in a [`work`](crate::file::Destination::work) destination.
///
/// Rows that are not settled have to be written again to the one that goes on.
pub(crate) trait Settle: Sink {
    /// Hands to the system all that does not wait for further rows.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn settle(&mut self) -> Result<Settled>;
}
