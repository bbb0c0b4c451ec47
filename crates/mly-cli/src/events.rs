//! Messages as JSON objects, one a line, for programs that run the command.

use mly::Summary;
use serde_json::{Value, json};

/// A message as an event: its kind stands before the colon, as in `warning: ...`.
pub(crate) fn of_message(message: &str) -> Value {
    match message.split_once(": ") {
        Some((kind @ ("error" | "hint" | "warning"), text)) => json!({"event": kind, "message": text}),
        _ => json!({"event": "message", "message": message}),
    }
}

/// The event that a run begins: what is counted, and how many of them there are.
pub(crate) fn start(steps: &str, total: u64, rows: Option<&str>) -> Value {
    json!({"event": "start", "steps": steps, "total": total, "rows": rows})
}

/// How far a run is.
pub(crate) fn progress(summary: &Summary, answered: u64, total: u64) -> Value {
    json!({
        "event": "progress",
        "answered": answered,
        "total": total,
        "rows": summary.rows,
        "requests": summary.requests(),
        "bytes": summary.bytes,
        "elapsed_s": summary.elapsed.as_secs_f64(),
    })
}

/// Requests that were sent again since the last event of this kind.
pub(crate) fn retry(count: u64) -> Value {
    json!({"event": "retry", "count": count})
}

/// The end of a run that was not stopped by an error.
pub(crate) fn done(summary: &Summary, message: &str, place: Option<&str>) -> Value {
    json!({
        "event": "done",
        "message": message,
        "rows": summary.rows,
        "requests": summary.requests(),
        "retries": summary.retries,
        "bytes": summary.bytes,
        "elapsed_s": summary.elapsed.as_secs_f64(),
        "output": place,
    })
}
