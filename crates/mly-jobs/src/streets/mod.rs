//! Which streets have imagery: how much of them, how old, and in which direction.
//!
//! - **images** are sorted into sequences, and sequences are cut where images are missing;
//! - **index** finds the edges near an image, **reach** the distances along streets, **likely** says what each costs, **choice**
//!   finds the cheapest way through all, **corners** mends what that cannot see, and **matching** puts a piece onto the streets
//!   by them, so that one image with a bad position does not end up on the next street;
//! - **drive** tells what the images show of each edge, **coverage** joins that, and **table** writes it down.

mod age;
mod around;
mod choice;
mod corners;
mod coverage;
mod drive;
mod fill;
mod find;
mod images;
mod index;
mod likely;
mod matching;
mod measured;
mod reach;
mod records;
mod spans;
mod table;
mod tally;
mod tier;

use arrow_array::RecordBatch;
use mly::query::latest_ms;
use mly::{Error, Result, TileId};

pub use age::Age;
pub use tally::{ClassLengths, StreetCounts};
pub use tier::Tier;

use self::fill::About;
use self::find::find;
use self::images::Shots;
use self::measured::Measured;
use self::table::StreetTables;
use self::tier::{FIRST_MS, TierLimits};
use crate::input::Input;
use crate::roads::{self, Ways};
use crate::table::{Table, TakeRows};

/// Edges whose coverage is in memory at once, and rows of a batch.
const EDGES_AT_ONCE: usize = 65_536;

/// Images, and things found about edges, that are kept in memory: about 100 MB each.
const IN_MEMORY: usize = 2_000_000;

/// Which streets have imagery: how much of them, how old, and in which direction.
///
/// ```no_run
/// use std::path::Path;
///
/// use mly::sink::{Destination, Format};
/// use mly_jobs::Streets;
///
/// let job = Streets::new(Path::new("town.osm.pbf"), Path::new("images.parquet")).with_as_of("2026-01")?;
/// let answer = job.run()?;
/// answer.streets.write(Format::GeoPackage, Destination::file(Path::new("streets.gpkg"), false)?)?;
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a job does nothing until it is run"]
pub struct Streets {
    roads: Input,
    images: Input,
    ways: Ways,
    as_of_ms: Option<i64>,
    fresh: Age,
    aging: Age,
    missing: Vec<TileId>,
    in_memory: usize,
}

/// What [`Streets`] found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StreetAnswer {
    /// A row for each edge: a piece of a street between two places where streets meet or end.
    pub streets: Table,
    /// A row for each part of an edge, of 20 m or more, that no image shows.
    pub gaps: Table,
    /// Lengths by class and tier, and how many images were put onto streets.
    pub counts: StreetCounts,
}

impl Streets {
    /// Until when photos are fresh, without [`Streets::with_fresh`].
    pub const FRESH: Age = Age::years(2);

    /// Until when photos are not too old, without [`Streets::with_aging`].
    pub const AGING: Age = Age::years(4);

    /// The streets of some roads, by some images.
    ///
    /// Roads are data of OpenStreetMap (`.osm.pbf`, or JSON of Overpass), or lines with the columns `highway`, `name`,
    /// `oneway`, `layer`, `junction`, `service`, `access` and `area` as OpenStreetMap has them, as far as they are there, and
    /// with ids in `id`, `osm_id`, `way_id` or `osmid`. Images have the columns of a result of [`mly::Query::images`].
    pub fn new(roads: impl Into<Input>, images: impl Into<Input>) -> Self {
        Self {
            roads: roads.into(),
            images: images.into(),
            ways: Ways::default(),
            as_of_ms: None,
            fresh: Self::FRESH,
            aging: Self::AGING,
            missing: Vec::new(),
            in_memory: IN_MEMORY,
        }
    }

    /// The same question by other images.
    pub fn with_images(self, images: impl Into<Input>) -> Self {
        Self { images: images.into(), ..self }
    }

    /// Only these kinds of streets.
    pub fn with_ways(self, ways: Ways) -> Self {
        Self { ways, ..self }
    }

    /// The moment from which ages count back; later dates do not count. A date such as `2025` is the end of that year.
    ///
    /// Without it, it is the newest date among the images, but for those later than a day after their file was written.
    ///
    /// # Errors
    /// [`mly::Error::InvalidQuery`] when the text is no date.
    pub fn with_as_of(self, date: &str) -> Result<Self> {
        Ok(Self { as_of_ms: Some(latest_ms(date)?), ..self })
    }

    /// Photos of at most this age are fresh.
    pub fn with_fresh(self, age: Age) -> Self {
        Self { fresh: age, ..self }
    }

    /// Photos that are older than this are stale.
    pub fn with_aging(self, age: Age) -> Self {
        Self { aging: age, ..self }
    }

