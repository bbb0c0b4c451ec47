//! Options of converting.

use std::path::PathBuf;

use clap::Args;
use mly::sink::Format;

use super::{CommonArgs, FormArgs, help};

#[derive(Args)]
pub(crate) struct ConvertVerb {
    /// Files to read, in any output format except coco and pmtiles; several make one GeoPackage
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub(crate) inputs: Vec<PathBuf>,
    /// File to write, or - for standard output
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
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
