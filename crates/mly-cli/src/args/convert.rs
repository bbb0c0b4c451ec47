//! Options of converting.

use std::path::{Path, PathBuf};

use clap::Args;
use mly::sink::Format;

use super::{CommonArgs, FormArgs, help};

#[derive(Args)]
pub(crate) struct ConvertVerb {
    /// Files to read, in any output format except coco and pmtiles, and the file to write, or - for
    /// standard output; several IN make one GeoPackage
    // One list, so that options may stand anywhere between them.
    #[arg(value_name = "IN... OUT", required = true, num_args = 1..)]
    pub(crate) files: Vec<PathBuf>,
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        help_heading = "Output",
        help = help::formats(Format::ALL, "by suffix of OUT")
    )]
    pub(crate) format: Option<Format>,
    /// Replace an existing file; OUT may be IN
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

impl ConvertVerb {
    /// The files to read.
    pub(crate) fn inputs(&self) -> &[PathBuf] {
        self.files.split_last().map_or(&[], |(_, inputs)| inputs)
    }

    /// The file to write.
    pub(crate) fn output(&self) -> &Path {
        self.files.last().map_or(Path::new("-"), PathBuf::as_path)
    }
}
