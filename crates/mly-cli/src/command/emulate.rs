//! `mly emulate`: the API on localhost.

use std::io::Write;

use mly_emulator::{Emulator, Fault, World};

use super::runtime;
use crate::args::EmulateVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::settings::{Environment, Talk, token_text};

const WORLD_HINT: &str = "give demo, random:SEED:IMAGES, a tile file or a directory of tiles";

pub(super) fn run(args: &EmulateVerb, environment: &Environment, console: &mut Console) -> Result<(), Failure> {
    let talk = Talk::new(&args.talk)?;
    let world = World::parse(&args.world).map_err(|e| Failure::usage(e.to_string(), WORLD_HINT))?;
    let faults = args.fault.iter().map(|text| {
        let parsed: Result<Fault, _> = text.parse();
        parsed.map_err(|e| Failure::usage(format!("--fault {text}: {e}"), "such as status=503,every=10 or block,next=1"))
    });
    let faults = faults.collect::<Result<Vec<_>, _>>()?;
    let mut builder = Emulator::builder(world).port(args.port);
    // Whatever token this shell is set up with is accepted too, so that a command beside it just works.
    let configured = token_text(&args.service, environment);
    if let Some((_, token)) = configured {
        builder = builder.token(token);
    }
    let emulator = builder.start().map_err(|e| {
        Failure::usage(format!("cannot listen on port {}: {e}", args.port), "--port 0 takes a free one")
    })?;
    for fault in faults {
        emulator.fail(fault);
    }
    announce(&emulator, configured.is_some(), console).map_err(Failure::output)?;
    if !talk.quiet {
        console.say(&format!("serving {} until interrupted", args.world));
    }
    runtime()?.block_on(tokio::signal::ctrl_c()).map_err(Failure::ours)
}

/// What another shell needs to use the emulator; a token that the user brought is not repeated.
fn announce(emulator: &Emulator, has_own_token: bool, console: &mut Console) -> std::io::Result<()> {
    let url = emulator.url();
    writeln!(console.out, "export MAPILLARY_GRAPH_URL='{url}'")?;
    writeln!(console.out, "export MAPILLARY_TILES_URL='{url}'")?;
    if !has_own_token {
        writeln!(console.out, "export MAPILLARY_TOKEN='{}'", emulator.token())?;
    }
    console.out.flush()
}
