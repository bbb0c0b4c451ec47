//! Tells an id that the service cannot answer from a service that answers nothing.
//!
//! A request about an id can fail each time for one of two reasons: the service cannot answer it, or at the moment it
//! answers nothing. The first must not stop the run. The second has to, since all these ids can be answered later. So an
//! id is given up only if it fails, then another request is answered, then it fails again, and then another request is
//! answered again. If no other request of the run happens to be, one is sent: about an id that was answered before, or
//! else about other ids of the plan. Such an id is a *witness*.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::api::errors::{self, BAD_TOKEN, UNLOADABLE_ID, WRONG_REQUEST, nonexisting_field};
use crate::error::Error;
use crate::http::{REFUSED_TOKEN, is_unreachable};
use crate::plan::GraphRequest;

/// Requests about ids that may fail one after the other before a witness is needed, and so the most ids that are tried
/// as witnesses.
pub(super) const MOST_FAILURES: usize = 20;

/// An id, and a request about it alone.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    pub(super) id: String,
    pub(super) request: GraphRequest,
}

/// What a run knows of whether the service answers.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    /// Requests about ids that were answered.
    answers: AtomicU64,
    /// Requests about ids that have failed since the last answer.
    failures: AtomicUsize,
    /// The last id that was answered.
    answered: Mutex<Option<Witness>>,
    /// Ids of the plan that may be answered. The lock is held while a witness is sought, so that only one task does.
    pub(super) candidates: tokio::sync::Mutex<Vec<Witness>>,
    /// Whether an earlier run of the same plan has written rows.
    pub(super) was_answered_before: bool,
}

impl Doubt {
    /// Ids of the plan that may be answered, of which a few are chosen; and whether an earlier run has written rows.
    pub(super) fn new(
        candidates: &[String],
        about: impl Fn(String) -> GraphRequest,
        is_resumed: bool,
    ) -> Self {
        let step = candidates.len().div_ceil(MOST_FAILURES).max(1);
        let some = candidates.iter().step_by(step).cloned();
        let some = some.map(|id| Witness { request: about(id.clone()), id }).collect();
        Self { candidates: tokio::sync::Mutex::new(some), was_answered_before: is_resumed, ..Self::default() }
    }

    /// Of a run that knows its ids only when it asks about them.
    pub(super) fn without_candidates(is_resumed: bool) -> Self {
        Self { was_answered_before: is_resumed, ..Self::default() }
    }

    /// Notes that everything about an id was answered.
    pub(super) fn answered(&self, witness: Witness) {
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(witness);
        self.something_was_answered();
    }

    /// Notes that a request about an id failed, and returns how many have since the last answer.
    pub(super) fn failed(&self) -> usize {
        self.failures.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notes that a request about an id was answered.
    pub(super) fn something_was_answered(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests about ids were answered.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// How many requests about ids have failed since the last answer.
    pub(super) fn failures(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn last_answered(&self) -> Option<Witness> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a request may have failed because of its ids. Otherwise the network, the token or a limit is to blame, and
/// no other id would fare better. `list` is the list of its id that the request is for, if it is for one.
pub(super) fn may_concern_ids(error: &Error, list: Option<&str>) -> bool {
    match error {
        // Redirects, web pages, and a proxy that asks for a password.
        Error::Api { status: ..400 | 407, code: None, .. } => false,
        Error::Api { .. } => !is_verdict(error, list),
        Error::Transport { .. } => !is_unreachable(error),
        Error::Decode { .. } => true,
        // A token that is refused has a code of its own. Other refusals may be about a private image.
        Error::Auth { status: Some(403), code, .. } => *code != Some(BAD_TOKEN),
        _ => false,
    }
}

/// Whether the service has answered that there is no such id, or that the id has no such field.
///
/// In a request for a list, only the list itself is a field of the id. That another field is missing says something of
/// what is in the list, and neither that there is no such id nor that the service answers others.
pub(super) fn is_verdict(error: &Error, list: Option<&str>) -> bool {
    match error {
        Error::Api { code: Some(UNLOADABLE_ID), .. } => true,
        Error::Api { what, code: Some(WRONG_REQUEST), .. } => {
            let is_of_id = |field: &str| list.is_none_or(|list| list == field);
            errors::is_unknown_id(what) || nonexisting_field(what).is_some_and(is_of_id)
        }
        _ => false,
    }
}

/// Why the service could not answer an id, in a few words.
pub(super) fn reason(error: &Error) -> String {
    let with_status = |what: &str, status: u16, code: Option<i64>| {
        let code = code.map(|code| format!(", code {code}")).unwrap_or_default();
        format!("{what} (status {status}{code})")
    };
    match error {
        Error::Api { what, status, code, .. } => with_status(what, *status, *code),
        Error::Auth { what, status: Some(status), code, .. } => {
            // The words for a refused token are wrong where it is only refused for one id.
            let what = what.strip_prefix(REFUSED_TOKEN).unwrap_or(what).trim_start_matches(": ");
            with_status(if what.is_empty() { "no permission" } else { what }, *status, *code)
        }
        Error::Transport { what, .. } => what.clone(),
        Error::Decode { what, .. } => format!("its answer cannot be read: {what}"),
        other => other.to_string(),
    }
}
