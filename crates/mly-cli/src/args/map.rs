//! Options of maps.

use std::path::PathBuf;

use clap::Args;
use mly_map::Basemap;

use super::{CommonArgs, value};

#[derive(Args)]
pub(crate) struct MapVerb {
    /// Results in any format except coco, one layer each
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Map below the rows: osm, or a URL of tiles or of a style; the page then uses the network
    #[arg(long, value_name = "URL|osm", help_heading = "Page")]
    pub(crate) basemap: Option<Basemap>,
    /// Put small photos of up to N images into the page; takes a token
    #[arg(long, value_name = "N", help_heading = "Page", value_parser = value::whole::<usize, 1>)]
    pub(crate) photos: Option<usize>,
    /// Page to write, such as town.html [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Open the page in the browser
    #[arg(long, help_heading = "Output")]
    pub(crate) open: bool,
    /// Replace an existing file
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
