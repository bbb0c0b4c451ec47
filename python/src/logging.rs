//! Messages of the library go to the logger `mly` of Python's `logging`.

use std::fmt::Write;
use std::sync::atomic::{AtomicI32, Ordering};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

/// Levels of `logging`.
const DEBUG: i32 = 10;
const INFO: i32 = 20;
const WARNING: i32 = 30;
const ERROR: i32 = 40;
const NOTHING: i32 = 100;

/// The level of the logger when work last started. Looking it up for each message would wait for the interpreter.
static LEVEL: AtomicI32 = AtomicI32::new(NOTHING);

/// Reads the level of the logger; the first time, it also installs the subscriber.
///
/// Where `logging` is not imported, there is no handler that could show a message.
pub(crate) fn listen(py: Python<'_>) -> PyResult<()> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(logger) = LOGGER.get(py) else {
        let loaded = py.import("sys")?.getattr("modules")?;
        let logging = loaded.call_method1("get", ("logging",))?;
        if logging.is_none() {
            return Ok(());
        }
        let logger = logging.call_method1("getLogger", ("mly",))?;
        // Without any handler, Python would print the warnings of this logger.
        logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
        let _ = LOGGER.set(py, logger.unbind());
        // If another subscriber is installed, it gets the messages instead.
        let _ = tracing::subscriber::set_global_default(ToPython);
        return listen(py);
    };
    LEVEL.store(logger.call_method0(py, "getEffectiveLevel")?.extract(py)?, Ordering::Relaxed);
    Ok(())
}

fn level(of: Level) -> i32 {
    match of {
        Level::ERROR => ERROR,
        Level::WARN => WARNING,
        Level::INFO => INFO,
        _ => DEBUG,
    }
}

/// Passes events on to `logging`.
struct ToPython;

impl Subscriber for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Messages of the HTTP stack hold URLs, and URLs hold the token.
        let is_ours = metadata.target() == "mly" || metadata.target().starts_with("mly::");
        is_ours && metadata.is_event() && level(*metadata.level()) >= LEVEL.load(Ordering::Relaxed)
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let is_ours = metadata.is_event() && metadata.target().starts_with("mly");
        if is_ours { Interest::sometimes() } else { Interest::never() }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let message = format!("{}{}", text.message, text.fields);
        let level = level(*event.metadata().level());
        // The message is lost if the interpreter is shutting down. Errors of a handler are ignored, since they must not
        // stop the work.
        Python::try_attach(|py| {
            let logger = py.import("logging").and_then(|logging| logging.call_method1("getLogger", ("mly",)));
            logger.and_then(|logger| logger.call_method1("log", (level, "%s", message))).map(drop).ok()
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// An event as one line.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
