//! What all requests of one emulator share.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    answers::Answers,
    auth::Tokens,
    cache::Cache,
    dice::mix,
    fault::list::Faults,
    graph::{Graph, Links, PictureKey},
    grid::TileId,
    limits::Meter,
    log::RequestRecord,
    tile_set::TileSet,
    world::World,
};

/// Milliseconds since 1970.
#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Arc<dyn Fn() -> i64 + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The state of a running emulator.
#[derive(Debug)]
pub(crate) struct ServerState {
    pub(crate) world: World,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    pub(crate) tokens: Tokens,
    pub(crate) faults: Faults,
    pub(crate) meter: Meter,
    pub(crate) answers: Answers,
    pub(crate) tiles: Cache<(TileSet, TileId)>,
    /// Encoded pictures.
    pub(crate) pictures: Cache<PictureKey>,
    /// The first requests.
    pub(crate) seen: Mutex<Vec<RequestRecord>>,
    /// Most entries of `seen`.
    pub(crate) most_noted: usize,
    pub(crate) clock: Clock,
    /// How many requests were answered.
    pub(crate) count: AtomicU64,
}

impl ServerState {
    /// The graph as it is at a moment, which decides how long the URLs in its answers are valid.
    pub(crate) fn graph_at(&self, now_ms: i64) -> Graph<'_> {
        Graph {
            source: self.world.source(),
            limits: &self.meter.limits,
            answers: &self.answers,
            links: Links { base: &self.url, now_ms },
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock.0)()
    }

    /// The number of the next answer, from 0.
    pub(crate) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

/// The `fbtrace_id` of an error: 23 URL-safe characters that begin with `A`, as on the service.
pub(crate) fn trace(number: u64) -> String {
    let mut bytes = [0; 17];
    bytes[..8].copy_from_slice(&mix(number).to_be_bytes());
    bytes[8..16].copy_from_slice(&mix(!number).to_be_bytes());
    bytes[0] &= 0x03;
    URL_SAFE_NO_PAD.encode(bytes)
}
