//! What goes wrong. [`Fault`](super::Fault) explains each kind at its constructor.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Status { status: u16, retry_after_s: Option<u64> },
    Delay(Duration),
    CutBody,
    ShortLength,
    Garbled,
    WrongType,
    Html,
    Block,
    Throttle { retry_after_s: Option<u64> },
    Transient,
    TooMuchData,
    GzipBomb { bytes: u64 },
    HugeTile { bytes: u64 },
    Empty,
    NoContent,
    NotFound,
    Expired,
    Redirect { to: String },
    NotJpeg,
}
