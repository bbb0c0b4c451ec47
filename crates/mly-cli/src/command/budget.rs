//! `mly budget`: what was asked of the service in the last day. Sends nothing.

use indicatif::{HumanCount, HumanDuration};
use mly::Endpoint;
use mly::Options;
use mly::store::{Ledger, Usage};

use super::session::Session;
use crate::args::BudgetVerb;
use crate::exit::Failure;
use crate::settings::Service;

pub(super) fn run(args: &BudgetVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let service = Service::new(&args.common.service, session.environment)?;
    let options = service.options()?;
    let token = service.token()?.value;
    let Some(folder) = &options.ledger_dir else {
        return session.console.print("nothing is kept, so every run counts for itself\n");
    };
    let host = Ledger::host_of(&options.tiles_url);
    let found = Ledger::open(folder, &token, options.clock.clone()).and_then(|ledger| {
        if args.forget_block {
            ledger.forget_block(&host)?;
        }
        Ok((ledger.usage()?, ledger.blocked(&host)?))
    });
    let (usage, blocked) = found.map_err(|e| {
        Failure::usage(
            format!("cannot use the budget in {}: {e}", folder.display()),
            "name another folder with --cache-dir",
        )
    })?;
    let block = match blocked {
        Some(time) => {
            format!("{host} refused this address; nothing is asked of it for {}", HumanDuration(time))
        }
        None => format!("{host} is not known to refuse this address"),
    };
    session.console.print(&format!("{}{block}\n", table(&usage, &options)))
}

/// One line an endpoint.
fn table(usage: &[Usage], options: &Options) -> String {
    let line = |[endpoint, minute, day, limit, frees]: [&str; 5]| {
        let line = format!("{endpoint:<10}{minute:>12}{day:>11}  {limit:<27}{frees}");
        format!("{}\n", line.trim_end())
    };
    let head = line(["endpoint", "last minute", "last 24 h", "limit", "oldest frees"]);
    usage.iter().fold(head, |table, usage| {
        let frees = usage.oldest_frees_in.map(|time| format!("in {}", HumanDuration(time)));
        table
            + &line([
                usage.endpoint.name(),
                &HumanCount(usage.last_minute).to_string(),
                &HumanCount(usage.last_day).to_string(),
                &limit(usage.endpoint, options),
                frees.as_deref().unwrap_or("-"),
            ])
    })
}

/// The limits in force; what the service allows otherwise is so much that nobody plans with it.
fn limit(endpoint: Endpoint, options: &Options) -> String {
    if endpoint != Endpoint::Tiles {
        return "-".to_owned();
    }
    let (minute, day) = options.tile_limits();
    let each = |limit: Option<u32>, time| limit.map(|n| format!("{} a {time}", HumanCount(n.into())));
    let limits: Vec<_> = [each(minute, "minute"), each(day, "day")].into_iter().flatten().collect();
    if limits.is_empty() { "none".to_owned() } else { limits.join(", ") }
}
