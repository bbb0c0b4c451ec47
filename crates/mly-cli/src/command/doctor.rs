//! `mly doctor`: does this machine reach the service, and with which settings?

use std::io::Write;

use mly::{Area, Client, Query, TileId};

use super::runtime;
use crate::args::DoctorVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::settings::{Environment, Service, Talk};

/// A tile with images, so that an empty answer is news as well.
const PROBE: (u8, u32, u32) = (14, 8601, 5411);

pub(super) fn run(args: &DoctorVerb, environment: &Environment, console: &mut Console) -> Result<(), Failure> {
    Talk::new(&args.talk)?;
    let mut line = |name: &str, text: &str| writeln!(console.out, "{name:<10}{text}").map_err(Failure::output);
    line("version", env!("CARGO_PKG_VERSION"))?;
    let service = Service::new(&args.service, environment)?;
    line("graph", service.options.graph_url.as_str())?;
    line("tiles", service.options.tiles_url.as_str())?;
    let token = service.token_source.map_or_else(|| "none".to_owned(), |source| format!("from {source}"));
    line("token", &token)?;
    let client = Client::new(service.options.clone())?;
    let (z, x, y) = PROBE;
    let area = TileId::new(z, x, y).map(Area::tile).ok_or_else(|| Failure::ours("the probe is no tile"))?;
    let plan = Query::images(area).plan()?;
    let summary = runtime()?.block_on(async {
        let mut batches = client.run(&plan);
        while let Some(batch) = futures_util::StreamExt::next(&mut batches).await {
            batch?;
        }
        Ok::<_, mly::Error>(batches.progress().summary())
    })?;
    let answer = format!("answered in {:.2} s, {} images", summary.elapsed.as_secs_f64(), summary.rows);
    line("tile", &answer)
}
