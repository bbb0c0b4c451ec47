//! An inventory: one row for each physical sign or object.
//!
//! The service makes a map feature again when new photos of a place arrive, under a new id, so that one sign can be two
//! features. [`Assets`] puts them together, finds the signs that hang on one post, says how well each is attested, and,
//! where photos were looked up, which way it faces and which photo shows it best.
//!
//! ```
//! use std::path::Path;
//!
//! use mly_jobs::assets::Assets;
//!
//! fn inventory(signs: &Path) -> mly::Result<()> {
//!     let (table, found) = Assets::of(signs).run()?;
//!     println!("{} signs on {} posts", table.rows(), found.posts);
//!     Ok(())
//! }
//! ```

mod asset;
mod beside;
mod best;
mod direction;
mod evidence;
mod group;
mod photo;
mod photo_list;
mod picture;
mod post;
mod rows;
mod same;
mod seen_box;
mod sign;

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use mly::Result;

pub(crate) use self::photo_list::photo_ids;
pub use self::picture::AssetPicture;
pub(crate) use self::sign::{check_columns, name_of, nothing_usable};

use self::asset::AssetMaker;
use self::beside::RoadSides;
use self::evidence::Evidence;
use self::rows::AssetRows;
use self::sign::Signs;
use crate::input::Input;
use crate::table::{Table, TakeRows};

/// An inventory of signs and objects, ready to be made.
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `run`"]
pub struct Assets {
    signs: Input,
    features: Option<Input>,
    detections: Option<Input>,
    images: Option<Input>,
    roads: Option<Input>,
    as_of_ms: Option<i64>,
    within_m: Option<f64>,
}

/// Rows that are made at once.
const AT_ONCE: usize = 1 << 16;

/// What was found while an inventory was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetsFound {
    /// Map features that were read.
    pub features: u64,
    /// Rows without a usable id, value or position.
    pub skipped: u64,
    /// Rows of map features that the service shows no more, as `last_crawled_at` tells. They are left out.
    pub gone: u64,
    /// Rows whose id another row has too.
    pub repeated: u64,
    /// Map features without a date that can be right. They are never joined with others.
    pub undated: u64,
    /// Physical signs and objects.
    pub assets: u64,
    /// Those among them that are more than one map feature.
    pub joined: u64,
    /// Posts, each with at least one sign, and objects.
    pub posts: u64,
}

impl Assets {
    /// An inventory of the rows of `mly signs` or `mly points`.
    ///
    /// The columns `aligned_direction` and `images`, which are looked up by id, are used if they are there.
    pub fn of(signs: impl Into<Input>) -> Self {
        Self {
            signs: signs.into(),
            features: None,
            detections: None,
            images: None,
            roads: None,
            as_of_ms: None,
            within_m: None,
        }
    }

    /// The same map features, looked up with the fields `aligned_direction` and `images`.
    pub fn with_features(mut self, features: impl Into<Input>) -> Self {
        self.features = Some(features.into());
        self
    }

    /// The detections of these map features.
    pub fn with_detections(mut self, detections: impl Into<Input>) -> Self {
        self.detections = Some(detections.into());
        self
    }

    /// The images of the detections, looked up with the fields `captured_at`, `sequence`, `computed_geometry`,
    /// `quality_score`, `is_pano`, `width` and `height`.
    pub fn with_images(mut self, images: impl Into<Input>) -> Self {
        self.images = Some(images.into());
        self
    }

    /// Roads, for the side on which signs stand: data of OpenStreetMap, or lines, as [`crate::Streets::new`] takes them.
    pub fn with_roads(mut self, roads: impl Into<Input>) -> Self {
        self.roads = Some(roads.into());
        self
    }

    /// The moment, in milliseconds since 1970, from which the age of photos counts; dates after it count as unknown.
    /// Without it, it is the newest date of all signs.
    pub fn with_as_of_ms(mut self, as_of_ms: i64) -> Self {
        self.as_of_ms = Some(as_of_ms);
        self
    }

    /// How far two map features of one sign are apart at most, in metres; 15 without it.
    pub fn with_within_m(mut self, within_m: f64) -> Self {
        self.within_m = Some(within_m);
        self
    }

    /// The ids of the map features that the inventory is made of: all but those that the service shows no more, as
    /// `last_crawled_at` tells.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when the signs cannot be read, [`mly::Error::InvalidQuery`] when they are no signs or objects.
    pub fn shown(&self) -> Result<BTreeSet<i64>> {
        sign::shown(&self.signs)
    }

    /// Makes the inventory. Its rows are sorted by `asset_id`.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when an input cannot be read, [`mly::Error::InvalidQuery`] when it does not hold signs or
    /// objects.
    pub fn run(&self) -> Result<(Table, AssetsFound)> {
        let mut batches = Vec::new();
        let found = self.give(&mut |rows| {
            batches.push(rows);
            Ok(())
        })?;
        let schema = batches.first().map(RecordBatch::schema);
        let schema = schema.ok_or_else(|| mly::Error::internal("an inventory has at least one batch"))?;
        Ok((Table::new(schema, batches), found))
    }

    /// The same without keeping the table: its rows are given away batch by batch, at least one, which may be empty.
    ///
    /// # Errors
    /// Those of [`Assets::run`], and those of the function.
    pub fn give(&self, take: &mut TakeRows<'_>) -> Result<AssetsFound> {
        let evidence =
            Evidence::read(self.features.as_ref(), self.detections.as_ref(), self.images.as_ref())?;
        let signs = Signs::read(&self.signs, self.as_of_ms)?;
        let as_of_ms = self.as_of_ms.or(signs.newest_ms()).unwrap_or(0);
        let roads = self.roads.as_ref().map(RoadSides::read).transpose()?;
        let maker = AssetMaker::new(&signs, &evidence, roads.as_ref(), self.within_m, as_of_ms);
        let rows = AssetRows::new(&signs.values, roads.as_ref())?;
        let mut begin = 0;
        loop {
            let end = maker.count().min(begin + AT_ONCE);
            take(rows.of(&maker.assets(begin..end))?)?;
            if end == maker.count() {
                break;
            }
            begin = end;
        }
        Ok(AssetsFound {
            features: signs.all.len() as u64,
            skipped: signs.skipped,
            gone: signs.gone,
            repeated: signs.repeated,
            undated: signs.undated,
            assets: maker.count() as u64,
            joined: maker.joined() as u64,
            posts: maker.posts() as u64,
        })
    }
}
