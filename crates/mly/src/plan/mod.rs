//! HOW it is asked: the requests in order, and what they cost. Printable, countable, splittable. Nothing is sent.

mod cost;
mod cover;
mod request;
mod requests;
mod route;
mod scout;
mod search;
mod stored;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use cost::Cost;
pub use request::Request;
pub(crate) use scout::Touched;
pub use search::Search;

use crate::error::{Error, Result};
use crate::query::{Attribute, Layer, Lookup, Query, Subject, ids_at_once};
use route::Route;

/// Version of the stored form of a plan; raised when its meaning changes.
const VERSION: u32 = 2;

/// The requests that answer a question, in the order in which their rows come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a plan does nothing until a client runs it"]
pub struct Plan {
    version: u32,
    question: Question,
    way: Route,
}

/// What a plan answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Question {
    /// What is in an area.
    Query(Box<Query>),
    /// What belongs to some ids.
    Lookup(Lookup),
}

impl Query {
    /// Checks the query and says which requests answer it.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a filter does not fit the layer, a range is reversed or a field is unknown.
    pub fn plan(&self) -> Result<Plan> {
        self.check()?;
        Ok(Plan {
            version: VERSION,
            question: Question::Query(Box::new(self.clone())),
            way: Route::of_query(self),
        })
    }
}

impl Lookup {
    /// Checks the lookup and says which requests answer it.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an id cannot be one, or fields or outlines do not fit.
    pub fn plan(&self) -> Result<Plan> {
        self.check()?;
        Ok(Plan { version: VERSION, question: Question::Lookup(self.clone()), way: Route::of_lookup(self) })
    }

    /// The columns that are asked for; detections have columns of their own.
    pub(crate) fn attributes(&self) -> Vec<Attribute> {
        let Some(entity) = self.subject().entity() else { return Vec::new() };
        match (self.fields(), self.subject()) {
            (Some(names), _) => entity.attributes(names),
            // How many images a sequence has is not known, so it is not one.
            (None, Subject::Sequence) => entity.default_attributes(usize::MAX),
            (None, _) => entity.default_attributes(self.ids().len()),
        }
    }
}

