//! Any stops, any numbers of requests at once, any losses.

use std::sync::LazyLock;

use mly::Client;
use mly::sink::Format;
use proptest::prelude::*;

use super::damage::{cut, durable_end, size};
use super::question::question;
use super::{Desk, Whole, sent, unfinished};

/// A desk, clients by concurrency, and what comes of the images of the town.
struct Ready {
    desk: Desk,
    clients: [Client; 3],
    wholes: [(Format, Whole); 2],
}

fn ready() -> &'static Ready {
    static READY: LazyLock<Ready> = LazyLock::new(|| {
        let desk = Desk::demo();
        let clients = [1, 2, 5].map(|concurrency| desk.client(concurrency));
        let whole = |format| (format, desk.whole(&question("images").plan, format).unwrap());
        let wholes = [Format::GeoJsonSeq, Format::Parquet].map(whole);
        Ready { desk, clients, wholes }
    });
    &READY
}

/// A run that is given up after so many requests, and how much of what was not safe yet is lost then.
type Stop = (u64, usize, f64);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_stopped_and_lost_the_file_is_the_same(
        which in 0..2_usize, stops in proptest::collection::vec((1..=9_u64, 0..3_usize, 0.0..=1.0_f64), 0..4)) {
        let Ready { desk, clients, wholes } = ready();
        let (format, whole) = &wholes[which];
        let plan = &question("images").plan;
        let path = desk.file("any");
        for (requests, client, share) in stops as Vec<Stop> {
            let is_over = |summary: &mly::Summary| sent(summary) >= requests;
            let done = desk.run_until(&clients[client], plan, (*format, &path), is_over);
            if done.is_some() || path.exists() {
                break;
            }
            let folder = unfinished(&path);
            // Nothing is kept of a run that has done nothing.
            if folder.join("journal").exists() {
                let (safe, all) = (durable_end(&folder), size(&folder.join("journal")));
                #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a share of it")]
                let left = ((all - safe) as f64 * share) as usize;
                cut(&folder.join("journal"), (safe + left) as u64);
            }
        }
        if !path.exists() {
            desk.run(&clients[1], plan, (*format, &path)).unwrap();
        }
        whole.is_at(&path, format.name());
        std::fs::remove_file(&path).unwrap();
    }
}
