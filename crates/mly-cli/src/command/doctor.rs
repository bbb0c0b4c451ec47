//! `mly doctor`: checks the settings and whether this machine reaches the service, and records what it answers.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use mly::tile::DATA_ZOOM;
use mly::{Area, Client, Query, RedactedUrl, Summary, TileId, without_tokens};

use super::session::{Session, print_warnings};
use crate::args::DoctorVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::progress::counted;
use crate::record::{Circumstances, PROBE, RecordFolder, Recording};
use crate::runtime::block_on;
use crate::settings::{Known, Service};

pub(super) fn run(args: &DoctorVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    if let Some(folder) = &args.record {
        return record(folder, args, session);
    }
    let service = Service::new(&args.common.service, session.environment)?;
    let url = |setting: Known<_>| format!("{} ({})", RedactedUrl::new(setting.value), setting.source);
    let mut checks = Checks { console: session.console, failure: None };
    checks.show("version", Ok(env!("CARGO_PKG_VERSION").to_owned()))?;
    checks.show("token", service.token().map(|token| format!("from {}", token.source)))?;
    checks.show("graph", service.graph_url().map(url))?;
    checks.show("tiles", service.tiles_url().map(url))?;
    if checks.failure.is_none() {
        // Retries would hide a fault, and a tile from the cache would say nothing about the connection.
        let retries = args.common.service.retries.unwrap_or(0);
        let options = service.options()?.with_retries(retries).with_cache_dir(None);
        let client = Client::new(options)?;
        print_warnings(&client, checks.console);
        let answer = probe(&client, &mut session.summary);
        checks.show("request", answer)?;
    } else {
        checks.show("request", Err(Failure::usage("not sent", "fix what failed above")))?;
    }
    checks.failure.map_or(Ok(()), Err)
}

/// Prints one line per check, and keeps the first failure.
struct Checks<'a> {
    console: &'a mut Console,
    failure: Option<Failure>,
}

impl Checks<'_> {
    fn show(&mut self, name: &str, outcome: Result<String, Failure>) -> Result<(), Failure> {
        let line = match &outcome {
            Ok(text) => format!("{name:<9}ok      {text}\n"),
            Err(failure) => format!("{name:<9}failed  {failure}\n"),
        };
        self.console.print(&without_tokens(&line))?;
        self.failure = self.failure.take().or(outcome.err());
        Ok(())
    }
}

/// Requests one tile and reports how that went.
fn probe(client: &Client, summary: &mut Summary) -> Result<String, Failure> {
    let [lon, lat] = PROBE;
    let tile = TileId::containing(lon, lat, DATA_ZOOM);
    let mut batches = client.run(&Query::images(Area::tile(tile)).plan()?);
    let progress = batches.progress();
    let asked = block_on(async {
        while let Some(batch) = batches.next().await {
            batch?;
        }
        Ok::<_, mly::Error>(())
    })?;
    *summary = progress.summary();
    asked?;
    if !summary.missing.is_empty() {
        return Err(Failure::service(format!("tile {tile} answered 404"), "check the URL of the tiles"));
    }
    let images = counted(summary.rows, "images");
    Ok(format!("tile {tile} answered in {:.2} s, {images}", summary.elapsed.as_secs_f64()))
}

/// Asks what is not known of the service and writes the answers into a folder.
fn record(path: &Path, args: &DoctorVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let service = Service::new(&args.common.service, session.environment)?;
    // A tile from the cache would say nothing about the service.
    let options = service.options()?.with_cache_dir(None);
    let gap = options.tiles_per_minute().map(|count| Duration::from_secs(60) / count).unwrap_or_default();
    let shown = |url: &url::Url| RedactedUrl::new(url.clone()).to_string();
    let (graph, tiles) = (shown(options.graph_url()), shown(options.tiles_url()));
    let clock = options.clock().clone();
    let client = session.client(options)?;
    let folder = RecordFolder::open(path)?;
    if !session.talk.quiet {
        session.console.say("sending about 25 requests, one after the other");
    }
    let recording = block_on(Recording::make(&client, gap, &mut session.summary))?;
    let Recording { stopped, .. } = &recording;
    if !recording.has_answers() {
        folder.discard();
        return recording.stopped.map_or(Ok(()), |error| Err(error.into()));
    }
    let stopped = stopped.as_ref().map(ToString::to_string);
    let report = recording.report(&client, &Circumstances { graph, tiles, at_ms: clock.now_ms(), stopped });
    for line in &report.lines {
        session.console.print(&without_tokens(&format!("{line}\n")))?;
    }
    let file = folder.write(&report)?;
    if !session.talk.quiet {
        session.console.say(&format!("{} -> {}", report.counts, file.display()));
    }
    recording.stopped.map_or(Ok(()), |error| Err(error.into()))
}
