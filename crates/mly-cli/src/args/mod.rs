//! The command line, as clap parses it.

mod assets;
mod common;
mod convert;
mod dataset;
mod diff;
mod download;
mod filters;
pub(crate) mod help;
mod kept;
mod lookup;
mod map;
mod osm;
mod query;
mod run;
mod streets;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use mly::Layer;
use mly::sink::{Format, IdForm, TimeForm};
use mly_emulator::{Choice, Fault};

pub(crate) use assets::AssetsVerb;
pub(crate) use common::{CommonArgs, ProgressMode, ServiceArgs, TalkArgs};
pub(crate) use convert::ConvertVerb;
pub(crate) use dataset::DatasetVerb;
pub(crate) use diff::DiffVerb;
pub(crate) use download::{CloudVerb, DownloadVerb, PlaceArgs};
pub(crate) use filters::FilterFlags;
pub(crate) use kept::{BudgetVerb, CacheAction, CacheVerb};
pub(crate) use lookup::{DetectionsVerb, LookupVerb, ThumbnailVerb};
pub(crate) use map::MapVerb;
pub(crate) use osm::{OsmFormat, OsmVerb};
pub(crate) use query::{AreaArgs, FilterArgs};
pub(crate) use run::{Partition, RunVerb};
pub(crate) use streets::StreetsVerb;

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
    #[arg(short, long, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Get the images in an area, one row per image
    Images(AreaVerb),
    /// Get the sequences that touch an area, one row per sequence
    Sequences(AreaVerb),
    /// Get the objects in an area, such as benches, one row per map feature
    Points(AreaVerb),
    /// Get the traffic signs in an area, one row per map feature
    Signs(AreaVerb),
    /// Look up images by id, one row per image
    Image(LookupVerb),
    /// Look up map features (objects and signs) by id, one row per feature
    Feature(LookupVerb),
    /// List the images of sequences, by sequence id, in order of capture
    Sequence(LookupVerb),
    /// Look up organizations by id, one row per organization
    Organization(LookupVerb),
    /// Get what was recognised in images, one row per detection
    Detections(DetectionsVerb),
    /// Print URLs of photos, one per line
    Thumbnail(ThumbnailVerb),
    /// Download photos, as files or tar archives
    Download(DownloadVerb),
    /// Make a data set for training detectors: photos, labels and splits
    Dataset(DatasetVerb),
    /// Download the point clouds that images belong to, one file per cloud
    Cloud(CloudVerb),
    /// Show what a query would cost; sends nothing
    Plan(PlanVerb),
    /// Run a stored plan, or one part of it
    Run(RunVerb),
    /// Find out which streets have images, how old, and in which direction
    Streets(StreetsVerb),
    /// Make an inventory: one row per physical sign or object
    Assets(AssetsVerb),
    /// Compare signs with OpenStreetMap: missing, conflicting, confirmed
    Osm(OsmVerb),
    /// Show results on a map, as one HTML file that needs no network
    Map(MapVerb),
    /// Convert a result to another format; sends nothing
    Convert(ConvertVerb),
    /// Show what has changed between two results of one layer; sends nothing
    Diff(DiffVerb),
    /// Serve the Mapillary API on localhost, for tests and offline work
    Emulate(EmulateVerb),
    /// Show how many requests were sent in the last 24 hours, and any block
    Budget(BudgetVerb),
    /// Show or empty the tile cache
    Cache(CacheVerb),
    /// Check token, URLs and connection
    Doctor(DoctorVerb),
    /// Print shell completions
    Completions(CompletionsVerb),
    /// Print a manual page, or write all of them
    Man(ManVerb),
    /// Show this help, or that of a verb
    Help(HelpVerb),
    /// Print all verbs and options with their full texts as JSON, from which the reference is written
    #[command(hide = true, disable_help_flag = true)]
    Reference(ReferenceVerb),
}

