//! The `mly` command.

use std::process::ExitCode;

use mly::env::Environment;
use mly_cli::{Console, run, survive_file_size_limit};

fn main() -> ExitCode {
    // A decoder that panics at a damaged file ends its thread, and the error says that the file is damaged.
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(mly::source::READER_THREAD) {
            print(panic);
        }
    }));
    survive_file_size_limit();
    let code = run(std::env::args_os(), &Environment::of_process(), Console::of_process());
    ExitCode::from(code)
}
