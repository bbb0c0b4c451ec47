//! Signs and objects compared with OpenStreetMap: what is there, what is missing, what contradicts.
//!
//! Which tags stand for which sign is told by rules, which are data: those that are the same everywhere, those of a country,
//! and those of the user. Nothing is uploaded, and nothing is deleted.
//!
//! - **served** finds the street that a sign is for and follows it, **compare** looks for the counterpart of the sign,
//!   **temporary** and **looks** judge what time tells;
//! - **rows** makes the table; **challenge**, **josm** and **change** write what is to be done for the tools of mappers.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use mly_jobs::osm::SignsInOsm;
//!
//! let compared = SignsInOsm::of(Path::new("signs.parquet"), Path::new("town.osm.pbf")).run()?;
//! println!("{} rows", compared.table()?.rows());
//! # Ok::<(), mly::Error>(())
//! ```

mod added;
mod challenge;
mod change;
mod codes;
mod compare;
mod compared;
mod element;
mod finding;
mod josm;
mod looks;
mod mapped_sign;
mod on_road;
mod rows;
mod rule;
mod rule_book;
mod served;
mod temporary;
mod world;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mly::{Error, Result};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

pub use compared::OsmComparison;
pub use finding::OsmStatus;

use self::compare::SignSearch;
use self::element::ElementId;
use self::finding::Finding;
use self::mapped_sign::MappedSigns;
use self::rule_book::RuleBook;
use self::world::World;
use crate::input::Input;
use crate::openstreetmap::OsmForm;
use crate::table::Table;

/// A comparison of signs with OpenStreetMap, ready to be made.
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `run`"]
pub struct SignsInOsm {
    signs: Input,
    osm: PathBuf,
    country: String,
    tags: Option<PathBuf>,
    looks: Option<Input>,
    as_of_ms: Option<i64>,
    permanent: bool,
}

impl SignsInOsm {
    /// Signs of `mly signs`, `mly points` or `mly assets`, and an extract (`.osm.pbf`) or an answer of Overpass in JSON.
    pub fn of(signs: impl Into<Input>, osm: impl Into<PathBuf>) -> Self {
        Self {
            signs: signs.into(),
            osm: osm.into(),
            country: "DE".to_owned(),
            tags: None,
            looks: None,
            as_of_ms: None,
            permanent: false,
        }
    }

    /// The country whose rules count, by its code of two letters; `DE` without it.
    pub fn with_country(mut self, code: &str) -> Self {
        code.trim().clone_into(&mut self.country);
        self
    }

    /// A file of rules that add to those of the country, or replace them.
    pub fn with_tags(mut self, file: impl Into<PathBuf>) -> Self {
        self.tags = Some(file.into());
        self
    }

    /// Images of the area, by which things of OpenStreetMap are found that are not there any more.
    pub fn with_looks(mut self, images: impl Into<Input>) -> Self {
        self.looks = Some(images.into());
        self
    }

    /// Dates after this moment, in milliseconds since 1970, count as unknown.
    pub fn with_as_of_ms(mut self, as_of_ms: i64) -> Self {
        self.as_of_ms = Some(as_of_ms);
        self
    }

    /// Takes signs that were seen for less than nine months for temporary ones.
    pub fn with_permanent(mut self, permanent: bool) -> Self {
        self.permanent = permanent;
        self
    }

    /// Checks the options that can be wrong, without reading signs or OpenStreetMap.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there are no rules for the country, [`Error::Input`] with line and column when the
    /// file of rules cannot be read.
    pub fn check(&self) -> Result<()> {
        self.check_order()?;
        RuleBook::new(&self.country, self.tags.as_deref()).map(drop)
    }

    /// Refuses OpenStreetMap in the place of the signs.
    fn check_order(&self) -> Result<()> {
        match &self.signs {
            Input::File(path) if path.exists() && OsmForm::of(path).is_ok_and(|form| form.is_some()) => {
                Err(Error::query(format!("{} is data of OpenStreetMap, and no signs", path.display()))
                    .with_hint("signs come first, and OpenStreetMap second"))
            }
            _ => Ok(()),
        }
    }

