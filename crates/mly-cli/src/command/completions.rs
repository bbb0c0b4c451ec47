//! `mly completions`: the script that a shell needs to complete options.

use crate::args::CompletionsVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::help;

pub(super) fn run(args: &CompletionsVerb, console: &mut Console) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(), "mly", &mut script);
    console.print(&String::from_utf8_lossy(&script))
}
