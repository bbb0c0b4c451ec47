//! What the library tells goes to Python's `logging`, to the logger `mly`.

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

/// What the logger takes, as it was when work last began. Asking it each time would mean waiting for the interpreter.
static LEVEL: AtomicI32 = AtomicI32::new(NOTHING);

/// Looks at what the logger takes, and begins to listen the first time.
///
/// Where nobody has imported `logging`, nobody can see what is told.
pub(crate) fn listen(py: Python<'_>) -> PyResult<()> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(logger) = LOGGER.get(py) else {
        let loaded = py.import("sys")?.getattr("modules")?;
        let logging = loaded.call_method1("get", ("logging",))?;
        if logging.is_none() {
            return Ok(());
        }
        let logger = logging.call_method1("getLogger", ("mly",))?;
        // Without a handler of its own, warnings of a library are printed.
        logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
        let _ = LOGGER.set(py, logger.unbind());
        // Somebody else may listen already, and then hears it all.
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

/// Hands events on.
struct ToPython;

impl Subscriber for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Those of the HTTP stack print addresses, and addresses hold the token.
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
        // At the end of the interpreter there is nobody to be told, and an error of a handler is its own affair.
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
