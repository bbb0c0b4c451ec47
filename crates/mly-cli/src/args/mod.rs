//! What was typed.

mod common;
mod convert;
mod download;
mod filters;
mod kept;
mod lookup;
mod query;
mod run;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use mly::Layer;
use mly::sink::Format;
use mly_emulator::Fault;

pub(crate) use common::{CommonArgs, KeptArgs, ProgressMode, ServiceArgs, TalkArgs};
pub(crate) use convert::ConvertVerb;
pub(crate) use download::{CloudVerb, DownloadVerb, PlaceArgs};
pub(crate) use filters::FilterFlags;
pub(crate) use kept::{BudgetVerb, CacheAction, CacheVerb};
pub(crate) use lookup::{DetectionsVerb, LookupVerb, ThumbnailVerb};
pub(crate) use query::{AreaArgs, FilterArgs};
pub(crate) use run::{Partition, RunVerb};

/// Fast and complete access to Mapillary: images, sequences, map features and traffic signs.
#[derive(Parser)]
#[command(
    name = "mly",
    version,
    disable_help_subcommand = true,
    disable_help_flag = true,
    subcommand_required = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Show this help
    #[arg(short, long, action = clap::ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Image points of the coverage tiles, one row an image
    Images(AreaVerb),
    /// Sequences that touch the area, one row a sequence
    Sequences(AreaVerb),
    /// Map features that are objects, one row a feature
    Points(AreaVerb),
    /// Map features that are traffic signs, one row a sign
    Signs(AreaVerb),
    /// Images by id, one row an image
    Image(LookupVerb),
    /// Map features by id, one row a feature
    Feature(LookupVerb),
    /// The images of sequences by the sequences' ids, in order of capture
    Sequence(LookupVerb),
    /// Organizations by id, one row an organization
    Organization(LookupVerb),
    /// What was recognised in images, one row a detection
    Detections(DetectionsVerb),
    /// Fresh addresses of photos, one a line
    Thumbnail(ThumbnailVerb),
    /// Photos into a folder, as files or archives
    Download(DownloadVerb),
    /// Point clouds of the clusters that images belong to, one file a cluster
    Cloud(CloudVerb),
    /// What a query would cost; sends nothing
    Plan(PlanVerb),
    /// A stored plan, or a part of it
    Run(RunVerb),
    /// A result in another format; sends nothing
    Convert(ConvertVerb),
    /// The Mapillary API on localhost, for tests and offline work
    Emulate(EmulateVerb),
    /// What was asked of the service, and what may still be
    Budget(BudgetVerb),
    /// The tiles that are kept: where, how many, or none any more
    Cache(CacheVerb),
    /// Checks token, addresses and connection
    Doctor(DoctorVerb),
    /// Completions for a shell, to be sourced or stored
    Completions(CompletionsVerb),
}

#[derive(Args)]
pub(crate) struct AreaVerb {
    #[command(flatten)]
    pub(crate) area: AreaArgs,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Bring an earlier result up to date; its other rows stay, in the area or not
    #[arg(long, value_name = "FILE", conflicts_with = "limit", help_heading = "Output")]
    pub(crate) update: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct PlanVerb {
    /// images, sequences, points or signs
    #[arg(value_name = "LAYER")]
    pub(crate) layer: Layer,
    #[command(flatten)]
    pub(crate) area: AreaArgs,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Store the plan as JSON
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct EmulateVerb {
    /// demo, empty, random:SEED:IMAGES, a tile file or a directory
    #[arg(long, value_name = "WORLD", default_value = "demo")]
    pub(crate) world: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "P", default_value_t = 8642)]
    pub(crate) port: u16,
    /// Make requests fail, such as status=503,every=10; repeatable
    #[arg(long, value_name = "FAULT", value_parser = value::fault)]
    pub(crate) fault: Vec<Fault>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct DoctorVerb {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct CompletionsVerb {
    /// bash, elvish, fish, powershell or zsh
    #[arg(hide_possible_values = true)]
    pub(crate) shell: Shell,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// geojson, geojsonseq, csv, arrow, parquet, fgb or gpkg [default: by name]
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) overwrite: bool,
}

impl Verb {
    /// The options that every verb has.
    pub(crate) fn common(&self) -> &CommonArgs {
        match self {
            Self::Images(verb) | Self::Sequences(verb) | Self::Points(verb) | Self::Signs(verb) => {
                &verb.common
            }
            Self::Image(verb) | Self::Feature(verb) | Self::Sequence(verb) | Self::Organization(verb) => {
                &verb.common
            }
            Self::Detections(verb) => &verb.common,
            Self::Thumbnail(verb) => &verb.common,
            Self::Download(verb) => &verb.common,
            Self::Cloud(verb) => &verb.common,
            Self::Plan(verb) => &verb.common,
            Self::Run(verb) => &verb.common,
            Self::Convert(verb) => &verb.common,
            Self::Emulate(verb) => &verb.common,
            Self::Budget(verb) => &verb.common,
            Self::Cache(verb) => &verb.common,
            Self::Doctor(verb) => &verb.common,
            Self::Completions(verb) => &verb.common,
        }
    }
}
