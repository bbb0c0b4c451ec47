//! The command `mly`, which comes with the package.

use std::ffi::OsString;

use mly::env::Environment;
use mly_cli::Console;
use pyo3::prelude::*;

/// Runs the command.
///
/// Args:
///     args: The arguments, the first of which is the name of the command.
///
/// Returns:
///     The exit code.
#[pyfunction]
#[pyo3(signature = (args: "list[str]") -> "int")]
pub(crate) fn run_command(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| mly_cli::run(args, &Environment::of_process(), Console::of_process()))
}
