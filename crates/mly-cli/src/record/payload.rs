//! What is written of an answer.

use super::bytes::unzlib;
use super::exchange::Exchange;
use super::scrub::Scrubber;

/// What is written of the body of an answer.
pub(super) enum Payload {
    /// There is no body.
    Empty,
    /// A file with this suffix.
    File { suffix: &'static str, bytes: Vec<u8> },
    /// Nothing, and why.
    Withheld(&'static str),
}

impl Payload {
    pub(super) fn of(exchange: &Exchange, scrubber: &Scrubber<'_>) -> Self {
        let body = exchange.observed.body.as_slice();
        if body.is_empty() {
            return Self::Empty;
        }
        if exchange.ask.is_tile()
            && let Ok(tile) = exchange.tile()
        {
            return if scrubber.is_clean_tile(&tile, body) {
                Self::File { suffix: "mvt", bytes: body.to_owned() }
            } else {
                Self::Withheld("the tile holds an address, a token or the name of a user")
            };
        }
        let unpacked = unzlib(body);
        let text = unpacked.as_deref().unwrap_or(body);
        if let Ok(value) = serde_json::from_slice(text) {
            return Self::File { suffix: "json", bytes: format!("{}\n", scrubber.json(value)).into_bytes() };
        }
        match std::str::from_utf8(text) {
            Ok(text) => Self::File { suffix: "txt", bytes: scrubber.text(text).into_bytes() },
            Err(_) if scrubber.is_clean(text) => Self::File { suffix: "bin", bytes: body.to_owned() },
            Err(_) => Self::Withheld("the file holds an address, a token or the name of a user"),
        }
    }
}
