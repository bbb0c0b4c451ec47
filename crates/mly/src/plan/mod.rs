//! Plans: the requests that answer a question, in order, and their cost. A plan can be printed, counted and split.
//! Nothing is sent.

mod about;
mod area;
mod boxes;
mod cost;
mod cover;
mod describe;
mod indivisible;
mod lookup;
mod pace;
mod request;
mod route;
mod scope;
mod scout;
mod search;
mod stored;

use serde::{Deserialize, Serialize};

pub(crate) use area::AreaPlan;
pub use cost::Cost;
pub(crate) use cost::grouped;
pub use indivisible::Indivisible;
pub(crate) use lookup::LookupPlan;
pub use pace::Pace;
pub(crate) use request::AreaRequest;
pub use request::{GraphRequest, Request, SearchRequest, TileRequest};
pub use scope::Scope;
pub(crate) use scout::Touched;
pub use search::Search;

use crate::error::{Error, Result};
use crate::query::{Attribute, Lookup, Query, Subject};
use route::Route;

/// Version of the stored form of a plan; raised when its meaning changes.
const VERSION: u32 = 2;

/// Most parts of a plan. Each is kept in memory, and no cluster has as many workers.
const MOST_PARTS: u64 = 100_000;

/// The requests that answer a question, in the order in which their rows come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a plan does nothing until a client runs it"]
pub struct Plan {
    version: u32,
    question: Question,
    #[serde(rename = "way")]
    route: Route,
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

/// A plan by the kind of its question.
pub(crate) enum PlanKind {
    Area(Box<AreaPlan>),
    Lookup(LookupPlan),
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
            route: Route::of_query(self),
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
        Ok(Plan { version: VERSION, question: Question::Lookup(self.clone()), route: Route::of_lookup(self) })
    }

    /// The columns that are requested; empty for detections, whose columns are fixed.
    pub(crate) fn attributes(&self) -> Vec<Attribute> {
        let Some(entity) = self.subject().entity() else { return Vec::new() };
        match (self.fields(), self.subject()) {
            (Some(names), _) => entity.attributes(names),
            // Some columns are included only when a single image is looked up, and a sequence may have many.
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

    /// Whether this plan and one that was made earlier answer the same words. They may differ in dates that count back from
    /// now, such as `30d`, which mean something else each time a plan is made.
    pub(crate) fn has_words_of(&self, earlier: &Self) -> bool {
        let (Question::Query(query), Question::Query(begun)) = (&self.question, &earlier.question) else {
            return self == earlier;
        };
        let filters = query.filters().with_dates_of(begun.filters());
        let question = Question::Query(Box::new(Query::clone(query).with_filters(filters)));
        Self { question, ..self.clone() } == *earlier
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
        let (area, lookup) = match self.kind() {
            PlanKind::Area(area) => (Some(area.requests().map(Request::from)), None),
            PlanKind::Lookup(lookup) => (None, Some(lookup.requests().map(Request::Graph))),
        };
        area.into_iter().flatten().chain(lookup.into_iter().flatten())
    }

    /// The plan in the form of its kind of question.
    pub(crate) fn kind(&self) -> PlanKind {
        match &self.question {
            Question::Query(query) => PlanKind::Area(Box::new(AreaPlan::new(query, &self.route))),
            Question::Lookup(lookup) => PlanKind::Lookup(LookupPlan::new(lookup, &self.route)),
        }
    }

    /// What the requests that are known beforehand cost.
    pub fn cost(&self) -> Cost {
        match self.kind() {
            PlanKind::Area(area) => area.cost(),
            PlanKind::Lookup(lookup) => {
                Cost { entities: lookup.ids_by_request().count() as u64, ..Cost::default() }
            }
        }
    }

    /// Splits the plan into `n` parts of nearly equal size that share no request and together make the whole.
    ///
    /// A feature published in two tiles of different parts is in both results. [`Plan::indivisible`] tells whether the
    /// results of parts differ in more than that from the result of the whole.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when `n` is 0 or more than 100,000.
    pub fn partitions(&self, n: u64) -> Result<Vec<Self>> {
        if !(1..=MOST_PARTS).contains(&n) {
            return Err(Error::query(format!("a plan cannot be split into {n} parts"))
                .with_hint("1 to 100,000 parts are possible"));
        }
        Ok((0..n).map(|i| Self { route: self.route.part(i, n), ..self.clone() }).collect())
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
        assert!(plan.partitions(0).is_err() && plan.partitions(u64::MAX).is_err());
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
