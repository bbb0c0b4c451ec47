//! Options of the coverage of streets.

use std::path::PathBuf;

use clap::Args;
use mly_jobs::{Age, Streets, Ways};

use super::{CommonArgs, OutputArgs};

#[derive(Args)]
pub(crate) struct StreetsVerb {
    /// Streets: .osm.pbf, JSON of Overpass, or lines in any format
    #[arg(value_name = "ROADS")]
    pub(crate) roads: PathBuf,
    /// Images, as `mly images` writes them [default: asked for]
    #[arg(long, value_name = "FILE", help_heading = "Streets")]
    pub(crate) images: Option<PathBuf>,
    /// Kinds of streets: drive, walk, all, or values of highway
    #[arg(long, value_name = "LIST", default_value_t = Ways::Drive, help_heading = "Streets")]
    pub(crate) ways: Ways,
    /// When ages are counted [default: the newest image]
    #[arg(long, value_name = "DATE", help_heading = "Streets")]
    pub(crate) as_of: Option<String>,
    /// Up to this age images are fresh: 90d, 6w, 18m, 2y
    #[arg(long, value_name = "AGE", default_value_t = Streets::FRESH, help_heading = "Streets")]
    pub(crate) fresh: Age,
    /// Up to this age they are aging, and older ones are stale
    #[arg(long, value_name = "AGE", default_value_t = Streets::AGING, help_heading = "Streets")]
    pub(crate) aging: Age,
    /// Ask for images even where that takes over 500 tiles
    #[arg(long, help_heading = "Streets")]
    pub(crate) yes: bool,
    /// Also write the parts without images, from 20 m on
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) gaps: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