    /// Tiles of zoom 14 that the service did not give, as [`mly::Summary`] lists them: streets in them are not measured.
    pub fn with_missing(self, tiles: Vec<TileId>) -> Self {
        Self { missing: tiles, ..self }
    }

    /// How many images, and findings of each kind, are kept in memory before the disk is used.
    #[doc(hidden)]
    pub fn with_images_in_memory(self, images: usize) -> Self {
        Self { in_memory: images, ..self }
    }

    /// Checks the options alone, before anything is read or asked for.
    ///
    /// # Errors
    /// [`mly::Error::InvalidQuery`] when photos would be fresh for longer than they are aging.
    pub fn check(&self) -> Result<()> {
        TierLimits::new(self.as_of_ms.unwrap_or(FIRST_MS), self.fresh, self.aging).map(drop)
    }

    /// Reads both inputs and answers.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when an input cannot be read, when there are no streets in the roads, or when the images are none.
    /// [`mly::Error::InvalidQuery`] when photos would be fresh for longer than they are aging. [`mly::Error::Output`] when the
    /// disk is too full to sort images on it.
    pub fn run(&self) -> Result<StreetAnswer> {
        let (mut streets, mut gaps) = (Vec::new(), Vec::new());
        let counts = self.give(
            &mut |rows| {
                streets.push(rows);
                Ok(())
            },
            &mut |rows| {
                gaps.push(rows);
                Ok(())
            },
        )?;
        let table = |batches: Vec<RecordBatch>| {
            let schema = batches.first().map(RecordBatch::schema);
            let schema = schema.ok_or_else(|| Error::internal("a table of streets has no columns"))?;
            Ok::<_, Error>(Table::new(schema, batches))
        };
        Ok(StreetAnswer { streets: table(streets)?, gaps: table(gaps)?, counts })
    }

    /// The same without keeping the tables: their rows are given away batch by batch, so that a country needs no more memory
    /// than its streets take.
    ///
    /// # Errors
    /// Those of [`Streets::run`], and those of the functions.
    pub fn give(&self, streets: &mut TakeRows<'_>, gaps: &mut TakeRows<'_>) -> Result<StreetCounts> {
        self.check()?;
        let network = roads::read(&self.roads, &self.ways)?;
        let mut shots = Shots::read(&self.images, self.in_memory)?;
        let measured =
            Measured { asked: shots.asked.take(), missing: self.missing.iter().copied().collect() };
        let as_of_ms = self.as_of_ms.unwrap_or(shots.newest);
        let limits = TierLimits::new(as_of_ms, self.fresh, self.aging)?;
        let mut findings = find(&network, &mut shots, limits, self.in_memory)?;
        let found = findings.counts;
        let mut counts = StreetCounts {
            ways_read: network.counts.read,
            ways_kept: network.counts.kept,
            other_ways: network.counts.others.clone(),
            without_length: network.counts.without_length,
            edges: network.edges.len() as u64,
            images: found.images,
            matched: found.matched,
            ambiguous: found.ambiguous,
            unmatched: found.images - found.matched - found.ambiguous,
            undated: found.undated,
            unplaced: shots.unplaced,
            repeated: shots.repeated,
            has_sequences: shots.has_sequences,
            as_of_ms,
            fresh_since_ms: self.fresh.before(as_of_ms),
            aging_since_ms: self.aging.before(as_of_ms),
            ..StreetCounts::default()
        };
        drop(shots);
        let mut tables = StreetTables::new(&network, &self.about())?;
        let mut number = 0;
        // Without any edge there is one batch too, since it has the columns.
        loop {
            let end = network.edges.len().min(number + EDGES_AT_ONCE);
            let edges = network.edges.get(number..end).unwrap_or_default();
            let coverages = findings.coverages(&network, number, edges, &measured, limits)?;
            for (edge, coverage) in edges.iter().zip(&coverages) {
                let class = network.way(edge).class.as_deref().unwrap_or_default();
                let lengths = match counts.classes.get_mut(class) {
                    Some(lengths) => lengths,
                    None => counts.classes.entry(class.to_owned()).or_default(),
                };
                lengths.add(edge.length_m, coverage.as_ref());
                tables.add(edge, coverage.as_ref())?;
            }
            let (rows, of_gaps) = tables.take()?;
            streets(rows)?;
            gaps(of_gaps)?;
            if end == network.edges.len() {
                break;
            }
            number = end;
        }
        Ok(counts)
    }

    fn about(&self) -> About<'static> {
        const TEXT: &str = "coverage of streets by street-level images";
        if roads::is_openstreetmap(&self.roads) {
            let (license, attribution) =
                ("CC BY-SA 4.0 and ODbL 1.0", "Mapillary and OpenStreetMap contributors");
            return About { text: TEXT, license, attribution };
        }
        About { text: TEXT, license: "CC BY-SA 4.0", attribution: "Mapillary" }
    }
}
