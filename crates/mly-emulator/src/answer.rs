//! Answers, and the JSON envelope of errors.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use crate::{answers::Packing, json::Json};

pub(crate) const JSON: &str = "application/json; charset=UTF-8";
pub(crate) const PROTOBUF: &str = "application/x-protobuf";
pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const BINARY: &str = "application/octet-stream";
pub(crate) const JPEG: &str = "image/jpeg";

/// An HTTP answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// The `Content-Encoding` of the body.
    pub(crate) encoding: Option<&'static str>,
    /// A wrong `Content-Length`, for faults.
    pub(crate) declared_length: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
            encoding: None,
            declared_length: None,
        }
    }

    pub(crate) fn json(json: Json) -> Self {
        Self::new(200, JSON, json.into_text())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Compresses JSON, when that is what is played.
    pub(crate) fn compressed(mut self, when: Packing, accepts_gzip: bool) -> Self {
        const WORTH_IT_BYTES: usize = 1000;
        let is_wanted = match when {
            Packing::WhenAsked => accepts_gzip && self.body.len() >= WORTH_IT_BYTES,
            Packing::Always | Packing::Unnamed => true,
            Packing::Never => false,
        };
        if is_wanted && self.encoding.is_none() && self.content_type == JSON {
            self.body = gzip(&self.body);
            self.encoding = when.named();
        }
        self
    }
}

impl Packing {
    /// The `Content-Encoding` of what is compressed.
    pub(crate) fn named(self) -> Option<&'static str> {
        (self != Self::Unnamed).then_some("gzip")
    }
}

/// Compresses at the fastest level, since speed matters more here than size.
pub(crate) fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map(Bytes::from).unwrap_or_default()
}

/// An error as the graph sends it: an HTTP status, and JSON whose `code` says more than the status.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    status: u16,
    pub(crate) code: i64,
    subcode: Option<i64>,
    kind: &'static str,
    message: String,
    is_transient: bool,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            subcode: None,
            kind: "MLYApiException",
            message: message.into(),
            is_transient: false,
        }
    }

    pub(crate) fn oauth(status: u16, message: impl Into<String>) -> Self {
        Self { kind: "OAuthException", ..Self::new(status, 190, message) }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, 100, message)
    }

    pub(crate) fn unknown_id(id: &str) -> Self {
        Self {
            subcode: Some(33),
            ..Self::invalid(format!(
                "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation"
            ))
        }
    }

    pub(crate) fn unknown_field(field: &str, node: &str) -> Self {
        Self::invalid(format!("Tried accessing nonexisting field ({field}) on node type ({node})"))
    }

    /// The rate limit of an application.
    pub(crate) fn throttled() -> Self {
        Self { is_transient: true, ..Self::new(403, 4, "Application request limit reached") }
    }

    /// The service is overloaded.
    pub(crate) fn unavailable() -> Self {
        Self { is_transient: true, ..Self::new(500, 2, "Service temporarily unavailable") }
    }

    pub(crate) fn too_much_data() -> Self {
        Self::new(500, 1, "Please reduce the amount of data you're asking for, then retry your request")
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn answer(&self, trace: &str) -> Answer {
        let envelope = Json::of(|json| {
            json.key("error").object(|json| {
                json.key("message").text(&self.message);
                json.key("type").text(self.kind);
                json.key("code").int(self.code);
                if let Some(subcode) = self.subcode {
                    json.key("error_subcode").int(subcode);
                }
                if self.is_transient {
                    json.key("is_transient").bool(true);
                }
                json.key("fbtrace_id").text(trace);
            });
        });
        Answer { status: self.status, ..Answer::json(envelope) }
    }
}
