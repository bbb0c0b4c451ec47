//! Where the result goes to, and in which format.

use std::path::Path;

use mly::sink::{Destination, Format};

use crate::args::OutputArgs;
use crate::console::Console;
use crate::exit::Failure;

/// A result file or stream that is open for writing.
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) destination: Destination,
    /// Name for messages.
    pub(crate) name: Option<String>,
}

impl Output {
    /// Checks format and file before anything is sent.
    pub(crate) fn open(args: &OutputArgs, console: &mut Console) -> Result<Self, Failure> {
        let named = args.format.as_deref().map(str::parse::<Format>).transpose()?;
        let file = args.output.as_deref().filter(|path| *path != Path::new("-"));
        let Some(path) = file else {
            let format = named.unwrap_or(Format::GeoJson);
            if console.out_is_terminal && !format.is_text() {
                return Err(Failure::usage(
                    format!("{format} is binary and standard output is a terminal"),
                    "name a file with -o, or pipe the output into a program",
                ));
            }
            return Ok(Self { format, destination: Destination::stream(console.take_out()), name: None });
        };
        let format = named.map_or_else(|| Format::of_path(path), Ok)?;
        let destination = Destination::file(path, args.overwrite)?;
        Ok(Self { format, destination, name: Some(path.display().to_string()) })
    }
}
