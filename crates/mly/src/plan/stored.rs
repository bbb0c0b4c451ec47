//! Plans as JSON, without any token.

use super::route::Route;
use super::{Plan, Question, VERSION};
use crate::error::{Error, Result};

impl Plan {
    /// The plan as JSON, without any token.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written, which is a mistake of this crate.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|e| Error::internal("this plan cannot be stored").with_source(e))
    }

    /// Reads a plan that [`Plan::to_json`] wrote.
    ///
    /// # Errors
    /// [`Error::Input`] when the text is no plan, or one of another version, or its requests do not answer its question.
    pub fn from_json(text: &str) -> Result<Self> {
        let plan: Self = serde_json::from_str(text)
            .map_err(|e| Error::input("this is not a stored plan").with_source(e))?;
        let is_sound = match &plan.route {
            Route::Tiles(cover) => cover.is_sound(),
            Route::Boxes(boxes) => boxes.is_sound(),
            Route::Circle | Route::Creator | Route::Ids(_) | Route::Nothing => true,
        };
        if plan.version != VERSION {
            return Err(Error::input(format!("this plan has version {}, not {VERSION}", plan.version))
                .with_hint("make the plan again with this version of mly"));
        }
        let broken = |what: &str| Err(Error::input(what).with_hint("make the plan again"));
        match (&plan.question, &plan.route) {
            (Question::Query(query), route) => {
                query.check()?;
                match route {
                    _ if !is_sound => broken("this plan asks for tiles that are not there"),
                    Route::Nothing => Ok(plan),
                    // Another route would ignore the filters or the area.
                    route if route.is_like(&Route::of_query(query)) => Ok(plan),
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
