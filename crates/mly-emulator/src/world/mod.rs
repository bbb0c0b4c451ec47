//! Worlds: the data that an emulator serves.

mod camera;
mod demo;
mod open;
mod outline;
mod random;
mod record;
mod records;
mod source;
mod truth;
mod values;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use crate::{error::Error, openstreetmap::MapExtract};
use records::Records;

pub use demo::StreetTruth;
pub(crate) use record::{
    Camera, Detection, FeatureKind, Image, MapFeature, Organization, PositionKind, TileImage, Track, User,
};
pub(crate) use source::Source;
pub use truth::TrueSign;

/// The data that an emulator serves. Cheap to clone.
#[derive(Clone, Debug)]
pub struct World(Arc<dyn Source>);

impl World {
    /// A small made-up town near 9.0 east, 52.0 north; always the same.
    #[must_use = "a world is served by Emulator::start"]
    pub fn demo() -> Self {
        static TOWN: LazyLock<World> = LazyLock::new(|| World(Arc::new(demo::town())));
        TOWN.clone()
    }

    /// The demo town as the service knew it at a moment, in milliseconds since 1970: without what was photographed later,
    /// and before 2024 with signs that have been made again under another id, replaced or taken away since.
    #[must_use = "a world is served by Emulator::start"]
    pub fn demo_as_of(moment_ms: i64) -> Self {
        Self(Arc::new(demo::town_as_of(moment_ms)))
    }

    /// The demo town as OpenStreetMap would have it: its streets, and a third of its signs and objects, some of which are
    /// mapped wrongly.
    pub fn demo_map() -> MapExtract {
        demo::town_map()
    }

    /// An avenue whose signs are known one by one: posts with several signs, equal signs on both sides and back to back, a
    /// panorama whose seam divides a sign, signs that the service has made again, and road works.
    #[must_use = "a world is served by Emulator::start"]
    pub fn avenue() -> Self {
        static AVENUE: LazyLock<World> = LazyLock::new(|| World(Arc::new(demo::avenue().records)));
        AVENUE.clone()
    }

    /// The avenue as OpenStreetMap would have it, with a part of its signs, some of which are mapped wrongly.
    pub fn avenue_map() -> MapExtract {
        demo::avenue().map
    }

    /// The signs of the avenue as they really are.
    pub fn avenue_signs() -> Vec<TrueSign> {
        demo::avenue().signs
    }

    /// On which streets of [`World::demo_map`] the images of the demo town were really taken. Images that follow no street are
    /// not among them.
    ///
    /// ```
    /// use mly_emulator::World;
    ///
    /// let truth = World::demo_truth();
    /// assert!(truth.len() > 3000);
    /// assert!(truth.iter().all(|one| (0.0..360.0).contains(&one.heading_deg)));
    /// ```
    pub fn demo_truth() -> Vec<StreetTruth> {
        demo::truth()
    }

    /// A world without any data: every tile is empty, every id unknown.
    #[must_use = "a world is served by Emulator::start"]
    pub fn empty() -> Self {
        Self(Arc::new(Records::default()))
    }

    /// A world of `images` made-up images, 20,000 in each tile of zoom 14, in a square block of tiles that begins at
    /// 14/8601/5389 and grows east and south. Every image is computed when it is requested, so a world of many millions
    /// needs no memory. The same seed gives the same images.
    #[must_use = "a world is served by Emulator::start"]
    pub fn random(seed: u64, images: u64) -> Self {
        Self(Arc::new(random::RandomWorld::new(seed, images)))
    }

    /// Data from files.
    ///
    /// The path is a file or a folder. A folder holds any of:
    ///
    /// - tiles named `{set}-{z}-{x}-{y}.mvt`;
    /// - tiles at `{set}/{z}/{x}/{y}`, with or without `.mvt` or `.pbf`;
    /// - `images.geojson`, `signs.geojson` and `points.geojson`, with properties named as in the tiles.
    ///
    /// Tiles are served byte for byte, after gzipped files were unpacked. The graph knows their images and map features
    /// too. Tiles that are not stored are made from all images and map features.
    ///
    /// # Errors
    ///
    /// [`Error::World`] names the file that is missing or cannot be read, or the folder without any data.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self(Arc::new(open::open(path)?)))
    }

    /// A world by its name on the command line: `demo`, `avenue`, `empty`, `random:SEED:IMAGES`, or the path of a file or
    /// folder for [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// [`Error::WorldName`] for `random:` without two numbers; otherwise as [`open`](Self::open).
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "demo" => return Ok(Self::demo()),
            "avenue" => return Ok(Self::avenue()),
            "empty" => return Ok(Self::empty()),
            _ => {}
        }
        let Some(numbers) = text.strip_prefix("random:") else { return Self::open(Path::new(text)) };
        let parsed = numbers.split_once(':').and_then(|(seed, images)| {
            Some(Self::random(seed.parse().ok()?, images.replace('_', "").parse().ok()?))
        });
        parsed.ok_or(Error::WorldName {
            text: text.to_owned(),
            why: "it should be random:SEED:IMAGES, two numbers",
        })
    }

    /// The bounding box: west, south, east, north in degrees. `None` without data.
    pub fn bbox(&self) -> Option<[f64; 4]> {
        self.0.bbox()
    }

    pub(crate) fn source(&self) -> &dyn Source {
        &*self.0
    }
}
