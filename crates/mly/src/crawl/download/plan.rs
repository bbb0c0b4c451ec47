//! The settings of a download of photos.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{Error, unknown};
use crate::query::PhotoSize;

/// Photos of a shard by default. At 1,024 pixels they take about 150 MB.
const PHOTOS_A_SHARD: usize = 1000;

/// Photos fetched at once. Their hosts are content delivery networks, to which the limits of the service do not apply.
const CONCURRENCY: usize = 64;

/// How photos are laid out in their folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layout {
    /// `SEQUENCE/ID.jpg`, or `ID.jpg` where no sequence is known.
    #[default]
    Files,
    /// Shards as the webdataset library reads them: archives such as `00000.tar`, with `ID.jpg` and `ID.json` for each
    /// photo.
    WebDataset,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 2] = [Self::Files, Self::WebDataset];

    /// Name as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::WebDataset => "webdataset",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|l| l.name() == text).ok_or_else(|| unknown("layout", text, &known))
    }
}

/// Where photos are written, and in which size and layout.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a download does nothing until a client runs it"]
pub struct Download {
    pub(super) dir: PathBuf,
    pub(super) size: PhotoSize,
    pub(super) layout: Layout,
    pub(super) concurrency: usize,
    pub(super) photos_a_shard: usize,
    pub(super) folders: Arc<HashMap<i64, String>>,
}

impl Download {
    /// Writes photos into this folder, 1,024 pixels wide, as files. The folder is created if it does not exist.
    pub fn into(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            size: PhotoSize::default(),
            layout: Layout::default(),
            concurrency: CONCURRENCY,
            photos_a_shard: PHOTOS_A_SHARD,
            folders: Arc::default(),
        }
    }

    /// Sets the size.
    pub fn with_size(mut self, size: PhotoSize) -> Self {
        self.size = size;
        self
    }

    /// Sets the layout.
    pub fn with_layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// Photos that are fetched at once, at least 1. Lookups use [`Options::concurrency`](crate::Options::concurrency).
    pub fn with_concurrency(mut self, photos: usize) -> Self {
        self.concurrency = photos.max(1);
        self
    }

    /// Photos in each shard, at least 1 (webdataset only).
    pub fn with_photos_a_shard(mut self, photos: usize) -> Self {
        self.photos_a_shard = photos.max(1);
        self
    }

    /// Puts the photos of these images into folders of these names instead of folders of their sequences (files only).
    ///
    /// A photo that is in another folder already is not moved.
    pub fn with_folders(mut self, folders: HashMap<i64, String>) -> Self {
        self.folders = Arc::new(folders);
        self
    }
}
