//! Serves a world until stdin is closed: `cargo run -p mly-emulator --example serve -- [WORLD [PORT]]`.

use std::io::{self, Read, Write};

use mly_emulator::{Emulator, World};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let world = World::parse(&arguments.next().unwrap_or_else(|| "demo".into()))?;
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let emulator = Emulator::builder(world).with_port(port).start()?;
    writeln!(io::stdout(), "{}\n{}", emulator.url(), emulator.token())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
