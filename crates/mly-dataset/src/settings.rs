//! The settings of a data set.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use mly::error::unknown;
use mly::{Error, PhotoSize, Result};

use crate::classes::Classes;
use crate::share::Split;
use crate::views::PanoViews;

/// Photos fetched at once. Their hosts are content delivery networks, to which the limits of the service do not apply.
const CONCURRENCY: usize = 64;

/// Photos of a shard.
const PHOTOS_A_SHARD: usize = 1000;

/// How labels and photos are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatasetFormat {
    /// One JSON document for each part, with outlines; photos in folders.
    Coco,
    /// One text for each photo, with boxes, and a `data.yaml`; photos in folders.
    Yolo,
    /// Tar archives with a photo and a JSON document for each image.
    WebDataset,
}

impl DatasetFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Coco, Self::Yolo, Self::WebDataset];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Yolo => "yolo",
            Self::WebDataset => "webdataset",
        }
    }
}

impl fmt::Display for DatasetFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DatasetFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|f| f.name() == text).ok_or_else(|| unknown("format", text, &known))
    }
}

/// What is never divided among the parts of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// The images of a sequence. They follow each other in time, so that neighbours show the same objects.
    #[default]
    Sequence,
    /// Only single images.
    Image,
}

impl Grouping {
    /// Every grouping.
    pub const ALL: [Self; 2] = [Self::Sequence, Self::Image];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Image => "image",
        }
    }
}

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Grouping {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|g| g.name() == text).ok_or_else(|| unknown("grouping", text, &known))
    }
}

/// Where a data set is written, and what it looks like.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a data set is made by an assembly"]
pub struct Dataset {
    pub(crate) dir: PathBuf,
    pub(crate) format: DatasetFormat,
    pub(crate) size: PhotoSize,
    pub(crate) split: Split,
    pub(crate) grouping: Grouping,
    pub(crate) negatives: bool,
    pub(crate) classes: Classes,
    pub(crate) concurrency: usize,
    pub(crate) photos_a_shard: usize,
    pub(crate) views: Option<PanoViews>,
}

impl Dataset {
    /// Writes a data set into this folder, as COCO with photos 1,024 pixels wide. The folder is created if it does not
    /// exist, and must be empty or hold the same data set.
    pub fn into(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            format: DatasetFormat::Coco,
            size: PhotoSize::default(),
            split: Split::default(),
            grouping: Grouping::default(),
            negatives: false,
            classes: Classes::default(),
            concurrency: CONCURRENCY,
            photos_a_shard: PHOTOS_A_SHARD,
            views: None,
        }
    }

    /// Sets the format.
    pub fn with_format(mut self, format: DatasetFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the size of photos.
    pub fn with_size(mut self, size: PhotoSize) -> Self {
        self.size = size;
        self
    }

    /// Sets the shares of the parts.
    pub fn with_split(mut self, split: Split) -> Self {
        self.split = split;
        self
    }

    /// Sets what is never divided among parts.
    pub fn with_grouping(mut self, grouping: Grouping) -> Self {
        self.grouping = grouping;
        self
    }

    /// Whether images without a label are in the data set too.
    pub fn with_negatives(mut self, negatives: bool) -> Self {
        self.negatives = negatives;
        self
    }

    /// Sets which detections become labels, and of which classes.
    pub fn with_classes(mut self, classes: Classes) -> Self {
        self.classes = classes;
        self
    }

    /// Photos that are fetched at once, at least 1.
    pub fn with_concurrency(mut self, photos: usize) -> Self {
        self.concurrency = photos.max(1);
        self
    }

    /// Photos in each shard, at least 1 (webdataset only).
    pub fn with_photos_a_shard(mut self, photos: usize) -> Self {
        self.photos_a_shard = photos.max(1);
        self
    }

    /// Divides panoramas into views. Without it, they are in the data set as they are.
    pub fn with_pano_views(mut self, views: Option<PanoViews>) -> Self {
        self.views = views;
        self
    }
}
