//! What answers of the service mean, and of what stands in its place.

mod code;
mod elsewhere;
mod ids;
mod message;
mod tile;

use mly::error::Limit;
use mly::{Error, Options};

use crate::support::{Request, Server};

/// An error envelope with a code.
fn envelope(code: i64, message: &str) -> String {
    format!(
        r#"{{"error":{{"message":"{message}","type":"OAuthException","code":{code},"fbtrace_id":"Ax"}}}}"#
    )
}

/// The error of a lookup in the graph, and how many requests that took.
async fn of_graph(head: &'static str, body: impl Into<Vec<u8>>) -> (Error, usize) {
    let body = body.into();
    let server = Server::start(move |_: &Request| (head, body.clone()));
    let error = server.client().get_json("/1001", "fields=id").await.unwrap_err();
    (error, server.requests().len())
}

/// The limit that an error is about, and for how many hours nothing is sent, if it says so.
fn limit(error: &Error) -> Option<(Limit, Option<u64>)> {
    match error {
        Error::RateLimited { limit, retry_after, .. } => {
            Some((*limit, retry_after.map(|wait| wait.as_secs() / 3600)))
        }
        _ => None,
    }
}

/// Settings whose blocks and tiles are remembered in a folder.
fn keeping(server: &Server, folder: &std::path::Path) -> Options {
    server.options().with_ledger_dir(folder.to_owned()).with_cache_dir(folder.to_owned())
}
