//! Errors of the library as exceptions; the classes are in `mly/errors.py`.

use std::error::Error as StdError;

use mly::error::Limit;
use mly::{Error, Hint, without_tokens};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception of an error.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn to_py(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error).unwrap_or_else(|failure| failure))
}

/// The exception of a result that was read already.
pub(crate) fn used_up(message: &str) -> PyErr {
    plain("UsedUpError", message)
}

/// The exception of a bug of this package, such as a lock whose owner has panicked.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
pub(crate) fn internal(what: impl ToString) -> PyErr {
    plain("InternalError", &what.to_string())
}

/// The attributes of an exception by name.
macro_rules! attributes {
    ($py:ident; $($name:ident = $value:expr),* $(,)?) => {{
        let attributes = PyDict::new($py);
        $(attributes.set_item(stringify!($name), $value)?;)*
        attributes
    }};
}

/// The exception of an argument that makes no sense.
pub(crate) fn invalid(what: &str, hint: &str) -> PyErr {
    to_py(mly::Error::InvalidQuery { what: what.to_owned(), hint: Some(hint.to_owned().into()) })
}

/// The class and the attributes of an error: the only table of them.
fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let (class, attributes) = match error {
        Error::InvalidQuery { .. } => ("InvalidQueryError", attributes! { py; }),
        Error::Input { path, .. } => {
            ("InputError", attributes! { py; path = path.as_ref().map(|p| p.display().to_string()) })
        }
        Error::Internal { .. } => ("InternalError", attributes! { py; }),
        Error::Auth { status, code, refusal, .. } => (
            "AuthError",
            attributes! { py;
                status = status,
                code = code,
                kind = refusal.as_ref().and_then(|r| r.kind.as_deref()),
                trace_id = refusal.as_ref().and_then(|r| r.trace_id.as_deref()),
            },
        ),
        Error::RateLimited { limit, endpoint, url, retry_after, .. } => (
            "RateLimitedError",
            attributes! { py;
                limit = limit.name(),
                endpoint = endpoint.map(mly::Endpoint::name),
                url = url.to_string(),
                retry_after = retry_after.map(|d| d.as_secs_f64()),
            },
        ),
        Error::Api { status, code, url, .. } => {
            ("ApiError", attributes! { py; status = status, code = code, url = url.to_string() })
        }
        Error::Transport { url, attempts, elapsed, .. } => (
            "TransportError",
            attributes! { py; url = url.to_string(), attempts = attempts, elapsed = elapsed.as_secs_f64() },
        ),
        Error::NotFound { ids } => {
            let ids = ids.iter().map(|id| crate::values::id(py, id));
            ("NotFoundError", attributes! { py; ids = ids.collect::<PyResult<Vec<_>>>()? })
        }
        Error::Decode { tile, offset, .. } => {
            ("DecodeError", attributes! { py; tile = tile.map(|t| (t.z(), t.x(), t.y())), offset = offset })
        }
        Error::Output { path, format, .. } => (
            "OutputError",
            attributes! { py; path = path.as_ref().map(|p| p.display().to_string()), format = format },
        ),
        Error::Journal { path, .. } => {
            ("JournalError", attributes! { py; path = path.display().to_string() })
        }
        Error::Cancelled => ("CancelledError", attributes! { py; }),
        // The enum is not exhaustive, so a later variant may be missing in this table.
        _ => ("MlyError", attributes! { py; }),
    };
    attributes.set_item("hint", hint(error))?;
    attributes.set_item("retryable", error.is_retryable())?;
    instance(py, class, &with_causes(error), &attributes)
}

/// The text without anything that looks like a token, such as MLY|123|0a1b.
#[pyfunction]
#[pyo3(signature = (text: "str") -> "str")]
pub(crate) fn _without_tokens(text: &str) -> String {
    without_tokens(text)
}

fn plain(class: &str, message: &str) -> PyErr {
    Python::attach(|py| instance(py, class, message, &PyDict::new(py)).unwrap_or_else(|failure| failure))
}

fn instance(py: Python<'_>, class: &str, message: &str, attributes: &Bound<'_, PyDict>) -> PyResult<PyErr> {
    let class = py.import("mly.errors")?.getattr(class)?;
    Ok(PyErr::from_value(class.call((message,), Some(attributes))?))
}

/// The error and its causes, on one line.
fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&e| e.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The hint of an error, in the words of Python.
fn hint(error: &Error) -> Option<String> {
    match error {
        Error::Auth { status: None, .. } => Some("set MAPILLARY_TOKEN or pass token=".to_owned()),
        Error::RateLimited { limit: Limit::Blocked, .. } => Some(
            "wait that long, since each request makes a block longer; if this machine has a new address or it was no block, run `mly budget --forget-block`"
                .to_owned(),
        ),
        Error::Api { status: 300..=399, .. } => {
            Some("check graph_url= and tiles_url= or their variables, and the proxy of this network".to_owned())
        }
        other => other.hint().map(in_python),
    }
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
        Hint::Reproject => {
            "reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN, or geopandas.read_file(IN).to_crs(4326)"
                .to_owned()
        }
        Hint::Widen => "add buffer=M to take everything within M metres of them".to_owned(),
        Hint::ImagesOfMapFeatures => {
            "detections(map_feature_id=...) tells the images that show them".to_owned()
        }
        Hint::ImagesOfSequences => "sequence(...) lists the images of sequences".to_owned(),
        Hint::Around { position } => format!("ask for a circle: near=({position}), radius=500"),
        Hint::MoveAway => {
            "move the file of that name away or pass overwrite=True, and make the same call again".to_owned()
        }
        Hint::SelectFields(names) => format!("ask for it too, with fields={names:?}"),
        other => other.to_string(),
    }
}
