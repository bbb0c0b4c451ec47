//! Proxies and certificates, as the variables of the environment name them.

// Other systems have no files of authorities, but a store of their own.
#[cfg(target_os = "linux")]
mod certificate;
mod proxy;

use std::process::Command;

use crate::support::binary;

/// An image of the demo town.
const IMAGE: &str = "7038203092802113";

/// A token of the form that emulators accept.
const TOKEN: &str = "MLY|4242424242|0123456789abcdef0123456789abcdef";

/// The real binary with a token, set up to ask the graph at a URL. Variables of proxies and certificates are read from
/// the process, so these tests need one.
fn asking_graph(url: &str, args: &str) -> Command {
    let mut command = binary(args);
    command.env("MAPILLARY_GRAPH_URL", url).env("MAPILLARY_TOKEN", TOKEN);
    command
}

/// Exit code, data and messages.
fn done(command: &mut Command) -> (Option<i32>, String, String) {
    let done = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}
