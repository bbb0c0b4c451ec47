//! Redirects of the service. None is followed, since the token would go along.

use reqwest::Url;

use super::failure::{Fault, FaultKind};
use crate::api::hosts::is_login;
use crate::api::limits::BLOCK_LASTS;
use crate::error::Refusal;

/// What a redirect means: a block, a wrong scheme of the base URL, or a way to somewhere else.
///
/// `from` is the request and `base` the base URL that it begins with; `location` is where the redirect leads.
pub(super) fn judge(from: &Url, base: &Url, location: Option<&str>, status: u16) -> Fault {
    let to = location.and_then(|text| from.join(text.trim()).ok());
    let (kind, what) = match to {
        Some(to) if is_login(&to, from) => (
            FaultKind::Blocked { lasts: BLOCK_LASTS },
            "this IP address is blocked: the service answered with a redirect to its login page".to_owned(),
        ),
        Some(to) if is_same_with_tls(&to, from) => {
            let address = with_tls(base, &to);
            (FaultKind::Final, format!("the service redirects http to https: use {address} as its address"))
        }
        Some(to) => {
            let address = bare(to);
            (FaultKind::Final, format!("the service redirects to {address}, which mly does not follow"))
        }
        None => (FaultKind::Final, "the service redirects to nowhere".to_owned()),
    };
    Fault { kind, what, status, code: None, refusal: Refusal::default() }
}

/// Whether the redirect only leads from http to https of the same host.
fn is_same_with_tls(to: &Url, from: &Url) -> bool {
    (from.scheme(), to.scheme()) == ("http", "https") && to.host() == from.host()
}

/// The base URL at the origin of `to`, without a slash at its end.
fn with_tls(base: &Url, to: &Url) -> String {
    format!("{}{}", to.origin().ascii_serialization(), base.path().trim_end_matches('/'))
}

/// A URL without what may hold a secret: user, password, query and fragment.
fn bare(mut url: Url) -> Url {
    // Both fail only for URLs that cannot have a user, and those have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(from: &str, location: &str) -> (FaultKind, String) {
        let from = Url::parse(from).unwrap();
        let base = from.join("/api/").unwrap();
        let fault = judge(&from, &base, Some(location), 302);
        (fault.kind, fault.what)
    }

    #[test]
    fn only_the_login_page_is_a_block() {
        let from = "http://tiles.example/api/maps/1?access_token=secret";
        let (kind, _) = judged(from, "https://www.mapillary.com/login/?next=x");
        assert_eq!(kind, FaultKind::Blocked { lasts: BLOCK_LASTS });
        for (location, told) in [
            ("https://tiles.example/api/maps/1?access_token=secret", "use https://tiles.example/api as"),
            ("https://tiles.example:8443/api/maps/1", "use https://tiles.example:8443/api as"),
            ("https://other.example/x?access_token=secret", "redirects to https://other.example/x,"),
            ("//u:secret@other.example/x#secret", "redirects to http://other.example/x,"),
            ("/api/maps/1/?access_token=secret", "redirects to http://tiles.example/api/maps/1/,"),
            ("http://[", "redirects to nowhere"),
        ] {
            let (kind, what) = judged(from, location);
            assert_eq!(kind, FaultKind::Final, "{location}");
            assert!(what.contains(told) && !what.contains("secret"), "{what}");
        }
    }
}
