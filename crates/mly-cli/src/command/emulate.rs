//! `mly emulate`: the API on localhost.

use mly_emulator::{Emulator, World};

use super::block_on;
use super::session::Session;
use super::stop::Stop;
use crate::args::EmulateVerb;
use crate::exit::Failure;

const WORLD_HINT: &str = "give demo, empty, random:SEED:IMAGES, a tile file or a directory of tiles";

pub(super) fn run(args: &EmulateVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let world = World::parse(&args.world).map_err(|e| Failure::usage(format!("--world: {e}"), WORLD_HINT))?;
    let mut builder = Emulator::builder(world).with_port(args.port);
    // The emulator accepts the token that is configured here, so that other commands of the same shell work with it.
    let given = args.common.service.token.as_deref();
    let configured = given.or_else(|| session.environment.token_text().map(|found| found.value));
    if let Some(token) = configured {
        builder = builder.with_token(token);
    }
    let emulator = builder.start().map_err(|e| {
        Failure::usage(format!("cannot listen on port {}: {e}", args.port), "--port 0 takes a free one")
    })?;
    for fault in &args.fault {
        emulator.fail(fault.clone());
    }
    block_on(async {
        // Listen for signals before the URL is printed: a program that reads the URL may stop this process at once.
        let mut stop = Stop::listen().map_err(Failure::ours)?;
        session.console.print(&exports(&emulator, configured.is_none()))?;
        if !session.talk.quiet {
            session.console.say(&format!("serving {} until interrupted", args.world));
        }
        stop.asked().await;
        Ok(())
    })?
}

/// What another shell needs to use the emulator; a token that the user gave is not printed.
fn exports(emulator: &Emulator, with_token: bool) -> String {
    let url = emulator.url();
    let token = format!("export MAPILLARY_TOKEN='{}'\n", emulator.token());
    let token = if with_token { token.as_str() } else { "" };
    format!("export MAPILLARY_GRAPH_URL='{url}'\nexport MAPILLARY_TILES_URL='{url}'\n{token}")
}
