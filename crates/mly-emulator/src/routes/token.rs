//! `POST /token`: exchanges a code, or a token that has not expired, for a new token.

use serde_json::Value;
use url::form_urlencoded;

use crate::{answer::ApiError, auth::TOKEN_LIFE_S, json::Json, request::Request, state::ServerState};

pub(super) fn exchange(state: &ServerState, request: &Request) -> Result<Json, ApiError> {
    let body = body(request);
    let field = |name: &str| {
        let value = body.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    };
    let required = |name: &str| {
        field(name).ok_or_else(|| ApiError::invalid(format!("The parameter {name} is required")))
    };
    let client = required("client_id")?;
    if !client.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::invalid("The parameter client_id must be an integer"));
    }
    let token = match required("grant_type")? {
        "authorization_code" => state.tokens.exchange_code(required("code")?, request.arrived_ms)?,
        "refresh_token" => state.tokens.refresh(required("refresh_token")?, request.arrived_ms)?,
        other => return Err(ApiError::invalid(format!("Unknown grant_type {other}"))),
    };
    Ok(Json::of(|json| {
        json.key("access_token").text(&token);
        json.key("expires_in").int(TOKEN_LIFE_S);
        json.key("token_type").text("bearer");
    }))
}

/// The parameters: JSON as documented, or a form, which some clients send.
fn body(request: &Request) -> Vec<(String, String)> {
    if let Ok(Value::Object(members)) = serde_json::from_slice(&request.body) {
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return members.into_iter().map(|(key, value)| (key, text(value))).collect();
    }
    form_urlencoded::parse(&request.body).into_owned().collect()
}
