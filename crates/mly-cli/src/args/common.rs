//! Options of every verb.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use url::Url;

use super::value;

#[derive(Args)]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
}

/// When progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    Auto,
    Always,
    Never,
    Json,
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TalkArgs {
    /// Write counts of rows, requests and bytes, and times, as JSON
    #[arg(long, value_name = "FILE|-")]
    pub(crate) summary: Option<PathBuf>,
    /// Show progress: auto, always, never or json
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) progress: ProgressMode,
    /// Print only warnings and errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Log retries; -vv logs every request
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Show this help
    #[arg(short, long, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
}

/// Options of the tile cache and of request counts.
#[derive(Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct KeptArgs {
    #[arg(
        long,
        help = "Folder of the tile cache and request counts [env: MLY_CACHE_DIR]",
        value_name = "DIR"
    )]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Neither use nor fill the tile cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Use cached tiles up to this age: 12h, 7d, ... [default: 7d]
    #[arg(long, value_name = "TIME", value_parser = value::age)]
    pub(crate) max_age: Option<Duration>,
}

#[derive(Args)]
#[command(next_help_heading = "Service")]
pub(crate) struct ServiceArgs {
    #[arg(long, help = "Access token [env: MAPILLARY_TOKEN, MAPILLARY_ACCESS_TOKEN]", value_name = "T")]
    pub(crate) token: Option<String>,
    /// Use a small invented town instead of Mapillary; needs no token
    #[arg(long, conflicts_with_all = ["graph_url", "tiles_url"])]
    pub(crate) demo: bool,
    #[arg(long, help = "Base URL of the Graph API [env: MAPILLARY_GRAPH_URL]", value_name = "URL", value_parser = mly::env::parse_base_url)]
    pub(crate) graph_url: Option<Url>,
    #[arg(long, help = "Base URL of the vector tiles [env: MAPILLARY_TILES_URL]", value_name = "URL", value_parser = mly::env::parse_base_url)]
    pub(crate) tiles_url: Option<Url>,
    /// Requests sent in parallel [default: 8]
    #[arg(long, value_name = "N", value_parser = value::whole::<usize, 1>)]
    pub(crate) concurrency: Option<usize>,
    /// Retries of a failed request [default: 5]
    #[arg(long, value_name = "N", value_parser = value::whole::<u32, 0>)]
    pub(crate) retries: Option<u32>,
    /// Seconds to wait for a response [default: 120]
    #[arg(long, value_name = "S", value_parser = value::seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Tiles per minute; 0 means no limit [default: 40]
    #[arg(long, value_name = "N", value_parser = value::whole::<u32, 0>)]
    pub(crate) tiles_per_minute: Option<u32>,
    /// Tiles per day; 0 means no limit [default: 10000]
    #[arg(long, value_name = "N", value_parser = value::whole::<u32, 0>)]
    pub(crate) tiles_per_day: Option<u32>,
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
}
