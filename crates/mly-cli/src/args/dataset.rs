//! Options of data sets.

use std::path::PathBuf;

use clap::Args;
use mly::PhotoSize;
use mly_dataset::{DatasetFormat, Grouping, PanoViews, Split};

use super::{CommonArgs, value};

#[derive(Args)]
pub(crate) struct DatasetVerb {
    /// File with ids of images or map features, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// Only these values, each a class in this order; * stands for any text
    #[arg(long, value_name = "V,..", help_heading = "Labels", value_delimiter = ',', value_parser = value::word, conflicts_with = "classes")]
    pub(crate) value: Vec<String>,
    /// Classes in a file: values one a line, or YAML or JSON of value: class
    #[arg(long, value_name = "FILE", help_heading = "Labels")]
    pub(crate) classes: Option<PathBuf>,
    /// Also images without a label
    #[arg(long, help_heading = "Labels")]
    pub(crate) negatives: bool,
    /// Folder to write to: a new or empty one, or one with the same data set
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) to: PathBuf,
    /// coco, yolo or webdataset
    #[arg(short, long, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: DatasetFormat,
    /// 256, 1024, 2048 or original
    #[arg(long, value_name = "SIZE", help_heading = "Output", default_value_t)]
    pub(crate) size: PhotoSize,
    /// Percent to train, to validate and to test with
    #[arg(long, value_name = "A,B,C", help_heading = "Output", default_value_t, allow_hyphen_values = true)]
    pub(crate) split: Split,
    /// What is never divided: sequence or image
    #[arg(long, value_name = "GROUP", help_heading = "Output", default_value_t)]
    pub(crate) by: Grouping,
    /// Views instead of each panorama: their number and angle, such as 4x90
    #[arg(long, value_name = "NxDEG", help_heading = "Output")]
    pub(crate) crops_of_pano: Option<PanoViews>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
