//! A service that fails: the result is complete, or the exit code and the messages say what is missing.

mod complete;
mod lasting;

use mly_emulator::Fault;

use crate::support::{Outcome, mly, own_demo, steady};

/// A tile in the middle of the town.
const TILE: (u8, u32, u32) = (14, 8601, 5411);

/// Runs a command against a demo world with faults.
fn under(faults: impl IntoIterator<Item = Fault>, args: &str) -> Outcome {
    let emulator = own_demo();
    for fault in faults {
        emulator.fail(fault);
    }
    let mut outcome = mly(args).at(&emulator).run();
    outcome.err = steady(&outcome.err, &emulator);
    outcome
}

/// A fault of [`TILE`] alone.
fn on_tile(fault: Fault) -> Fault {
    let (z, x, y) = TILE;
    fault.tile(z, x, y)
}
