//! Options of what is downloaded by id.

use std::path::PathBuf;

use clap::Args;
use mly::cloud::{CloudFormat, Frame};
use mly::{Layout, PhotoSize};

use super::CommonArgs;

#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// Image ids, files that contain image ids, or - for standard input
    #[arg(value_name = "ID|FILE|-")]
    pub(crate) what: Vec<PathBuf>,
    /// Folder to write to; files that it already has are kept
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) to: PathBuf,
}

#[derive(Args)]
pub(crate) struct DownloadVerb {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// 256, 1024, 2048 or original
    #[arg(long, value_name = "SIZE", help_heading = "Output", default_value_t)]
    pub(crate) size: PhotoSize,
    /// files, or webdataset: tar archives of 1,000 photos
    #[arg(long, value_name = "LAYOUT", help_heading = "Output", default_value_t)]
    pub(crate) layout: Layout,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct CloudVerb {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// ply, las or laz
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output", default_value_t = CloudFormat::Ply)]
    pub(crate) format: CloudFormat,
    /// enu (metres around an origin) or wgs84 (degrees)
    #[arg(long, value_name = "FRAME", help_heading = "Output", default_value_t = Frame::Enu)]
    pub(crate) frame: Frame,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