#[derive(Args)]
pub(crate) struct AreaVerb {
    #[command(flatten)]
    pub(crate) area: AreaArgs,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Update an earlier result; its rows that the query no longer finds are kept
    #[arg(long, value_name = "FILE", conflicts_with = "limit", help_heading = "Output")]
    pub(crate) update: Option<PathBuf>,
    /// Also write what has changed in it, as `mly diff` tells it
    #[arg(long, value_name = "FILE", requires = "update", help_heading = "Output")]
    pub(crate) changes: Option<PathBuf>,
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
    /// demo, avenue, empty, random:SEED:IMAGES, a tile file or a directory of tiles
    #[arg(long, value_name = "WORLD", default_value = "demo")]
    pub(crate) world: String,
    /// The demo town as it was known at this date
    #[arg(long, value_name = "DATE", value_parser = value::latest)]
    pub(crate) as_of: Option<i64>,
    /// Write the map of demo or avenue (.osm.pbf, .json) and end
    #[arg(long, value_name = "FILE")]
    pub(crate) osm: Option<PathBuf>,
    /// Port to listen on; 0 picks a free one
    #[arg(long, value_name = "P", default_value_t = 8642)]
    pub(crate) port: u16,
    /// Make requests fail, for example status=503,every=10; repeatable
    #[arg(long, value_name = "FAULT", value_parser = value::fault)]
    pub(crate) fault: Vec<Fault>,
    /// Play another answer to a question about the service, such as bbox-rule=side; repeatable
    #[arg(long, value_name = "QUESTION=ANSWER", value_parser = value::answer)]
    pub(crate) answer: Vec<Choice>,
    /// MiB of encoded tiles to keep in memory
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(crate) memory: usize,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct DoctorVerb {
    /// Ask what is not known of the service, with about 25 requests, and write a report into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,
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
pub(crate) struct ManVerb {
    /// The verb whose page is printed; without one, the page of mly
    #[arg(value_name = "VERB", conflicts_with = "to")]
    pub(crate) verb: Option<String>,
    /// Write the pages of mly and of all verbs into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct HelpVerb {
    /// The verb whose help is shown
    #[arg(value_name = "VERB")]
    pub(crate) verb: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct ReferenceVerb {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// File to write; its suffix sets the format [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[arg(short, long, value_name = "FORMAT", help = help::formats(Format::of_any_rows(), "by suffix"))]
    pub(crate) format: Option<Format>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// How a format writes what it leaves open.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormArgs {
    /// In CSV, write ' before text that spreadsheets take for a formula
    #[arg(long)]
    pub(crate) csv_safe: bool,
    /// How text formats write times: ms (since 1970) or iso
    #[arg(long, value_name = "FORM", default_value = "ms", value_parser = value::times)]
    pub(crate) times: TimeForm,
    /// How GeoJSON writes ids: number or text
    #[arg(long = "ids", value_name = "FORM", default_value = "number", value_parser = value::ids_as)]
    pub(crate) ids_as: IdForm,
    /// Name of the table or layer (gpkg, fgb, pmtiles) [default: after the rows]
    #[arg(long, value_name = "NAME")]
    pub(crate) layer: Option<String>,
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
            Self::Dataset(verb) => &verb.common,
            Self::Cloud(verb) => &verb.common,
            Self::Plan(verb) => &verb.common,
            Self::Run(verb) => &verb.common,
            Self::Streets(verb) => &verb.common,
            Self::Assets(verb) => &verb.common,
            Self::Osm(verb) => &verb.common,
            Self::Map(verb) => &verb.common,
            Self::Convert(verb) => &verb.common,
            Self::Diff(verb) => &verb.common,
            Self::Emulate(verb) => &verb.common,
            Self::Budget(verb) => &verb.common,
            Self::Cache(verb) => &verb.common,
            Self::Doctor(verb) => &verb.common,
            Self::Completions(verb) => &verb.common,
            Self::Man(verb) => &verb.common,
            Self::Help(verb) => &verb.common,
            Self::Reference(verb) => &verb.common,
        }
    }
}
