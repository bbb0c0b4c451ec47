//! Worlds: what an emulator serves.

mod camera;
mod demo;
mod open;
mod outline;
mod random;
mod record;
mod records;
mod source;
mod values;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use crate::error::Error;
use records::Records;

pub(crate) use record::{
    Camera, Detection, FeatureKind, Image, MapFeature, Organization, PositionKind, Track, User,
};
pub(crate) use source::Source;

/// The data behind an emulator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct World(Arc<dyn Source>);

impl World {
    /// A small made-up town near 9.0 east, 52.0 north; always the same.
    #[must_use = "a world is served by Emulator::start"]
    pub fn demo() -> Self {
        static TOWN: LazyLock<World> = LazyLock::new(|| World(Arc::new(demo::town())));
        TOWN.clone()
    }

    /// A world without any data: every tile is empty, every id unknown.
    #[must_use = "a world is served by Emulator::start"]
    pub fn empty() -> Self {
        Self(Arc::new(Records::default()))
    }

    /// `images` made-up images, 20,000 in each z14 tile of a square block that begins at 14/8601/5389 and grows east
    /// and south. They are made when they are asked for, so a world of many millions needs no memory. The same
    /// seed gives the same images.
    #[must_use = "a world is served by Emulator::start"]
    pub fn random(seed: u64, images: u64) -> Self {
        Self(Arc::new(random::RandomWorld::new(seed, images)))
    }

    /// Data from files.
    ///
    /// A tile named `{set}-{z}-{x}-{y}.mvt`, or a folder with such files, with tiles at `{set}/{z}/{x}/{y}` (with or
    /// without `.mvt` or `.pbf`), or with `images.geojson`, `signs.geojson` and `points.geojson`, whose properties
    /// are named as in the tiles. Tiles are served byte for byte (gzipped files unpacked), and their images and map
    /// features are also known to the graph; tiles that are not stored are made from the GeoJSON.
    ///
    /// # Errors
    ///
    /// [`Error::World`] names the file that is missing or wrong, or the folder without any data.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self(Arc::new(open::open(path)?)))
    }

    /// A world by its name on the command line: `demo`, `empty`, `random:SEED:IMAGES`, or the path of a file or
    /// folder for [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// [`Error::WorldName`] for `random:` without two numbers; otherwise as [`open`](Self::open).
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "demo" => return Ok(Self::demo()),
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

    /// The extent as west, south, east, north in degrees; `None` without data.
    pub fn bbox(&self) -> Option<[f64; 4]> {
        self.0.bbox()
    }

    pub(crate) fn source(&self) -> &dyn Source {
        &*self.0
    }
}
