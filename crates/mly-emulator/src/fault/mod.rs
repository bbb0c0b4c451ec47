//! Faults: errors of the service and of the network before it.

pub(crate) mod apply;
mod kind;
pub(crate) mod list;
mod parse;

use std::time::Duration;

use crate::{grid::TileId, log::Endpoint};
use kind::FaultKind;

/// An error to provoke: which one, for which requests, and how often.
///
/// A fault hits every request unless it is narrowed to some of them:
///
/// ```
/// use mly_emulator::{Emulator, Endpoint, Fault, World};
///
/// let emulator = Emulator::start(World::demo())?;
/// emulator.fail(Fault::status(503).on(Endpoint::Tile).next(2));
/// emulator.fail(Fault::throttle().on(Endpoint::Search).every(3));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// The command line writes the same as `status=503,on=tile,next=2`; see [`FromStr`](std::str::FromStr).
/// When several faults hit one request, the one that was added first decides the answer. Delays that were
/// added before it add up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a fault does nothing until Emulator::fail takes it"]
pub struct Fault {
    kind: FaultKind,
    on: Vec<Endpoint>,
    tile: Option<TileId>,
    when: Schedule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schedule {
    Always,
    Next(u32),
    Every(u32),
}

/// The errors.
impl Fault {
    const fn of(kind: FaultKind) -> Self {
        Self { kind, on: Vec::new(), tile: None, when: Schedule::Always }
    }

    /// An HTTP status, with the error envelope that goes with it on the graph.
    pub const fn status(status: u16) -> Self {
        Self::of(FaultKind::Status { status, retry_after_s: None })
    }

    /// Adds `Retry-After` to a [`status`](Self::status) or a [`throttle`](Self::throttle). No effect on other faults.
    pub const fn with_retry_after(mut self, seconds: u64) -> Self {
        if let FaultKind::Status { retry_after_s, .. } | FaultKind::Throttle { retry_after_s } =
            &mut self.kind
        {
            *retry_after_s = Some(seconds);
        }
        self
    }

    /// The right answer after a delay.
    pub const fn delay(by: Duration) -> Self {
        Self::of(FaultKind::Delay(by))
    }

    /// The connection closes in the middle of the body.
    pub const fn cut_body() -> Self {
        Self::of(FaultKind::CutBody)
    }

    /// `Content-Length` is half of the right one. The body ends early, which no layer of HTTP can notice.
    pub const fn short_length() -> Self {
        Self::of(FaultKind::ShortLength)
    }

    /// As many random bytes as the right answer has.
    pub const fn garbled() -> Self {
        Self::of(FaultKind::Garbled)
    }

    /// The right body under `Content-Type: text/plain`.
    pub const fn wrong_type() -> Self {
        Self::of(FaultKind::WrongType)
    }

    /// 200 with the login page: what a client receives that follows the redirect of a [`block`](Self::block).
    pub const fn html() -> Self {
        Self::of(FaultKind::Html)
    }

    /// 302 to the login page, with the URL of the request in its query: how the service blocks the IP address of a client.
    pub const fn block() -> Self {
        Self::of(FaultKind::Block)
    }

    /// An error with code 4 and `is_transient`: the rate limit of the application is reached. Signed URLs answer 429 instead.
    pub const fn throttle() -> Self {
        Self::of(FaultKind::Throttle { retry_after_s: None })
    }

    /// An error with code 2 and `is_transient`: the service is overloaded.
    pub const fn transient() -> Self {
        Self::of(FaultKind::Transient)
    }

    /// An error with code 1: the answer would hold too much data.
    pub const fn too_much_data() -> Self {
        Self::of(FaultKind::TooMuchData)
    }

    /// A small gzip body that unpacks to `bytes` zeros.
    pub const fn gzip_bomb(bytes: u64) -> Self {
        Self::of(FaultKind::GzipBomb { bytes })
    }

    /// A valid tile of at least `bytes`, full of image points.
    pub const fn huge_tile(bytes: u64) -> Self {
        Self::of(FaultKind::HugeTile { bytes })
    }

    /// 200 without a body.
    pub const fn empty_200() -> Self {
        Self::of(FaultKind::Empty)
    }

    /// 204.
    pub const fn no_content_204() -> Self {
        Self::of(FaultKind::NoContent)
    }

    /// 404, as tiles sometimes answer for a day.
    pub const fn not_found_404() -> Self {
        Self::of(FaultKind::NotFound)
    }

    /// 410, as URLs of files that were removed may answer.
    pub const fn gone_410() -> Self {
        Self::status(410)
    }

    /// 403, "URL signature expired", although the signed URL is fresh. It hits pictures and files only.
    pub const fn expired() -> Self {
        Self::of(FaultKind::Expired)
    }

    /// 302 with this text as `Location`.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::of(FaultKind::Redirect { to: to.into() })
    }

    /// 200 and `Content-Type: image/jpeg`, but the body is HTML. It hits pictures only.
    pub const fn not_jpeg() -> Self {
        Self::of(FaultKind::NotJpeg)
    }
}

/// Which requests it hits.
impl Fault {
    /// Hits only requests to this endpoint. May be called several times to add others.
    pub fn on(mut self, endpoint: Endpoint) -> Self {
        self.on.push(endpoint);
        self
    }

    /// Hits only one tile, in all tile sets.
    pub const fn tile(mut self, z: u8, x: u32, y: u32) -> Self {
        self.tile = Some(TileId { z, x, y });
        self
    }

    /// Hits the next `count` requests, then never again.
    pub const fn next(mut self, count: u32) -> Self {
        self.when = Schedule::Next(count);
        self
    }

    /// Hits each `nth` request.
    pub const fn every(mut self, nth: u32) -> Self {
        self.when = Schedule::Every(nth);
        self
    }

    /// Hits every request. The default.
    pub const fn always(mut self) -> Self {
        self.when = Schedule::Always;
        self
    }

    fn concerns(&self, endpoint: Endpoint, tile: Option<TileId>) -> bool {
        let is_possible = match self.kind {
            FaultKind::Expired => endpoint.is_signed(),
            FaultKind::NotJpeg => endpoint == Endpoint::Thumbnail,
            _ => true,
        };
        is_possible
            && (self.on.is_empty() || self.on.contains(&endpoint))
            && self.tile.is_none_or(|at| tile == Some(at))
    }
}
