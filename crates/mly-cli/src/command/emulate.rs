//! `mly emulate`: the API on localhost.

use std::io::Write;
use std::path::Path;

use mly::sink::Destination;
use mly_emulator::{Emulator, MapExtract, World};

use super::session::Session;
use super::stop::Stop;
use crate::args::EmulateVerb;
use crate::exit::Failure;
use crate::runtime::block_on;

/// The world that has a past and a map.
const DEMO: &str = "demo";
/// A world that has a map.
const AVENUE: &str = "avenue";

const WORLD_HINT: &str = "give demo, avenue, empty, random:SEED:IMAGES, a tile file or a directory of tiles";

pub(super) fn run(args: &EmulateVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let world = World::parse(&args.world).map_err(|e| Failure::usage(format!("--world: {e}"), WORLD_HINT))?;
    if args.as_of.is_some() && args.world != DEMO {
        return Err(Failure::usage("--as-of is for the demo town only", "leave --world out"));
    }
    if let Some(path) = &args.osm {
        let map = match args.world.as_str() {
            DEMO => World::demo_map(),
            AVENUE => World::avenue_map(),
            _ => {
                let message = "--osm is for the demo town and the avenue only";
                return Err(Failure::usage(message, "leave --world out, or give --world avenue"));
            }
        };
        return write_map(path, &map);
    }
    let world = args.as_of.map_or(world, World::demo_as_of);
    let place = world.bbox();
    // Nobody reads the list of requests here, and it would grow as long as this runs.
    let mut builder = Emulator::builder(world)
        .with_port(args.port)
        .with_tile_memory(args.memory.saturating_mul(1 << 20))
        .with_requests_remembered(0);
    for choice in &args.answer {
        builder = builder.with_answer(*choice);
    }
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
            session.console.say(&serving(args, place));
            if let Some(bbox) = place {
                session.console.say(&example(bbox));
            }
        }
        stop.asked().await;
        Ok(())
    })?
}

/// Writes the map of a world, in the format that the name of the file tells.
fn write_map(path: &Path, map: &MapExtract) -> Result<(), Failure> {
    let name = path.to_string_lossy();
    let bytes = if name.ends_with(".pbf") {
        map.to_pbf()
    } else if name.ends_with(".json") {
        map.to_overpass_json().into_bytes()
    } else {
        return Err(Failure::usage(
            format!("cannot tell the format from the name `{name}`"),
            "name it .osm.pbf, or .json for that of the Overpass API",
        ));
    };
    let mut destination = Destination::file(path, false)?;
    let written = destination.write_all(&bytes).and_then(|()| destination.commit());
    written.map_err(|e| Failure::output(&format!("cannot write {name}"), &e))
}

/// What another shell needs to use the emulator; a token that the user gave is not printed.
fn exports(emulator: &Emulator, with_token: bool) -> String {
    let url = emulator.url();
    let token = format!("export MAPILLARY_TOKEN='{}'\n", emulator.token());
    let token = if with_token { token.as_str() } else { "" };
    format!(
        "export MAPILLARY_GRAPH_URL='{url}'\nexport MAPILLARY_TILES_URL='{url}'\n{token}export MLY_PLACES_URL='{url}'\n"
    )
}

/// What is served, where it is, and how much memory it takes.
fn serving(args: &EmulateVerb, place: Option<[f64; 4]>) -> String {
    let world = match args.world.as_str() {
        DEMO => "demo, a small invented town,",
        AVENUE => "avenue, an invented street,",
        other => other,
    };
    let place = match place {
        Some([west, south, east, north]) => {
            format!("from {west:.4},{south:.4} to {east:.4},{north:.4} (longitude,latitude)")
        }
        None => "without any data".to_owned(),
    };
    let memory = args.memory;
    format!(
        "serving {world} {place} until interrupted, with at most {memory} MiB of encoded tiles in memory (--memory)"
    )
}

/// A command that finds something there, in another shell.
fn example([west, south, east, north]: [f64; 4]) -> String {
    // Rounded outward, so that the box holds all of it.
    let (low, high) = (|n: f64| (n * 100.0).floor() / 100.0, |n: f64| (n * 100.0).ceil() / 100.0);
    let bbox = [low(west), low(south), high(east), high(north)].map(|n| n.to_string()).join(",");
    format!("try: mly images --bbox {bbox} -o images.geojson")
}
