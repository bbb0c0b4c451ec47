//! A running emulator.

use std::{
    fmt, io,
    sync::{Arc, Mutex, atomic::AtomicU64},
    thread::{self, JoinHandle},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, runtime, sync::oneshot};

use crate::{
    answers::{Answers, Choice},
    auth::{DEMO_TOKEN, Tokens},
    cache::Cache,
    fault::{Fault, list::Faults},
    limits::{Limits, Meter},
    lock::lock,
    log::RequestRecord,
    server,
    state::{Clock, ServerState},
    world::World,
};

/// Encoded tiles that stay in memory by default: more than a thousand dense ones, so that a benchmark of a client measures
/// the client and not how fast the emulator encodes.
const TILE_MEMORY_BYTES: usize = 2 << 30;
/// Encoded pictures that stay in memory.
const PICTURE_CACHE_BYTES: usize = 64 << 20;

/// The Mapillary API v4 on a port of this machine.
///
/// It runs on threads of its own, so it can be used from synchronous and asynchronous code, and stops when dropped.
///
/// ```
/// use mly_emulator::{Emulator, World};
///
/// let emulator = Emulator::start(World::demo())?;
/// println!("{}/maps/vtp/mly1_public/2/14/8601/5412?access_token={}", emulator.url(), emulator.token());
/// assert!(emulator.requests().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Emulator {
    state: Arc<ServerState>,
    token: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Serves a world on a free port with the default settings.
    ///
    /// # Errors
    ///
    /// When no port can be opened or no thread started.
    pub fn start(world: World) -> io::Result<Self> {
        Self::builder(world).start()
    }

    /// The settings of an emulator, to be changed before it starts.
    pub fn builder(world: World) -> Builder {
        Builder {
            world,
            port: 0,
            tokens: Vec::new(),
            known_tokens_only: false,
            limits: Limits::default(),
            answers: Answers::default(),
            tile_memory: TILE_MEMORY_BYTES,
            most_noted: usize::MAX,
            clock: Clock(Arc::new(system_ms)),
        }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end: the base of the graph and of the tiles.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// A token that this emulator accepts.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Every request so far, in the order of arrival, unless [`Builder::with_requests_remembered`] sets a limit.
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.state.seen).clone()
    }

    /// Adds a fault, which hits requests from now on.
    pub fn fail(&self, fault: Fault) {
        self.state.faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("url", &self.state.url).finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Sending fails only if the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The settings of an [`Emulator`].
#[derive(Clone)]
#[must_use = "nothing runs until start"]
pub struct Builder {
    world: World,
    port: u16,
    tokens: Vec<String>,
    known_tokens_only: bool,
    limits: Limits,
    answers: Answers,
    tile_memory: usize,
    most_noted: usize,
    clock: Clock,
}

/// The tokens are left out.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("known_tokens_only", &self.known_tokens_only)
            .field("limits", &self.limits)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets the port. 0, the default, takes a free one.
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Accepts this token too; may be called several times. [`Emulator::token`] returns the first one.
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// Whether to refuse every token that was neither added by [`with_token`](Self::with_token) nor issued by `/token`.
    /// Otherwise, by default, every well-formed token is accepted. [`DEMO_TOKEN`] is refused too if a token was added.
    pub const fn with_known_tokens_only(mut self, only: bool) -> Self {
        self.known_tokens_only = only;
        self
    }

    /// Sets the limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Plays this answer to a question about the service whose answer is not known. May be called several times; of two
    /// answers to one question the last counts.
    pub fn with_answer(mut self, choice: Choice) -> Self {
        self.answers.set(choice.question().name, choice.variant().name);
        self
    }

    /// Sets how many bytes of encoded tiles stay in memory; the oldest are made again when they are asked for. 2 GiB by
    /// default.
    pub const fn with_tile_memory(mut self, bytes: usize) -> Self {
        self.tile_memory = bytes;
        self
    }

    /// Sets how many requests [`Emulator::requests`] remembers, the first ones. All by default; an emulator that runs for
    /// long should remember few, since each takes about 200 bytes.
    pub const fn with_requests_remembered(mut self, count: usize) -> Self {
        self.most_noted = count;
        self
    }

    /// Sets the clock, in milliseconds since 1970. It decides when URLs and tokens expire and when limits are reached.
    pub fn with_clock(mut self, now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Clock(Arc::new(now_ms));
        self
    }

    /// Opens the port and starts to serve.
    ///
    /// # Errors
    ///
    /// When the port cannot be opened or no thread started.
    pub fn start(mut self) -> io::Result<Emulator> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", self.port))?;
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("mly-emulator")
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        if self.tokens.is_empty() || !self.known_tokens_only {
            self.tokens.push(DEMO_TOKEN.to_owned());
        }
        let state = Arc::new(ServerState {
            url: format!("http://{}", listener.local_addr()?),
            world: self.world,
            tokens: Tokens::new(self.tokens.clone(), self.known_tokens_only),
            faults: Faults::default(),
            meter: Meter::new(self.limits),
            answers: self.answers,
            tiles: Cache::new(self.tile_memory),
            pictures: Cache::new(PICTURE_CACHE_BYTES),
            seen: Mutex::default(),
            most_noted: self.most_noted,
            clock: self.clock,
            count: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, Arc::clone(&state));
        // The runtime is dropped on this thread: tokio panics when a runtime is dropped inside another one, which is where the
        // `Emulator` of an asynchronous test is dropped.
        let thread = thread::Builder::new().name("mly-emulator".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        let token = self.tokens.swap_remove(0);
        Ok(Emulator { state, token, stop: Some(stop), thread: Some(thread) })
    }
}

fn system_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