impl Plan {
    /// The question this plan answers.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Name of the rows of the result, a plural such as `images`.
    pub fn rows(&self) -> &'static str {
        match &self.question {
            Question::Query(query) => query.layer().name(),
            Question::Lookup(lookup) => lookup.subject().rows(),
        }
    }

    /// Every request that is known beforehand, in order. Cheap: a plan of a continent is a short list of ranges.
    ///
    /// What follows from answers is not among them: fields by id, whole sequences, smaller searches, further pages.
    pub fn requests(&self) -> impl Iterator<Item = Request> + Send + use<> {
        let (area, ids) = match &self.question {
            Question::Query(query) => (Some(requests::of_area(query, &self.way)), None),
            Question::Lookup(lookup) => (None, Some(requests::of_ids(lookup, self.ids()))),
        };
        area.into_iter().flatten().chain(ids.into_iter().flatten())
    }

    /// The tiles of a lower zoom that are read first, to see which of the others have anything.
    pub(crate) fn scouts(&self) -> impl Iterator<Item = Request> + Send + use<> {
        let zoom = match &self.question {
            Question::Query(query) => query.prune(),
            Question::Lookup(_) => None,
        };
        let tiles = match (&self.way, zoom) {
            (Route::Tiles(cover), Some(zoom)) => Some(cover.ancestors(zoom)),
            _ => None,
        };
        let set = Layer::Sequences.tile_set();
        tiles.into_iter().flatten().map(move |tile| Request::Tile { set, tile })
    }

    /// Whether its one request is followed by further pages.
    pub(crate) fn is_paged(&self) -> bool {
        self.way == Route::Creator
    }

    /// The ids to look up, each once, in the order in which they were first given.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut known = std::collections::HashSet::new();
        self.ids_in_order().iter().filter(|id| known.insert(id.as_str())).cloned().collect()
    }

    /// The ids to look up, as they were given.
    pub(crate) fn ids_in_order(&self) -> &[String] {
        match (&self.question, &self.way) {
            (Question::Lookup(lookup), Route::Ids(range)) => {
                lookup.ids().get(range.clone()).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// What the requests that are known beforehand cost.
    pub fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        match &self.way {
            Route::Tiles(cover) => {
                cost.tiles = cover.len();
                cost.scouts = self.scouts().count() as u64;
            }
            Route::Boxes(cover) => cost.searches = cover.len(),
            Route::Circle | Route::Creator => cost.searches = 1,
            Route::Ids(_) => cost.entities = self.requests().count() as u64,
            Route::Nothing => {}
        }
        cost
    }

    /// Splits the plan into `n` parts of nearly equal size that share no request and together make the whole.
    ///
    /// A feature published in two tiles of different parts is in both results; sequences are such features.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when `n` is 0.
    pub fn partitions(&self, n: u64) -> Result<Vec<Self>> {
        if n == 0 {
            return Err(Error::query("a plan cannot be split into 0 parts"));
        }
        Ok((0..n).map(|i| Self { way: self.way.part(i, n), ..self.clone() }).collect())
    }
}

/// Megabytes of the densest tiles (API v4, "Empty tiles, sizes, transport").
const DENSEST_TILE_MB: u64 = 10;

/// How much there may be to read. More is not known of an area that nobody has looked at.
fn describe_size(cost: Cost, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (amount, unit) = match cost.tiles * DENSEST_TILE_MB {
        0 => return Ok(()),
        mb @ 1..10_000 => (mb, "MB"),
        mb => (mb / 1000, "GB"),
    };
    write!(
        f,
        "\nsize      at most {amount} {unit}: {DENSEST_TILE_MB} MB for the densest tiles, nothing for empty ones"
    )
}

/// The zoom that a plan names for those who would rather ask for less.
const SUGGESTED_PRUNE: u8 = 10;

impl Plan {
    /// What the plan would cost with the tiles of a lower zoom read first, where that can be much less.
    fn suggest_prune(&self, query: &Query, cost: Cost, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if query.prune().is_some() || cost.tiles <= 1 {
            return Ok(());
        }
        let pruned = query.clone().with_prune(SUGGESTED_PRUNE);
        let scouts =
            Self { question: Question::Query(Box::new(pruned)), ..self.clone() }.scouts().count() as u64;
        if scouts * 8 > cost.tiles {
            return Ok(());
        }
        write!(
            f,
            "\ncheaper   --prune {SUGGESTED_PRUNE} asks for {scouts} of zoom {SUGGESTED_PRUNE} first, then only for what their lines touch"
        )
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cost = self.cost();
        match &self.question {
            Question::Query(query) => {
                writeln!(f, "{query}")?;
                write!(f, "{}", cost.describe(query.layer().tile_set()))?;
                describe_size(cost, f)?;
                self.suggest_prune(query, cost, f)?;
                if let Some(zoom) = query.prune().filter(|_| cost.scouts > 0) {
                    write!(
                        f,
                        "\npruned    {} of zoom {zoom} first, then only what their lines touch: ",
                        cost.scouts
                    )?;
                    write!(f, "nearly, not fully, complete")?;
                }
                if let Some(reason) = self.way.reason() {
                    write!(f, "\nbecause   {reason}")?;
                }
                if query.layer() == Layer::Sequences && !query.is_cut() {
                    write!(
                        f,
                        "\nlook-ups  1 for a sequence that goes on elsewhere, and 1 for every 50 of its images"
                    )?;
                }
                let fetched = query.fetched_attributes();
                if !fetched.is_empty() {
                    let names: Vec<_> = fetched.iter().map(|a| &*a.name).collect();
                    let rows = match ids_at_once(&fetched) {
                        1 => "each row".to_owned(),
                        n => format!("every {n} rows"),
                    };
                    write!(f, "\nlook-ups  1 for {rows}: {}", names.join(", "))?;
                }
                Ok(())
            }
            Question::Lookup(lookup) => write!(f, "{lookup}\n{}", cost.describe("")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Area;

    fn town() -> Query {
        Query::images(Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap())
    }

    #[test]
    fn a_plan_prints_its_question_and_its_price() {
        insta::assert_snapshot!(town().with_since("2023").unwrap().plan().unwrap(), @r"
        images in bbox 8.98,51.98,9.03,52.01, filtered by since/until
        requests  9 tiles of mly1_public at zoom 14
        quota     under 0.1 % of the 50,000 tiles a day
        size      at most 90 MB: 10 MB for the densest tiles, nothing for empty ones
        cheaper   --prune 10 asks for 1 of zoom 10 first, then only for what their lines touch
        ");
    }

    #[test]
    fn a_stored_plan_comes_back_as_it_was() {
        let plan = town().with_limit(3).with_fields(["captured_at"]).plan().unwrap();
        let again = Plan::from_json(&plan.to_json().unwrap()).unwrap();
        assert_eq!(again, plan);
        assert!(Plan::from_json("{}").is_err());
        for (sound, broken) in
            [("8.98", "898.0"), ("\"start\": ", "\"start\": 9"), ("\"end\": ", "\"end\": 9")]
        {
            let text = plan.to_json().unwrap();
            assert!(text.contains(sound), "{text}");
            assert!(Plan::from_json(&text.replace(sound, broken)).is_err(), "{broken}");
        }
        assert!(
            Plan::from_json(&plan.to_json().unwrap().replace("\"version\": 2", "\"version\": 9")).is_err()
        );
    }

    #[test]
    fn parts_share_no_request_and_together_make_the_whole() {
        let plan = town().plan().unwrap();
        for n in [1, 2, 5, 100] {
            let parts = plan.partitions(n).unwrap();
            let joined: Vec<_> = parts.iter().flat_map(Plan::requests).collect();
            assert_eq!(joined, plan.requests().collect::<Vec<_>>());
        }
        assert!(plan.partitions(0).is_err());
    }

    #[test]
    fn a_filter_of_another_layer_or_an_unknown_field_is_refused() {
        let patterns = vec![crate::ValuePattern::new("a--b").unwrap()];
        let error = town().with_filter("value", patterns).unwrap().plan().unwrap_err();
        assert_eq!(error.to_string(), "filter `value` does not fit images");
        let Err(Error::InvalidQuery { hint: Some(hint), .. }) = town().with_fields(["captured"]).plan()
        else {
            panic!("an unknown field was accepted")
        };
        assert!(hint.to_string().contains("captured_at"), "{hint}");
        assert!(town().with_cut(true).plan().is_err());
    }
}
