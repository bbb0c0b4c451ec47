//! A request and its answer.

use mly::{Error, Observed};
use serde_json::Value;

use super::ask::Ask;
use super::drawn::DrawnTile;
use super::unanswered::Unanswered;

/// A request and its answer.
pub(super) struct Exchange {
    pub(super) ask: Ask,
    pub(super) observed: Observed,
}

/// What a request for JSON led to.
pub(super) enum Outcome {
    /// Status 200, and no error in the body.
    Answer(Value),
    /// An error; `code` is that of the service's envelope.
    Refused { status: u16, code: Option<i64>, message: String },
}

impl Exchange {
    /// Takes the error of a refused token, unless the request carried it in a place where it may be refused.
    pub(super) fn refused_token(&mut self) -> Option<Error> {
        let is_trial = self.ask.is_tile() && self.ask.token_in_header;
        self.observed.error.take_if(|error| matches!(error, Error::Auth { .. }) && !is_trial)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.observed.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.observed.status)
    }

    /// Whether the answer names gzip as its encoding.
    pub(super) fn names_gzip(&self) -> bool {
        self.header("content-encoding").is_some_and(|value| value.eq_ignore_ascii_case("gzip"))
    }

    /// The tile in the body.
    pub(super) fn tile(&self) -> Result<DrawnTile<'_>, Unanswered> {
        let status = self.observed.status;
        if !self.is_success() {
            return Err(Unanswered::new(format!("the tile answered {status}")));
        }
        DrawnTile::read(&self.observed.body)
            .map_err(|error| Unanswered::new(format!("the tile cannot be read: {error}")))
    }

    /// The JSON in the body.
    pub(super) fn outcome(&self) -> Outcome {
        let status = self.observed.status;
        let refused = |code, message: &str| Outcome::Refused { status, code, message: message.to_owned() };
        match serde_json::from_slice::<Value>(&self.observed.body) {
            Ok(value) => match value.get("error") {
                Some(error) => {
                    refused(error["code"].as_i64(), error["message"].as_str().unwrap_or("no message"))
                }
                None if self.is_success() => Outcome::Answer(value),
                None => refused(None, "no error in the body"),
            },
            Err(_) => refused(None, "the body is no JSON"),
        }
    }

    /// The JSON of an answer that is no error.
    pub(super) fn answer(&self) -> Result<Value, Unanswered> {
        match self.outcome() {
            Outcome::Answer(value) => Ok(value),
            refused @ Outcome::Refused { .. } => Err(Unanswered::new(refused.to_string())),
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer(_) => f.write_str("answered"),
            Self::Refused { status, code: Some(code), message } => {
                write!(f, "{status}, code {code}: {message}")
            }
            Self::Refused { status, code: None, message } => write!(f, "{status}: {message}"),
        }
    }
}

/// The rows of `{"data":[...]}`.
pub(super) fn rows(value: &Value) -> Result<&[Value], Unanswered> {
    let rows = value["data"].as_array().map(Vec::as_slice);
    rows.ok_or_else(|| Unanswered::new("the answer has no list of rows".to_owned()))
}
