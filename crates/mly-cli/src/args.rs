//! What was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// Fast and complete access to Mapillary: images, sequences, map features and traffic signs.
#[derive(Debug, Parser)]
#[command(name = "mly", version, disable_help_subcommand = true, disable_help_flag = true, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Show this help
    #[arg(short, long, action = clap::ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Image points of the coverage tiles, one row an image
    Images(AreaVerb),
    /// Sequences that touch the area, one row a sequence
    Sequences(AreaVerb),
    /// Map features that are objects, one row a feature
    Points(AreaVerb),
    /// Map features that are traffic signs, one row a sign
    Signs(AreaVerb),
    /// What a query would cost; sends nothing
    Plan(PlanVerb),
    /// The Mapillary API on localhost, for tests and offline work
    Emulate(EmulateVerb),
    /// Checks token, addresses and connection
    Doctor(DoctorVerb),
    /// Completions for a shell, to be sourced or stored
    Completions(CompletionsVerb),
}

#[derive(Debug, Args)]
pub(crate) struct AreaVerb {
    #[command(flatten)]
    pub(crate) area: AreaArgs,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlanVerb {
    /// images, sequences, points or signs
    #[arg(value_name = "LAYER")]
    pub(crate) layer: String,
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
    pub(crate) talk: TalkArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct EmulateVerb {
    /// demo, random:SEED:IMAGES, a tile file or a directory
    #[arg(long, value_name = "WORLD", default_value = "demo")]
    pub(crate) world: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, value_name = "P", default_value_t = 8642)]
    pub(crate) port: u16,
    /// Make requests fail, such as status=503,every=10; repeatable
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorVerb {
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsVerb {
    /// bash, elvish, fish, powershell or zsh
    pub(crate) shell: Shell,
    /// Show this help
    #[arg(short, long, action = clap::ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Area (exactly one)")]
pub(crate) struct AreaArgs {
    /// Box in degrees; W > E crosses the antimeridian
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) bbox: Option<String>,
    /// GeoJSON file, - for standard input
    #[arg(long, value_name = "FILE|-", allow_hyphen_values = true)]
    pub(crate) within: Option<PathBuf>,
    /// Circle around a position
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    pub(crate) near: Option<String>,
    /// Radius of the circle in metres [default: 50]
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    pub(crate) radius: Option<String>,
    /// What one tile holds
    #[arg(long, value_name = "Z/X/Y")]
    pub(crate) tile: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Captured at this date or later: 2021, 2021-03, ...
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Captured at this date or earlier, its end included
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// all, pano or flat
    #[arg(long, value_name = "TYPE")]
    pub(crate) image_type: Option<String>,
    /// Direction of view; MIN > MAX crosses north
    #[arg(long, value_name = "MIN,MAX", allow_hyphen_values = true)]
    pub(crate) compass: Option<String>,
    /// Only these sequences
    #[arg(long, value_name = "ID,..", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) sequence: Vec<String>,
    /// Only these organizations
    #[arg(long, value_name = "ID,..", value_delimiter = ',')]
    pub(crate) organization: Vec<String>,
    /// Only these creators
    #[arg(long, value_name = "ID,..", value_delimiter = ',')]
    pub(crate) creator: Vec<String>,
    /// Only images that look at a position
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    pub(crate) looking_at: Option<String>,
    /// Only these values; * stands for any text
    #[arg(long, value_name = "V,..", value_delimiter = ',')]
    pub(crate) value: Vec<String>,
    /// First seen at this date or later
    #[arg(long, value_name = "DATE")]
    pub(crate) first_seen_since: Option<String>,
    /// First seen at this date or earlier
    #[arg(long, value_name = "DATE")]
    pub(crate) first_seen_until: Option<String>,
    /// Last seen at this date or later
    #[arg(long, value_name = "DATE")]
    pub(crate) last_seen_since: Option<String>,
    /// Last seen at this date or earlier
    #[arg(long, value_name = "DATE")]
    pub(crate) last_seen_until: Option<String>,
    /// Keep of each line only what the fetched tiles show
    #[arg(long)]
    pub(crate) cut: bool,
    /// At most so many rows
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<String>,
    /// Only these columns, besides id and geometry
    #[arg(long, value_name = "A,B,..", value_delimiter = ',')]
    pub(crate) fields: Option<Vec<String>>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// geojson, geojsonseq, csv or arrow [default: by name]
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Write rows, requests, bytes and times as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceArgs {
    /// Access token [env: MAPILLARY_TOKEN]
    #[arg(long, value_name = "T")]
    pub(crate) token: Option<String>,
    /// Ask a small invented town instead; needs no token
    #[arg(long)]
    pub(crate) demo: bool,
    /// Base URL of the graph [env: MAPILLARY_GRAPH_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) graph_url: Option<String>,
    /// Base URL of the tiles [env: MAPILLARY_TILES_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) tiles_url: Option<String>,
    /// Requests under way at once [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// How often a failed request is sent again [default: 5]
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u32>,
    /// Seconds to wait for an answer [default: 120]
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<f64>,
    /// Tiles a minute; 0 is no limit [default: 50]
    #[arg(long, value_name = "N")]
    pub(crate) tiles_per_minute: Option<u32>,
    /// Tiles a day; 0 is no limit [default: 50000]
    #[arg(long, value_name = "N")]
    pub(crate) tiles_per_day: Option<u32>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TalkArgs {
    /// Show progress: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub(crate) progress: String,
    /// Only errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Show repeated requests; -vv shows all
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Show this help
    #[arg(short, long, action = clap::ArgAction::Help)]
    help: Option<bool>,
}
