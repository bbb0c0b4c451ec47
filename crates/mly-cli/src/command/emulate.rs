//! `mly emulate`: the API on localhost.

use mly_emulator::{Emulator, World};

use super::block_on;
use super::session::Session;
use super::stop::Stop;
use crate::args::EmulateVerb;
use crate::exit::Failure;
use crate::settings::token_text;

const WORLD_HINT: &str = "give demo, empty, random:SEED:IMAGES, a tile file or a directory of tiles";

pub(super) fn run(args: &EmulateVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let world = World::parse(&args.world).map_err(|e| Failure::usage(format!("--world: {e}"), WORLD_HINT))?;
    let mut builder = Emulator::builder(world).with_port(args.port);
    // Whatever token this shell is set up with is accepted too, so that a command beside it just works.
    let configured = token_text(&args.common.service, session.environment);
    if let Some(token) = &configured {
        builder = builder.with_token(token.value);
    }
    let emulator = builder.start().map_err(|e| {
        Failure::usage(format!("cannot listen on port {}: {e}", args.port), "--port 0 takes a free one")
    })?;
    for fault in &args.fault {
        emulator.fail(fault.clone());
    }
    block_on(async {
        // Listened for before anybody can read the address, since who has it may stop us.
        let mut stop = Stop::listen().map_err(Failure::ours)?;
        session.console.print(&exports(&emulator, configured.is_none()))?;
        if !session.talk.quiet {
            session.console.say(&format!("serving {} until interrupted", args.world));
        }
        stop.asked().await;
        Ok(())
    })?
}

/// What another shell needs to use the emulator; a token that the user brought is not repeated.
fn exports(emulator: &Emulator, with_token: bool) -> String {
    let url = emulator.url();
    let token = format!("export MAPILLARY_TOKEN='{}'\n", emulator.token());
    let token = if with_token { token.as_str() } else { "" };
    format!("export MAPILLARY_GRAPH_URL='{url}'\nexport MAPILLARY_TILES_URL='{url}'\n{token}")
}
