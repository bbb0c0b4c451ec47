//! Faults as text, for the command line.

use std::{str::FromStr, time::Duration};

use super::Fault;
use crate::{error::Error, log::Endpoint};

/// The words for errors.
const KINDS: &str = "status=N, delay=TIME, cut-body, short-length, garbled, wrong-type, html, block, throttle, \
                     transient, too-much-data, gzip-bomb=BYTES, huge-tile=BYTES, empty, no-content, not-found, \
                     gone, expired, redirect=URL, not-jpeg";

/// Words separated by commas: the error, then optionally `on=tile|entity|search|token|thumbnail|file` (may be repeated),
/// `tile=Z/X/Y`, `retry-after=SECONDS` and one of `next=N`, `every=N`, `always`. A comma in the URL of `redirect`
/// must be written as `%2C`.
///
/// ```
/// use mly_emulator::{Endpoint, Fault};
///
/// let fault: Fault = "status=503,next=2,on=tile".parse()?;
/// assert_eq!(fault, Fault::status(503).next(2).on(Endpoint::Tile));
/// # Ok::<(), mly_emulator::Error>(())
/// ```
impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why: String| Error::Fault { text: text.to_owned(), why };
        let mut words = text.split(',').map(str::trim);
        let first = words.next().unwrap_or_default();
        let mut fault = kind(first).ok_or_else(|| error(format!("it must begin with one of {KINDS}")))?;
        for word in words {
            let narrowed = narrow(fault, word);
            fault = narrowed.ok_or_else(|| {
                error(format!(
                    "{word:?} is not one of on=tile|entity|search|token|thumbnail|file|other, tile=Z/X/Y, \
                     retry-after=SECONDS, next=N, every=N, always"
                ))
            })?;
        }
        Ok(fault)
    }
}

fn kind(word: &str) -> Option<Fault> {
    let (name, value) = split(word);
    let fault = match (name.as_str(), value) {
        ("status", Some(value)) => {
            Fault::status(value.parse().ok().filter(|status| (200..=599).contains(status))?)
        }
        ("delay", Some(value)) => Fault::delay(duration(value)?),
        ("gzip-bomb", Some(value)) => Fault::gzip_bomb(value.parse().ok()?),
        ("huge-tile", Some(value)) => Fault::huge_tile(value.parse().ok()?),
        ("cut-body", None) => Fault::cut_body(),
        ("short-length", None) => Fault::short_length(),
        ("garbled", None) => Fault::garbled(),
        ("wrong-type", None) => Fault::wrong_type(),
        ("html", None) => Fault::html(),
        ("block", None) => Fault::block(),
        ("throttle", None) => Fault::throttle(),
        ("transient", None) => Fault::transient(),
        ("too-much-data", None) => Fault::too_much_data(),
        ("empty", None) => Fault::empty_200(),
        ("no-content", None) => Fault::no_content_204(),
        ("not-found", None) => Fault::not_found_404(),
        ("gone", None) => Fault::gone_410(),
        ("expired", None) => Fault::expired(),
        ("not-jpeg", None) => Fault::not_jpeg(),
        // An empty `Location` would redirect to the same URL.
        ("redirect", Some(value)) if !value.is_empty() => Fault::redirect(value),
        _ => return None,
    };
    Some(fault)
}

fn narrow(fault: Fault, word: &str) -> Option<Fault> {
    let (name, value) = split(word);
    match (name.as_str(), value) {
        ("on", Some(value)) => {
            let endpoint = Endpoint::ALL.into_iter().find(|endpoint| endpoint.name() == value)?;
            Some(fault.on(endpoint))
        }
        ("tile", Some(value)) => {
            let mut parts = value.split('/');
            let (z, x, y) = (parts.next()?, parts.next()?, parts.next()?);
            let fault = fault.tile(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?);
            parts.next().is_none().then_some(fault)
        }
        ("retry-after", Some(value)) => Some(fault.with_retry_after(value.parse().ok()?)),
        ("next", Some(value)) => Some(fault.next(value.parse().ok()?)),
        ("every", Some(value)) => Some(fault.every(value.parse().ok().filter(|&nth| nth > 0)?)),
        ("always", None) => Some(fault.always()),
        _ => None,
    }
}

/// Splits `name=value`. An underscore in the name is taken for a hyphen.
fn split(word: &str) -> (String, Option<&str>) {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    (name.replace('_', "-"), value)
}

/// `250ms`, `2s`, `1.5s`, `1m`; a bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    let (digits, unit_s) = if let Some(digits) = text.strip_suffix("ms") {
        (digits, 0.001)
    } else if let Some(digits) = text.strip_suffix('m') {
        (digits, 60.0)
    } else {
        (text.strip_suffix('s').unwrap_or(text), 1.0)
    };
    Duration::try_from_secs_f64(digits.parse::<f64>().ok()? * unit_s).ok()
}
