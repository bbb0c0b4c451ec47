//! Plans as JSON, without any token.

use super::route::Route;
use super::{Plan, Question, VERSION};
use crate::error::{Error, Result};

impl Plan {
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
        let broken = |what: &str| Err(Error::query(what).with_hint("make the plan again"));
        match (&plan.question, &plan.way) {
            (Question::Query(query), way) => {
                query.check()?;
                match way {
                    Route::Tiles(cover) | Route::Boxes(cover) if !cover.is_sound() => {
                        broken("this plan asks for tiles that are not there")
                    }
                    Route::Nothing => Ok(plan),
                    // Another way would leave filters or the whole area out.
                    way if way.is_like(&Route::of_query(query)) => Ok(plan),
                    _ => broken("this plan does not answer its question"),
                }
            }
            (Question::Lookup(lookup), Route::Ids(range)) => {
                lookup.check()?;
                match lookup.ids().get(range.clone()) {
                    Some(_) => Ok(plan),
                    None => broken("this plan asks for ids that are not there"),
                }
            }
            (Question::Lookup(_), Route::Nothing) => Ok(plan),
            (Question::Lookup(_), _) => broken("this plan asks for an area without naming one"),
        }
    }
}
