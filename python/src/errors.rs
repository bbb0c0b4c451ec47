//! Errors of the library as exceptions; the classes are in `mly/errors.py`.

use std::error::Error as StdError;

use mly::{Error, Hint};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception of an error.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn to_py(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error).unwrap_or_else(|failure| failure))
}

/// A result that was read already.
pub(crate) fn used_up(py: Python<'_>, message: &str) -> PyErr {
    raise(py, "UsedUp", message, &PyDict::new(py)).unwrap_or_else(|failure| failure)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let more = PyDict::new(py);
    more.set_item("retryable", error.is_retryable())?;
    let class = match error {
        Error::InvalidQuery { hint, .. } => {
            more.set_item("hint", hint.as_ref().map(in_python))?;
            "InvalidQuery"
        }
        Error::Input { path, hint, .. } => {
            more.set_item("path", path.as_ref().map(|p| p.display().to_string()))?;
            more.set_item("hint", hint.as_ref().map(in_python))?;
            "InvalidQuery"
        }
        Error::Auth { status, code, refusal, .. } => {
            if status.is_none() {
                more.set_item("hint", "set MAPILLARY_TOKEN or pass token=")?;
            }
            more.set_item("status", status)?;
            more.set_item("code", code)?;
            more.set_item("kind", refusal.as_ref().and_then(|r| r.kind.as_deref()))?;
            more.set_item("trace_id", refusal.as_ref().and_then(|r| r.trace_id.as_deref()))?;
            "Auth"
        }
        Error::RateLimited { url, retry_after, .. } => {
            more.set_item("url", url.to_string())?;
            more.set_item("retry_after", retry_after.map(|d| d.as_secs_f64()))?;
            "RateLimited"
        }
        Error::Api { status, code, url, .. } => {
            more.set_item("status", status)?;
            more.set_item("code", code)?;
            more.set_item("url", url.to_string())?;
            "Api"
        }
        Error::Transport { url, attempts, elapsed, .. } => {
            more.set_item("url", url.to_string())?;
            more.set_item("attempts", attempts)?;
            more.set_item("elapsed", elapsed.as_secs_f64())?;
            "Transport"
        }
        Error::NotFound { ids } => {
            let ids =
                ids.iter().map(|id| crate::arguments::id_to_py(py, id)).collect::<PyResult<Vec<_>>>()?;
            more.set_item("ids", ids)?;
            "NotFound"
        }
        Error::Decode { tile, offset, .. } => {
            more.set_item("tile", tile.map(|t| (t.z(), t.x(), t.y())))?;
            more.set_item("offset", offset)?;
            "Decode"
        }
        Error::Output { path, format, .. } => {
            more.set_item("path", path.as_ref().map(|p| p.display().to_string()))?;
            more.set_item("format", format)?;
            "Output"
        }
        Error::Journal { path, hint, .. } => {
            more.set_item("path", path.display().to_string())?;
            more.set_item("hint", in_python(hint))?;
            "Journal"
        }
        Error::Cancelled => "Cancelled",
        // A kind of error that is newer than this file.
        _ => "Error",
    };
    raise(py, class, &with_causes(error), &more)
}

fn raise(py: Python<'_>, class: &str, message: &str, more: &Bound<'_, PyDict>) -> PyResult<PyErr> {
    let class = py.import("mly.errors")?.getattr(class)?;
    Ok(PyErr::from_value(class.call((message,), Some(more))?))
}

/// The error and its causes, on one line.
fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What to do about an error, with the arguments that do it.
fn in_python(hint: &Hint) -> String {
    match hint {
        Hint::Overwrite => "choose another name, or pass overwrite=True".to_owned(),
        Hint::StartOver { because: None } => "start over with overwrite=True".to_owned(),
        Hint::StartOver { because: Some(why) } => format!("{why}; start over with overwrite=True"),
        Hint::OtherWork => {
            "finish it with the call that began it, choose another name, or give it up with overwrite=True"
                .to_owned()
        }
        Hint::NameFormat { extensions } => format!("pass format=, or use one of {}", extensions.join(" ")),
        Hint::NameFile => "write to a file, or choose another format".to_owned(),
        Hint::GiveCenter => "to search around a point, use near=(LON, LAT) and radius=M".to_owned(),
        Hint::ImagesOfMapFeatures => "detections(map_feature_id=...) tells the images that show them".to_owned(),
        Hint::ImagesOfSequences => "sequence(...) lists the images of sequences".to_owned(),
        Hint::SelectFields(names) => format!("ask for it too, with fields={names:?}"),
        other => other.to_string(),
    }
}
