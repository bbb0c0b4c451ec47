//! The `mly` command.

use std::process::ExitCode;

use mly::env::Environment;
use mly_cli::{Console, run};

fn main() -> ExitCode {
    let code = run(std::env::args_os(), &Environment::of_process(), Console::of_process());
    ExitCode::from(code)
}
