//! The answers of faults.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use mly_mvt::{LayerWriter, TileWriter, Value};

use super::kind::FaultKind;
use crate::{
    answer::{Answer, ApiError, BINARY, HTML, JPEG, JSON, PROTOBUF, TEXT},
    dice::Dice,
    graph::EXPIRED,
    log::Endpoint,
};

const LOGIN_PAGE: &str = "<!DOCTYPE html><html><title>Mapillary - Log in</title></html>";

/// What faults need to know of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestContext<'a> {
    pub(crate) endpoint: Endpoint,
    /// The URL of the request, with its token.
    pub(crate) request_url: &'a str,
    /// The `fbtrace_id` of errors.
    pub(crate) trace: &'a str,
    /// The seed of random bytes.
    pub(crate) seed: u64,
}

impl RequestContext<'_> {
    fn content_type(&self) -> &'static str {
        match self.endpoint {
            Endpoint::Tile => PROTOBUF,
            Endpoint::Thumbnail => JPEG,
            Endpoint::File => BINARY,
            _ => JSON,
        }
    }

    /// The redirect that blocked clients receive.
    pub(crate) fn block(&self) -> Answer {
        let next: String = url::form_urlencoded::byte_serialize(self.request_url.as_bytes()).collect();
        Answer::new(302, HTML, "").header("location", format!("https://www.mapillary.com/login/?next={next}"))
    }
}

impl FaultKind {
    /// The answer of a fault that replaces the right answer.
    pub(crate) fn instead(&self, context: RequestContext<'_>) -> Option<Answer> {
        let envelope = |error: ApiError| Some(error.answer(context.trace));
        match self {
            Self::Status { status, retry_after_s } => {
                Some(with_retry_after(failure(*status, context), *retry_after_s))
            }
            Self::Html => Some(Answer::new(200, HTML, LOGIN_PAGE)),
            Self::Block => Some(context.block()),
            Self::Throttle { retry_after_s } => {
                let answer = if context.endpoint.is_signed() {
                    failure(429, context)
                } else {
                    ApiError::throttled().answer(context.trace)
                };
                Some(with_retry_after(answer, *retry_after_s))
            }
            Self::Transient => envelope(ApiError::unavailable()),
            Self::TooMuchData => envelope(ApiError::too_much_data()),
            Self::GzipBomb { bytes } => Some(Answer {
                encoding: Some("gzip"),
                ..Answer::new(200, context.content_type(), gzip_zeros(*bytes).unwrap_or_default())
            }),
            Self::HugeTile { bytes } => Some(Answer::new(200, PROTOBUF, huge_tile(*bytes))),
            Self::Empty => Some(Answer::new(200, context.content_type(), "")),
            Self::NoContent => Some(Answer::new(204, context.content_type(), "")),
            Self::NotFound => Some(failure(404, context)),
            Self::Expired => Some(Answer::new(403, TEXT, EXPIRED)),
            Self::Redirect { to } => Some(Answer::new(302, HTML, "").header("location", to)),
            Self::NotJpeg => Some(Answer::new(200, JPEG, LOGIN_PAGE)),
            Self::Delay(_) | Self::CutBody | Self::ShortLength | Self::Garbled | Self::WrongType => None,
        }
    }

    /// The right answer, damaged by a fault that does not replace it.
    pub(crate) fn spoil(&self, mut answer: Answer, context: RequestContext<'_>) -> Answer {
        match self {
            Self::CutBody => {
                answer.declared_length = Some(answer.body.len().max(2));
                answer.body = answer.body.slice(..answer.body.len() / 2);
            }
            Self::ShortLength => answer.declared_length = Some(answer.body.len() / 2),
            Self::Garbled => {
                const LEAST_BYTES: usize = 64;
                let mut dice = Dice::new(context.seed);
                let count = answer.body.len().max(LEAST_BYTES);
                answer.body = (0..count).map(|_| dice.next().to_be_bytes()[0]).collect();
                answer.encoding = None;
            }
            Self::WrongType => answer.content_type = TEXT,
            _ => {}
        }
        answer
    }
}

/// Adds `Retry-After`, if there is one.
fn with_retry_after(answer: Answer, seconds: Option<u64>) -> Answer {
    match seconds {
        Some(seconds) => answer.header("retry-after", seconds.to_string()),
        None => answer,
    }
}

/// An error status. The graph answers with its JSON envelope; the servers of tiles and files answer with plain text, and
/// with XML when they refuse with 429.
fn failure(status: u16, context: RequestContext<'_>) -> Answer {
    match (context.endpoint, status) {
        (Endpoint::Entity | Endpoint::Search | Endpoint::Token, _) => {
            let error = match status {
                400 => ApiError::invalid("Invalid parameter"),
                401 => ApiError::oauth(401, "Failed to decode"),
                403 | 429 => ApiError::throttled(),
                404 => ApiError::unknown_id("0"),
                500..=599 => ApiError::unavailable(),
                _ => ApiError::new(status, 1, "An unknown error occurred"),
            };
            error.with_status(status).answer(context.trace)
        }
        (_, 429) => Answer::new(
            429,
            "application/xml",
            "<?xml version=\"1.0\"?><Error><Code>TooManyRequests</Code></Error>",
        ),
        _ => Answer::new(status, TEXT, format!("error {status}")),
    }
}

fn gzip_zeros(bytes: u64) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    io::copy(&mut io::repeat(0).take(bytes), &mut encoder)?;
    encoder.flush()?;
    Ok(encoder.finish()?.into())
}

fn huge_tile(bytes: u64) -> Bytes {
    // The bytes of a point with a property value of its own, at least.
    const POINT_BYTES: u64 = 16;
    let mut layer = LayerWriter::new("image", 4096);
    for (id, number) in (0..=bytes / POINT_BYTES).zip(0i32..) {
        let at = [number % 4096, number / 4096 % 4096];
        layer.point(Some(id), at, &[("id", Value::Int((1 << 50) + id.cast_signed()))]);
    }
    let mut tile = TileWriter::new();
    tile.layer(layer);
    tile.finish().into()
}
