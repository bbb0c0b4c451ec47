//! Options of comparing two results.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{CommonArgs, OutputArgs, value};

#[derive(Args)]
pub(crate) struct DiffVerb {
    /// The earlier result, in any output format except coco
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The later result of the same layer
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) options: DiffArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Comparison")]
pub(crate) struct DiffArgs {
    /// Images that tell whether anybody looked where signs are missing
    #[arg(long, value_name = "IMAGES")]
    pub(crate) seen_by: Option<PathBuf>,
    /// Metres within which a sign with a new id is the same
    #[arg(long, value_name = "M", default_value = "15", value_parser = value::within)]
    pub(crate) within_m: f64,
    /// Images count that were so old when NEW was made
    #[arg(long, value_name = "TIME", default_value = "60d", value_parser = value::lag)]
    pub(crate) lag: Duration,
    /// Also write what has not changed
    #[arg(long)]
    pub(crate) all: bool,
    /// When NEW was made [default: the newest date in NEW and IMAGES]
    #[arg(long, value_name = "DATE", value_parser = mly::query::latest_ms)]
    pub(crate) as_of: Option<i64>,
    /// The area that OLD was asked for, if the file does not tell
    #[arg(long, value_name = "FILE")]
    pub(crate) old_within: Option<PathBuf>,
    /// The area that NEW was asked for, if the file does not tell
    #[arg(long, value_name = "FILE")]
    pub(crate) new_within: Option<PathBuf>,
}
