//! The time as an argument, so that tests can choose it.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time; the default is the clock of the system.
#[derive(Clone)]
pub struct Clock {
    now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    uptime: Arc<dyn Fn() -> Option<Uptime> + Send + Sync>,
}

/// How long the machine has been running. Unlike the time of day, nobody sets it, and all processes see the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uptime {
    /// Names this start of the machine; the next start has another name.
    pub(crate) boot: String,
    /// Milliseconds since the machine was started, those in which it slept included.
    pub(crate) ms: i64,
}

impl Clock {
    /// A clock that asks this function, which gives milliseconds since 1970.
    pub fn new(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self { now_ms: Arc::new(now_ms), uptime: Arc::new(|| None) }
    }

    /// The same time of day, and another uptime.
    pub(crate) fn with_uptime(self, uptime: impl Fn() -> Option<Uptime> + Send + Sync + 'static) -> Self {
        Self { uptime: Arc::new(uptime), ..self }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }

    /// How long the machine has been running, where the system tells.
    pub(crate) fn uptime(&self) -> Option<Uptime> {
        (self.uptime)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        let now_ms = || {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
        };
        Self::new(now_ms).with_uptime(uptime_of_system)
    }
}

/// Reads the uptime where the kernel shows it as a file, which is on Linux; `None` elsewhere.
fn uptime_of_system() -> Option<Uptime> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
    let seconds: f64 = std::fs::read_to_string("/proc/uptime").ok()?.split(' ').next()?.parse().ok()?;
    // The kernel shows hundredths of a second, far below 2^63 ms.
    #[expect(clippy::cast_possible_truncation, reason = "an uptime is small")]
    let ms = (seconds * 1000.0) as i64;
    Some(Uptime { boot, ms })
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
