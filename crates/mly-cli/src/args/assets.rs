//! Options of inventories.

use std::path::PathBuf;

use clap::Args;

use super::{CommonArgs, OutputArgs, value};

#[derive(Args)]
pub(crate) struct AssetsVerb {
    /// Signs or objects: a result of mly signs or mly points
    #[arg(value_name = "SIGNS")]
    pub(crate) signs: PathBuf,
    /// Look up photos and detections too; tells the cost first
    #[arg(long, help_heading = "Inventory")]
    pub(crate) detections: bool,
    /// Roads, for the side of the road: .osm.pbf, Overpass JSON, or lines
    #[arg(long, value_name = "FILE", help_heading = "Inventory")]
    pub(crate) roads: Option<PathBuf>,
    /// Save a picture of each sign into this folder; needs --detections
    #[arg(long, value_name = "DIR", requires = "detections", help_heading = "Inventory")]
    pub(crate) crops: Option<PathBuf>,
    /// How far two features of one sign are apart at most, in metres
    #[arg(long, value_name = "M", default_value = "15", value_parser = value::distance, help_heading = "Inventory")]
    pub(crate) within_m: f64,
    /// The day from which the age of photos counts [default: the newest date of SIGNS]
    #[arg(long, value_name = "DATE", value_parser = value::day, help_heading = "Inventory")]
    pub(crate) as_of: Option<i64>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
