//! `mly budget`: how many requests this machine sent in the last 24 hours. Sends nothing.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use mly::store::{Ledger, Usage};
use mly::{Endpoint, Options};

use super::session::Session;
use crate::args::BudgetVerb;
use crate::exit::Failure;
use crate::settings::Service;

/// The hint for a folder whose files cannot be used.
pub(super) const OTHER_FOLDER: &str = "name another folder with --cache-dir";

pub(super) fn run(args: &BudgetVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let service = Service::new(&args.common.service, session.environment)?;
    let options = service.options_without_token()?;
    let Some(folder) = options.ledger_dir() else {
        return session.console.print("no request counts are stored, so each run counts only its own\n");
    };
    let tiles = Ledger::host_of(options.tiles_url());
    let graph = Ledger::host_of(options.graph_url());
    let found = Ledger::open(folder, options.clock().clone()).and_then(|ledger| {
        if args.forget_block {
            ledger.forget_block(&tiles)?;
            ledger.forget_block(&graph)?;
        }
        let usage = Endpoint::ALL.map(|endpoint| {
            let host = if endpoint == Endpoint::Tiles { &tiles } else { &graph };
            ledger.usage(endpoint, host).map(|usage| (endpoint, usage))
        });
        let usage = usage.into_iter().collect::<mly::Result<Vec<_>>>()?;
        let blocked = (ledger.blocked(&graph)?, ledger.blocked(&tiles)?);
        Ok((usage, blocked, ledger.notice().map(str::to_owned)))
    });
    let (usage, (of_graph, of_tiles), notice) =
        found.map_err(|e| Failure::from(e).with_hint(OTHER_FOLDER))?;
    if let Some(notice) = notice {
        session.warn(&notice);
    }
    // The graph is seldom blocked, so only a block of it is told.
    let of_graph = of_graph.filter(|_| graph != tiles).map(|time| block(&graph, Some(time)));
    let blocks = of_graph.unwrap_or_default() + &block(&tiles, of_tiles);
    session.console.print(&format!("{}{blocks}", table(&usage, &options)))
}

/// One line about a host.
fn block(host: &str, blocked: Option<Duration>) -> String {
    match blocked {
        Some(time) => {
            let time = HumanDuration(time);
            format!("{host} blocked this IP address; nothing is sent to it for the next {time}\n")
        }
        None => format!("{host} has not blocked this IP address, as far as is known\n"),
    }
}

/// One line per endpoint.
fn table(usage: &[(Endpoint, Usage)], options: &Options) -> String {
    let line = |[endpoint, minute, day, limit, frees]: [&str; 5]| {
        let line = format!("{endpoint:<10}{minute:>12}{day:>11}  {limit:<31}{frees}");
        format!("{}\n", line.trim_end())
    };
    let head = line(["endpoint", "last minute", "last 24 h", "limit", "oldest expires"]);
    usage.iter().fold(head, |table, (endpoint, usage)| {
        let frees = usage.oldest_frees_in.map(|time| format!("in {}", HumanDuration(time)));
        table
            + &line([
                endpoint.name(),
                &HumanCount(usage.last_minute).to_string(),
                &HumanCount(usage.last_day).to_string(),
                &limit(*endpoint, options),
                frees.as_deref().unwrap_or("-"),
            ])
    })
}

/// The limits of an endpoint. Only tiles have some: the service allows more of the other requests than a run can send.
fn limit(endpoint: Endpoint, options: &Options) -> String {
    if endpoint != Endpoint::Tiles {
        return "-".to_owned();
    }
    let (minute, day) = (options.tiles_per_minute(), options.tiles_per_day());
    let each = |limit: Option<u32>, time| limit.map(|n| format!("{} per {time}", HumanCount(n.into())));
    let limits: Vec<_> = [each(minute, "minute"), each(day, "day")].into_iter().flatten().collect();
    if limits.is_empty() { "none".to_owned() } else { limits.join(", ") }
}
