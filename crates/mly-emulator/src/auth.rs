//! Which tokens are accepted, and the errors for those that are not.

use std::{collections::HashMap, sync::Mutex};

use crate::{answer::ApiError, dice::mix, lock::lock, log::TokenForm};

/// A token that every emulator accepts by default.
pub const DEMO_TOKEN: &str = "MLY|4841693829202613|8c1b6f0e3d5a4927b6e0c4f1a2d37958";

/// How long an issued token is valid, as clients observed it.
pub(crate) const TOKEN_LIFE_S: i64 = 60 * 24 * 3600;

/// The token of a request, and where the request carried it.
#[derive(Clone, Debug)]
pub(crate) struct RequestToken {
    pub(crate) form: TokenForm,
    pub(crate) text: String,
}

/// The tokens of one emulator.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Accepted always.
    known: Vec<String>,
    /// Whether well-formed tokens that are not known are refused.
    only_known: bool,
    issued: Mutex<TokenRegister>,
}

#[derive(Debug, Default)]
struct TokenRegister {
    /// When each token expires.
    tokens: HashMap<String, i64>,
    /// Codes that were exchanged already: each works once.
    used_codes: Vec<String>,
}

impl Tokens {
    pub(crate) fn new(known: Vec<String>, only_known: bool) -> Self {
        Self { known, only_known, issued: Mutex::default() }
    }

    /// Checks the token of a graph request.
    pub(crate) fn check(&self, token: &RequestToken, now_ms: i64) -> Result<(), ApiError> {
        if token.form == TokenForm::None {
            return Err(ApiError::new(500, 190, "Invalid OAuth 2.0 Access Token"));
        }
        if self.known.contains(&token.text) {
            return Ok(());
        }
        match lock(&self.issued).tokens.get(&token.text) {
            Some(&expires_ms) if now_ms < expires_ms => return Ok(()),
            Some(_) => {
                return Err(ApiError::oauth(400, "Error validating access token: Session has expired"));
            }
            None => {}
        }
        let in_header = token.form == TokenForm::Header;
        let status = if in_header { 401 } else { 400 };
        if !is_well_formed(&token.text) {
            let message = if in_header {
                "Failed to decode"
            } else {
                "Invalid OAuth access token - Cannot parse access token"
            };
            return Err(ApiError::oauth(status, message));
        }
        if self.only_known {
            let message = "Error validating application. Cannot get application info due to a system error.";
            return Err(ApiError::oauth(status, message));
        }
        Ok(())
    }

    /// Exchanges a code for a token. A code works once.
    pub(crate) fn exchange_code(&self, code: &str, now_ms: i64) -> Result<String, ApiError> {
        let mut issued = lock(&self.issued);
        if issued.used_codes.iter().any(|used| used == code) {
            return Err(ApiError::oauth(400, "This authorization code has been used."));
        }
        issued.used_codes.push(code.to_owned());
        Ok(issued.issue(now_ms))
    }

    /// Exchanges a user token that has not expired for a new one.
    pub(crate) fn refresh(&self, token: &str, now_ms: i64) -> Result<String, ApiError> {
        let mut issued = lock(&self.issued);
        if self.known.iter().any(|known| known == token) {
            return Ok(issued.issue(now_ms));
        }
        match issued.tokens.get(token) {
            Some(&expires_ms) if now_ms < expires_ms => Ok(issued.issue(now_ms)),
            Some(_) => Err(ApiError::oauth(400, "Error validating access token: Session has expired")),
            None => Err(ApiError::oauth(400, "Invalid OAuth access token - Cannot parse access token")),
        }
    }
}

impl TokenRegister {
    /// User tokens are opaque text. These are hashes of a counter, so that the same calls give the same tokens.
    fn issue(&mut self, now_ms: i64) -> String {
        let number = self.tokens.len() as u64;
        let token = format!("MLYA{:016x}{:016x}", mix(number), mix(number ^ u64::MAX));
        self.tokens.insert(token.clone(), now_ms + TOKEN_LIFE_S * 1000);
        token
    }
}

/// `MLY|`, digits, `|`, 32 hexadecimal digits.
fn is_well_formed(token: &str) -> bool {
    let mut parts = token.split('|');
    let (head, app, secret, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    head == Some("MLY")
        && app.is_some_and(|app| !app.is_empty() && app.bytes().all(|byte| byte.is_ascii_digit()))
        && secret
            .is_some_and(|secret| secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && rest.is_none()
}
