//! Questions about files on other hosts.

use super::bytes::{beginning, unzlib};
use super::exchange::Exchange;
use super::seen::Seen;
use super::sighting::Sighting;
use super::step::Step;
use super::unanswered::Unanswered;

type Judged = Result<Sighting, Unanswered>;

fn file(seen: &Seen, step: Step) -> Result<&Exchange, Unanswered> {
    let exchange = seen.answer(step)?;
    let status = exchange.observed.status;
    if exchange.is_success() {
        Ok(exchange)
    } else {
        Err(Unanswered::new(format!("the file server answered {status}")))
    }
}

/// The first field of the protobuf message: field 1 as single floats, or as one run of them.
pub(super) fn mesh(seen: &Seen) -> Judged {
    const FLOAT: u8 = 1 << 3 | 5;
    const RUN: u8 = 1 << 3 | 2;
    let body = &file(seen, Step::Mesh)?.observed.body;
    let word = match body.as_slice() {
        [FLOAT, ..] => "unpacked",
        [RUN, ..] => "packed",
        [b'p', b'l', b'y', ..] => "ply",
        [] => "empty",
        _ => "unknown",
    };
    Ok(Sighting::new(word, format!("{} bytes, they begin with {}", body.len(), beginning(body))))
}

pub(super) fn cluster(seen: &Seen) -> Judged {
    let exchange = file(seen, Step::Cluster)?;
    let body = &exchange.observed.body;
    let unpacked = unzlib(body);
    let packing = match &unpacked {
        Some(_) => "zlib",
        // A body with this header was compressed for the way only.
        None if exchange.observed.is_packed && !exchange.names_gzip() => "gzip",
        None => "json",
    };
    let json = unpacked.as_deref().unwrap_or(body);
    let word = match json.trim_ascii_start().first() {
        Some(b'[') => format!("{packing}-array"),
        Some(b'{') => format!("{packing}-object"),
        _ if body.starts_with(b"ply") => "ply".to_owned(),
        _ => "unknown".to_owned(),
    };
    Ok(Sighting::new(word, format!("{} bytes, they begin with {}", body.len(), beginning(body))))
}
