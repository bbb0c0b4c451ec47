//! The text that `mly plan` prints: the question, its cost, and why these requests were chosen.

use std::fmt;

use super::area::AreaPlan;
use super::cost::{Cost, grouped};
use super::pace::Pace;
use super::route::Route;
use super::{Plan, Question};
use crate::api::limits::DENSEST_TILE_MB;
use crate::query::{Layer, Query, ids_at_once};

/// An upper bound of the bytes to download. The real size is not known before the tiles are requested.
fn describe_size(cost: Cost, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (amount, unit) = match cost.tiles * DENSEST_TILE_MB {
        0 => return Ok(()),
        mb @ 1..10_000 => (mb, "MB"),
        mb => (mb / 1000, "GB"),
    };
    write!(
        f,
        "\nsize      at most {amount} {unit}: {DENSEST_TILE_MB} MB for the densest tiles, empty tiles take none"
    )
}

/// The surface of the area, with three digits.
fn describe_surface(query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let square_km = query.area().square_km();
    match square_km {
        0.0 => Ok(()),
        ..0.005 => writeln!(f, "area      {square_km:.4} km²"),
        ..10.0 => writeln!(f, "area      {square_km:.2} km²"),
        ..100.0 => writeln!(f, "area      {square_km:.1} km²"),
        // No area is larger than the earth.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded and positive")]
        _ => writeln!(f, "area      {} km²", grouped(square_km.round() as u64)),
    }
}

/// The zoom of `--prune` that a plan suggests for fewer requests.
const SUGGESTED_PRUNE: u8 = 10;

impl Plan {
    /// Suggests to read the tiles of a lower zoom first, where that can save most requests.
    fn suggest_prune(&self, query: &Query, cost: Cost, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if query.prune().is_some() || cost.tiles <= 1 {
            return Ok(());
        }
        let pruned = query.clone().with_prune(SUGGESTED_PRUNE);
        let scouts = AreaPlan::new(&pruned, &self.route).scouts().count() as u64;
        if scouts * 8 > cost.tiles {
            return Ok(());
        }
        write!(
            f,
            "\ncheaper   --prune {SUGGESTED_PRUNE} asks for {scouts} of zoom {SUGGESTED_PRUNE} first, then only the tiles that their sequences touch"
        )
    }
}

impl Plan {
    /// Says how often each box is searched, where a filter has several names.
    fn describe_names(&self, query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = query.filters().one_by_one().len();
        let of = match self.route {
            _ if times == 1 => return Ok(()),
            Route::Boxes(_) => "each box",
            _ => "the area",
        };
        let lists: Vec<_> =
            query.filters().lists_of_names().map(|(name, count)| format!("{count} of {name}")).collect();
        let lists = lists.join(", ");
        write!(f, "\nnames     {times} searches of {of}, since a search takes one name: {lists}")
    }
}

/// A plan at a pace, as `mly plan` prints it.
struct AtPace<'a> {
    plan: &'a Plan,
    pace: Pace,
}

impl Plan {
    /// Its text at another pace than that of the official service.
    pub fn describe_at(&self, pace: Pace) -> impl fmt::Display + '_ {
        AtPace { plan: self, pace }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe_at(Pace::default()).fmt(f)
    }
}

impl fmt::Display for AtPace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, pace } = self;
        let cost = plan.cost();
        match &plan.question {
            Question::Query(query) => {
                writeln!(f, "{query}")?;
                describe_surface(query, f)?;
                write!(f, "{}", cost.describe(query.tile_set()))?;
                if cost.tiles > 0 {
                    pace.describe(cost, f)?;
                }
                describe_size(cost, f)?;
                plan.suggest_prune(query, cost, f)?;
                if let Some(zoom) = query.prune().filter(|_| cost.scouts > 0) {
                    write!(
                        f,
                        "\npruned    {} of zoom {zoom} first, then only the tiles that their sequences touch; ",
                        cost.scouts
                    )?;
                    write!(f, "a few features can be missing")?;
                }
                plan.describe_names(query, f)?;
                if query.filters().spacing_m().is_some() {
                    write!(
                        f,
                        "\nspacing   rows come when all requests are answered, and wait in memory until then"
                    )?;
                }
                if let Some(reason) = plan.route.reason() {
                    write!(f, "\nbecause   {reason}")?;
                }
                if query.layer() == Layer::Sequences && !query.is_cut() {
                    write!(
                        f,
                        "\nlook-ups  1 per sequence that continues outside the tiles, and 1 for every 50 of its images"
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
    use crate::query::{Area, Query};

    #[test]
    fn a_plan_prints_its_question_and_its_price() {
        let town = Query::images(Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap());
        insta::assert_snapshot!(town.with_since("2023").unwrap().plan().unwrap(), @r"
        images in bbox 8.98,51.98,9.03,52.01, filtered by since/until
        area      11.4 km²
        requests  9 tiles of mly1_public at zoom 14
        time      under a minute, at 40 tiles a minute
        size      at most 90 MB: 10 MB for the densest tiles, empty tiles take none
        cheaper   --prune 10 asks for 1 of zoom 10 first, then only the tiles that their sequences touch
        ");
    }
}
