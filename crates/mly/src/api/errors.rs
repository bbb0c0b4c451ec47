//! How the service says that something is wrong (API v4, "Errors").
//!
//! A refusal is JSON: `{"error": {"message", "type", "code", "error_subcode", "is_transient", "fbtrace_id"}}`. The code
//! says what is wrong; the HTTP status is no guide: a missing token gives status 500, an unknown id 400, and the JSON
//! of an error may even come with status 200.

/// The search took too long; a retry helps.
pub(crate) const QUERY_TIMEOUT: i64 = -2;

/// "Please reduce the amount of data you're asking for": the answer would be too large. Smaller requests help.
pub(crate) const TOO_MUCH_DATA: i64 = 1;

/// "Service temporarily unavailable"; a retry helps.
pub(crate) const UNAVAILABLE: i64 = 2;

/// A limit of requests is reached: of the application (4), of its user (17), of a page (32) or of one kind of call
/// (613). Waiting helps.
pub(crate) const REQUEST_LIMITS: [i64; 4] = [4, 17, 32, 613];

/// "Please log in first": the service refuses requests for some time, as after a limit (API v4, "Added on 2026-11-27").
/// Waiting helps.
pub(crate) const REFUSED_FOR_NOW: i64 = 368;

/// A wrong request: an unknown id, an unknown field. A retry gives the same error.
pub(crate) const WRONG_REQUEST: i64 = 100;

/// The token is missing, malformed, expired or was never issued.
pub(crate) const BAD_TOKEN: i64 = 190;

/// "Some of the aliases you requested do not exist": an id cannot be loaded. A retry gives the same error.
pub(crate) const UNLOADABLE_ID: i64 = 803;

/// Whether a code means the same whatever the HTTP status is: all of the above.
pub(crate) fn is_known(code: i64) -> bool {
    REQUEST_LIMITS.contains(&code)
        || matches!(
            code,
            QUERY_TIMEOUT
                | TOO_MUCH_DATA
                | UNAVAILABLE
                | WRONG_REQUEST
                | BAD_TOKEN
                | REFUSED_FOR_NOW
                | UNLOADABLE_ID
        )
}

/// Whether a message with the code [`WRONG_REQUEST`] or [`UNLOADABLE_ID`] is about an unknown id, such as `Unsupported
/// get request. Object with ID '1' does not exist, cannot be loaded due to missing permissions, or does not support
/// this operation`.
pub(crate) fn is_unknown_id(message: &str) -> bool {
    message.contains("does not exist") || message.contains("do not exist")
}

/// An id in single quotes, as it stands in the message about an unknown id.
pub(crate) fn quoted(id: &str) -> String {
    format!("'{id}'")
}

/// The field in a message such as `Tried accessing nonexisting field (captions) on node type (Image)`.
pub(crate) fn nonexisting_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("nonexisting field (")?;
    Some(rest.split_once(')')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_unknown_field_or_id() {
        let field = "Tried accessing nonexisting field (captions) on node type (Image)";
        assert_eq!(nonexisting_field(field), Some("captions"));
        let id = "Unsupported get request. Object with ID '7' does not exist, cannot be loaded due to missing permissions";
        assert!(is_unknown_id(id) && id.contains(&quoted("7")));
        assert_eq!(nonexisting_field(id), None);
    }
}
