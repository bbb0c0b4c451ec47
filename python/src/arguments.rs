//! Converts arguments of Python functions. Errors name the argument.

use std::ffi::CString;

use chrono::{DateTime, SecondsFormat, Utc};
use mly::without_tokens;
use pyo3::exceptions::{PyDeprecationWarning, PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDate, PyDateTime, PyDict, PyString, PyTzInfoAccess};

use crate::errors::to_py;

/// Keywords that a function does not know.
pub(crate) type UnknownKeywords<'a, 'py> = &'a Bound<'py, PyDict>;

/// Refuses unknown keywords and names the nearest known one.
///
/// # Errors
/// `TypeError` when there is one.
pub(crate) fn refuse(
    unknown: Option<UnknownKeywords<'_, '_>>,
    function: &str,
    known: &[&str],
) -> PyResult<()> {
    let Some(name) = unknown.and_then(|u| u.keys().iter().next()) else { return Ok(()) };
    let name: String = name.extract()?;
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&name.to_lowercase(), word), word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| *distance <= 1 + word.len() / 3);
    let hint = match near {
        Some((_, word)) => format!("did you mean '{word}'?"),
        None => format!("known: {}", known.join(", ")),
    };
    let name = without_tokens(&name);
    Err(PyTypeError::new_err(format!("{function}() got an unexpected keyword argument '{name}'; {hint}")))
}

/// The value of a keyword by its name of version 0.1, which is taken out of the unknown ones with a `DeprecationWarning`.
pub(crate) fn renamed<'py>(
    py: Python<'py>,
    unknown: Option<UnknownKeywords<'_, 'py>>,
    before: &str,
    now: &str,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(keywords) = unknown else { return Ok(None) };
    let given = keywords.get_item(before)?;
    if given.is_some() {
        keywords.del_item(before)?;
        let message = CString::new(format!("the argument '{before}' is now called '{now}'"))?;
        PyErr::warn(py, &py.get_type::<PyDeprecationWarning>(), &message, 1)?;
    }
    Ok(given)
}

/// An error about the value of an argument, with its name.
pub(crate) fn of_argument(py: Python<'_>, name: &str, error: PyErr) -> PyErr {
    let message = || format!("argument '{name}': {}", error.value(py));
    if error.is_instance_of::<PyTypeError>(py) {
        return PyTypeError::new_err(message());
    }
    // Raised for negative numbers, and for numbers that are too large for the integer type.
    if error.is_instance_of::<PyOverflowError>(py) {
        return to_py(mly::Error::InvalidQuery { what: message(), hint: None });
    }
    error
}

/// The value of an argument. An error names the argument.
pub(crate) fn value<'a, 'py, T>(name: &str, given: &'a Bound<'py, PyAny>) -> PyResult<T>
where
    T: FromPyObject<'a, 'py>,
{
    given.extract().map_err(|error: T::Error| of_argument(given.py(), name, error.into()))
}

/// The value of an argument that may be left out. An error names the argument.
pub(crate) fn optional<'a, 'py, T>(name: &str, given: Option<&'a Bound<'py, PyAny>>) -> PyResult<Option<T>>
where
    T: FromPyObject<'a, 'py>,
{
    given.map(|given| value(name, given)).transpose()
}

/// A word of the library as an argument, which may be left out.
pub(crate) fn word<T>(name: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<T>>
where
    T: std::str::FromStr<Err = mly::Error>,
{
    optional::<String>(name, given)?.map(|word| parsed(&word)).transpose()
}

/// Names: a list, or a text with commas between them.
pub(crate) struct Names(pub(crate) Vec<String>);

impl<'py> FromPyObject<'_, 'py> for Names {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = given.extract::<String>() {
            return Ok(Self(text.split(',').map(|name| name.trim().to_owned()).collect()));
        }
        let names = given.try_iter().map_err(|_| expected("a name or a list of names", &given))?;
        names.map(|name| text(&name?, "a name")).collect::<PyResult<_>>().map(Self)
    }
}

/// An id, a whole number or text.
pub(crate) struct Id(pub(crate) String);

impl<'py> FromPyObject<'_, 'py> for Id {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = given.cast::<PyString>() {
            return Ok(Self(text.to_str()?.trim().to_owned()));
        }
        if !given.is_instance_of::<PyBool>() {
            if let Ok(number) = given.extract::<i64>() {
                return Ok(Self(number.to_string()));
            }
            // A scalar of pyarrow.
            if let Ok(value) = given.call_method0("as_py") {
                return value.extract();
            }
        }
        Err(expected("an id, a whole number or text", &given))
    }
}

/// One id or many.
pub(crate) fn ids(given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if let Ok(Id(id)) = given.extract() {
        return Ok(vec![id]);
    }
    let many = given.try_iter().map_err(|_| expected("an id or a list of ids", given))?;
    many.map(|id| id?.extract().map(|Id(id)| id)).collect()
}

/// A date as the library reads it: text as it is, a `date` as its day, a `datetime` as its millisecond.
pub(crate) fn date(given: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(moment) = given.cast::<PyDateTime>() {
        if moment.get_tzinfo().is_none() {
            let naive: chrono::NaiveDateTime = moment.extract()?;
            return Ok(naive.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true));
        }
        let fixed: DateTime<chrono::FixedOffset> = match moment.extract() {
            Ok(fixed) => fixed,
            // The zone has no fixed offset, so Python converts the time to UTC.
            Err(_) => given.call_method1("astimezone", (PyTzUtc::of(given.py())?,))?.extract()?,
        };
        return Ok(fixed.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true));
    }
    if given.is_instance_of::<PyDate>() {
        return given.call_method0("isoformat")?.extract();
    }
    text(given, "a date: text such as \"2021-03\", a date or a datetime")
}

/// The time zone UTC of Python.
struct PyTzUtc;

impl PyTzUtc {
    fn of(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        py.import("datetime")?.getattr("timezone")?.getattr("utc")
    }
}

/// Two or more numbers.
pub(crate) fn numbers<const N: usize>(given: &Bound<'_, PyAny>, what: &str) -> PyResult<[f64; N]> {
    let wrong = || expected(what, given);
    if given.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    let list = given.try_iter().map_err(|_| wrong())?;
    let list = list.map(|number| number?.extract::<f64>()).collect::<PyResult<Vec<_>>>();
    list.ok().and_then(|list| list.try_into().ok()).ok_or_else(wrong)
}

/// A text.
pub(crate) fn text(given: &Bound<'_, PyAny>, what: &str) -> PyResult<String> {
    given.extract().map_err(|_| expected(what, given))
}

/// The value that the library parses from a text.
pub(crate) fn parsed<T: std::str::FromStr<Err = mly::Error>>(text: &str) -> PyResult<T> {
    text.parse().map_err(to_py)
}

/// A `TypeError` that says what was expected.
pub(crate) fn expected(what: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let name = given.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("expected {what}, not {name}"))
}