    /// Compares.
    ///
    /// # Errors
    /// Those of [`SignsInOsm::check`], and [`Error::Input`] when a file cannot be read or OpenStreetMap is that of another
    /// place.
    pub fn run(&self) -> Result<OsmComparison> {
        self.check_order()?;
        let mut book = RuleBook::new(&self.country, self.tags.as_deref())?;
        let signs = MappedSigns::read(&self.signs, self.as_of_ms)?;
        book.prepare(signs.all.iter().map(|sign| sign.value.as_str()));
        let world = World::read(&self.osm, &book)?;
        check_place(&signs, &world, &self.osm)?;
        let comparison = SignSearch::new(&world, &book);
        let mut findings: Vec<Finding> = signs.all.par_iter().map(|sign| comparison.find(sign)).collect();
        let confirmed: BTreeSet<ElementId> = findings
            .iter()
            .filter(|finding| finding.status == OsmStatus::Confirmed)
            .filter_map(|finding| finding.element.as_ref().map(|(id, _)| *id))
            .collect();
        for (finding, sign) in findings.iter_mut().zip(&signs.all) {
            if matches!(finding.status, OsmStatus::Missing | OsmStatus::Ambiguous)
                && let Some(rival) = comparison.rival(sign, &confirmed)
            {
                *finding = rival;
            }
        }
        temporary::mark_temporary(&mut findings, &signs.all, &book, self.permanent);
        for (finding, sign) in findings.iter_mut().zip(&signs.all) {
            let is_open =
                matches!(finding.status, OsmStatus::Missing | OsmStatus::Conflicting | OsmStatus::Ambiguous);
            if is_open && sign.images.is_some_and(|images| images < 2) {
                finding.status = OsmStatus::Weak;
            }
        }
        let matched: BTreeSet<ElementId> =
            findings.iter().filter_map(|finding| finding.element.as_ref().map(|(id, _)| *id)).collect();
        let gone = match &self.looks {
            None => BTreeSet::new(),
            Some(images) => {
                let gone = looks::not_seen(&world, &book, &signs.all, &matched, images)?;
                gone.iter().map(|element| element.id).collect()
            }
        };
        let numbered = (0..).zip(&world.elements);
        let mut gone: Vec<_> =
            numbered.filter(|(_, e)| gone.contains(&e.id)).map(|(number, e)| (e.id, number)).collect();
        gone.sort_unstable();
        let mut unmapped: BTreeMap<&str, u64> = BTreeMap::new();
        for (finding, sign) in findings.iter().zip(&signs.all) {
            if finding.status == OsmStatus::Unmapped {
                *unmapped.entry(&sign.value).or_default() += 1;
            }
        }
        let mut unmapped: Vec<_> =
            unmapped.into_iter().map(|(value, count)| (value.to_owned(), count)).collect();
        unmapped.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let gone = gone.into_iter().map(|(_, number)| number).collect();
        Ok(OsmComparison { signs, findings, gone, world, osm: self.osm.clone(), unmapped })
    }
}

/// Fails when no sign is near any way or thing.
fn check_place(signs: &MappedSigns, world: &World, osm: &Path) -> Result<()> {
    const NEAR_M: f64 = 300.0;
    if signs.all.is_empty() || (world.ways.is_empty() && world.elements.is_empty()) {
        return Ok(());
    }
    let bands = world.bands();
    let is_near = |at: [f64; 2]| {
        let mut is = !world.ways_near(at, NEAR_M, rule::Ground::Paths).is_empty();
        bands.around(at, |_, _| is = true);
        is
    };
    if signs.all.iter().any(|sign| is_near(sign.at)) {
        return Ok(());
    }
    Err(Error::input("none of the signs is near anything in it")
        .with_hint("give OpenStreetMap data of the place of the signs")
        .with_path(osm))
}

impl OsmComparison {
    /// A row for each sign, sorted by id, and then one for each thing that is not seen any more.
    ///
    /// # Errors
    /// [`Error::Internal`] when the columns do not fit together.
    pub fn table(&self) -> Result<Table> {
        let gone: Vec<_> = self.gone.iter().filter_map(|number| self.world.element(*number)).collect();
        rows::table(&self.signs, &self.findings, &gone)
    }

    /// How many rows have each status.
    pub fn counts(&self) -> BTreeMap<OsmStatus, u64> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.status).or_default() += 1;
        }
        if !self.gone.is_empty() {
            counts.insert(OsmStatus::MaybeRemoved, self.gone.len() as u64);
        }
        counts
    }

    /// The values without a rule, and how many signs have each; the most frequent first.
    pub fn unmapped(&self) -> &[(String, u64)] {
        &self.unmapped
    }

    /// Whether it is not known of anything in OpenStreetMap when it was edited, so that nothing can be seen to be gone.
    pub fn lacks_dates(&self) -> bool {
        !self.world.elements.is_empty() && self.world.elements.iter().all(|e| e.info.edited_at.is_none())
    }

    /// Rows of the signs that could not be used.
    pub fn skipped(&self) -> u64 {
        self.signs.skipped
    }

    /// Rows of signs that the service shows no more, as `last_crawled_at` tells. They are left out.
    pub fn gone(&self) -> u64 {
        self.signs.gone
    }

    /// What is missing or contradicts, as tasks of `MapRoulette`: texts for files, each of at most 50,000 tasks and 15 MB.
    pub fn challenge(&self) -> Vec<String> {
        challenge::parts(self, challenge::MOST_TASKS, challenge::MOST_BYTES)
    }

    /// What is missing and is a point, as a layer of JOSM that is not uploaded unless somebody decides to.
    pub fn josm(&self) -> String {
        josm::layer(self)
    }

    /// What is missing and is a point, as a change file (`.osc`), which adds nodes and puts them into their ways.
    ///
    /// # Errors
    /// [`Error::Input`] when the versions of ways are not known: a change replaces a whole way, and without its version an
    /// edit of somebody else in the meantime would be lost.
    pub fn change(&self) -> Result<String> {
        change::change(self)
    }
}
