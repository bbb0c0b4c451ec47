//! HOW it is asked: the requests in order, and what they cost. Printable, countable, splittable. Nothing is sent.

mod cost;
mod cover;
mod request;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use cost::Cost;
pub use request::Request;

use crate::error::{Error, Result};
use crate::query::Query;
use cover::Cover;

/// Version of the stored form of a plan; raised when its meaning changes.
const VERSION: u32 = 1;

/// The requests that answer a query, in the order in which their rows come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a plan does nothing until a client runs it"]
pub struct Plan {
    version: u32,
    query: Query,
    tiles: Cover,
}

impl Query {
    /// Checks the query and says which requests answer it.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a filter does not fit the layer, a range is reversed or a field is unknown.
    pub fn plan(&self) -> Result<Plan> {
        self.check()?;
        Ok(Plan { version: VERSION, query: self.clone(), tiles: Cover::of(&self.area().region()) })
    }
}

impl Plan {
    /// The question this plan answers.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Every request, in order. Cheap: a plan of a continent is a short list of ranges.
    pub fn requests(&self) -> impl Iterator<Item = Request> + Send + use<> {
        let set = self.query.layer().tile_set();
        self.tiles.tiles().map(move |tile| Request::Tile { set, tile })
    }

    /// What the plan costs.
    pub fn cost(&self) -> Cost {
        Cost { tiles: self.tiles.len() }
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
        let size = self.tiles.len();
        let bounds = |i: u64| u64::try_from(u128::from(size) * u128::from(i) / u128::from(n)).unwrap_or(size);
        let part = |i| self.tiles.slice(bounds(i), bounds(i + 1) - bounds(i));
        Ok((0..n).map(|i| Self { tiles: part(i), ..self.clone() }).collect())
    }

    /// The plan as JSON, without any token.
    ///
    /// # Errors
    /// Never in practice: every plan can be written.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|e| Error::query(format!("this plan cannot be stored: {e}")))
    }

    /// Reads a plan that [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is no plan, or one of another version.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self = serde_json::from_str(text)
            .map_err(|e| Error::query(format!("this is not a stored plan: {e}")))?;
        if plan.version != VERSION {
            return Err(Error::query(format!("this plan has version {}, not {VERSION}", plan.version))
                .with_hint("make the plan again with this version of mly"));
        }
        plan.query.check()?;
        if !plan.tiles.is_sound() {
            return Err(
                Error::query("this plan asks for tiles that are not there").with_hint("make the plan again")
            );
        }
        Ok(plan)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.query)?;
        write!(f, "{}", self.cost().describe(self.query.layer().tile_set()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Area, Filters};

    fn town() -> Query {
        Query::images(Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap())
    }

    #[test]
    fn a_plan_prints_its_question_and_its_price() {
        insta::assert_snapshot!(town().since("2023").unwrap().plan().unwrap(), @r"
        images in bbox 8.98,51.98,9.03,52.01, filtered by since/until
        requests  9 tiles of mly1_public at zoom 14
        quota     under 0.1 % of the 50,000 tiles a day
        ");
    }

    #[test]
    fn a_stored_plan_comes_back_as_it_was() {
        let plan = town().limit(3).fields(["captured_at"]).plan().unwrap();
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
            Plan::from_json(&plan.to_json().unwrap().replace("\"version\": 1", "\"version\": 9")).is_err()
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
        let values =
            Filters { values: vec![crate::ValuePattern::new("a--b").unwrap()], ..Filters::default() };
        let error = town().filters(values).plan().unwrap_err();
        assert_eq!(error.to_string(), "filter `value` does not fit images");
        let Err(Error::InvalidQuery { hint: Some(hint), .. }) = town().fields(["captured"]).plan() else {
            panic!("an unknown field was accepted")
        };
        assert!(hint.contains("captured_at"), "{hint}");
        assert!(town().cut(true).plan().is_err());
    }
}
