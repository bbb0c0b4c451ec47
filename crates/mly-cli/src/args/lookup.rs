//! Options of look-ups by id.

use std::path::PathBuf;

use clap::Args;
use mly::PhotoSize;

use super::{CommonArgs, OutputArgs, value};

#[derive(Args)]
pub(crate) struct IdArgs {
    /// Ids, or - to read them from standard input
    #[arg(value_name = "ID", value_delimiter = ',', value_parser = value::word)]
    pub(crate) ids: Vec<String>,
}

#[derive(Args)]
pub(crate) struct LookupVerb {
    #[command(flatten)]
    pub(crate) ids: IdArgs,
    /// Fetch only these fields, plus id and geometry
    #[arg(long, value_name = "A,B,..", help_heading = "Output", value_delimiter = ',', value_parser = value::word)]
    pub(crate) fields: Option<Vec<String>>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Ids (exactly one)")]
pub(crate) struct DetectionsVerb {
    /// Detections in these images; - reads ids from standard input
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', value_parser = value::word)]
    pub(crate) image: Vec<String>,
    /// Detections of these map features; - reads ids from standard input
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', value_parser = value::word)]
    pub(crate) feature: Vec<String>,
    /// File with ids of images or map features; each id is used once
    #[arg(long, value_name = "FILE|-")]
    pub(crate) from: Option<PathBuf>,
    /// Outlines in base64, as the service sends them
    #[arg(long, help_heading = "Outlines", conflicts_with = "pixels")]
    pub(crate) raw: bool,
    /// Outlines in pixels instead of fractions of width and height
    #[arg(long, help_heading = "Outlines")]
    pub(crate) pixels: bool,
    /// Also a row for each image without detections; coco lists such images
    #[arg(long, help_heading = "Output")]
    pub(crate) with_empty: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct ThumbnailVerb {
    #[command(flatten)]
    pub(crate) ids: IdArgs,
    /// 256, 1024, 2048 or original
    #[arg(long, value_name = "SIZE", help_heading = "Output", default_value_t)]
    pub(crate) size: PhotoSize,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
