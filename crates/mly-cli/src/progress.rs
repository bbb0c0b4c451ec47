//! Progress shown during a run, and the summary line at its end.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mly::{Plan, Progress, Summary, TileBudget};

use crate::console::Console;
use crate::failed::some_of;

const BAR_REFRESH: Duration = Duration::from_millis(200);
const LINE_REFRESH: Duration = Duration::from_secs(5);

/// The names of the things that the progress of a run counts.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Counted towards a known total, such as `tiles`.
    pub(crate) steps: &'static str,
    /// What the run produces, such as `images`.
    pub(crate) rows: Option<&'static str>,
}

impl Counted {
    pub(crate) fn of(plan: &Plan) -> Self {
        let steps = if plan.cost().tiles > 0 { "tiles" } else { "requests" };
        Self { steps, rows: Some(plan.rows()) }
    }

    /// How far a run has come, for messages.
    pub(crate) fn share(self, progress: &Progress) -> String {
        format!("{} of {}", HumanCount(progress.answered()), counted(progress.total(), self.steps))
    }
}

/// Reads the tile budget.
pub(crate) type AskBudget<'a> = &'a (dyn Fn() -> TileBudget + Sync);

/// Shows progress: as a bar on a terminal, and otherwise as a line every few seconds.
pub(crate) struct Display<'a> {
    kind: Kind,
    counted: Counted,
    progress: Progress,
    /// Only for runs that request tiles.
    budget: Option<AskBudget<'a>>,
    begin: Instant,
    /// Requests that an earlier run had done, when this run resumes it.
    before: OnceLock<u64>,
}

enum Kind {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl<'a> Display<'a> {
    pub(crate) fn new(
        counted: Counted,
        progress: Progress,
        budget: Option<AskBudget<'a>>,
        is_shown: bool,
        console: &Console,
    ) -> Self {
        let kind = match (is_shown, console.err_is_terminal) {
            (false, _) => Kind::Nothing,
            (true, false) => Kind::Lines,
            (true, true) => Kind::Bar(bar(progress.total(), counted.steps)),
        };
        Self { kind, counted, progress, budget, begin: Instant::now(), before: OnceLock::new() }
    }

    /// Shows the state at regular intervals.
    pub(crate) async fn refresh(&self, console: &mut Console) -> Infallible {
        let mut ticks = tokio::time::interval(match self.kind {
            Kind::Bar(_) => BAR_REFRESH,
            Kind::Lines | Kind::Nothing => LINE_REFRESH,
        });
        loop {
            ticks.tick().await;
            self.show(console);
        }
    }

    /// Shows the state once.
    fn show(&self, console: &mut Console) {
        let (answered, total) = (self.progress.answered(), self.progress.total());
        let Counted { steps, rows } = self.counted;
        let rows = rows.map(|name| counted(self.progress.rows(), name)).unwrap_or_default();
        let told = [rows, self.outlook(answered, total)].into_iter().filter(|text| !text.is_empty());
        let told = told.collect::<Vec<_>>().join("  ");
        match &self.kind {
            Kind::Nothing => {}
            Kind::Lines => {
                let line = format!("{}/{} {steps}  {told}", HumanCount(answered), HumanCount(total));
                console.say(line.trim_end());
            }
            Kind::Bar(bar) => {
                bar.set_message(told);
                bar.set_position(answered);
            }
        }
    }

    /// The rate, the budget that is left, and the time until the end, as far as they are known.
    fn outlook(&self, answered: u64, total: u64) -> String {
        let elapsed = self.begin.elapsed();
        // A resumed run counts the requests of the earlier run as done. They must not count for the rate.
        let before = *self.before.get_or_init(|| answered);
        let done = answered.saturating_sub(before);
        if matches!(self.kind, Kind::Nothing) || done == 0 || answered >= total {
            return String::new();
        }
        let rate = rate(done, elapsed);
        let budget = self.budget.map(|ask| ask());
        let left = budget.and_then(|budget| budget.left_today);
        let mut told = vec![format!("{rate:.1} {}/s", self.counted.steps)];
        told.extend(left.map(|left| format!("{} left today", HumanCount(left))));
        let time = remaining(total - answered, rate, budget.and_then(|budget| budget.per_minute));
        told.push(match left {
            Some(left) if left < total - answered => "today's budget runs out first".to_owned(),
            _ => format!("{} left", HumanDuration(time)),
        });
        told.join("  ")
    }

    /// Shows the last state; a bar is cleared.
    pub(crate) fn finish(&self, console: &mut Console) {
        self.show(console);
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64, steps: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template = ["{bar:30} {human_pos}/{human_len} ", steps, "  {msg}"].concat();
    let style = ProgressStyle::with_template(&template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Steps in a second.
fn rate(steps: u64, elapsed: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit behind the point")]
    let steps = steps as f64;
    steps / elapsed.as_secs_f64().max(0.001)
}

/// The time for the remaining steps at the measured rate, but at most at the limit per minute: a paced run begins with
/// a burst, during which the measured rate is too high.
fn remaining(steps: u64, rate: f64, per_minute: Option<u32>) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let steps = steps as f64;
    let pace = per_minute.map_or(f64::INFINITY, |n| f64::from(n) / 60.0);
    Duration::try_from_secs_f64(steps / rate.min(pace)).unwrap_or(Duration::MAX)
}

/// A number of things, such as `1,234 tiles`; the name is a plural with s.
pub(crate) fn counted(count: u64, things: &str) -> String {
    let one =
        things.strip_suffix("es").filter(|one| one.ends_with("ss")).or_else(|| things.strip_suffix('s'));
    let things = one.filter(|_| count == 1).unwrap_or(things);
    format!("{} {things}", HumanCount(count))
}

/// The closing line of a run that produced these things.
pub(crate) fn closing(things: &str, summary: &Summary, place: Option<&str>) -> String {
    let retries = match summary.retries {
        0 => String::new(),
        1 => ", including 1 retry".to_owned(),
        count => format!(", including {} retries", HumanCount(count)),
    };
    let kept = match summary.cache_hits {
        0 => String::new(),
        count => format!(" and {}", counted(count, "cached tiles")),
    };
    format!(
        "{things}{} from {}{retries} ({}){kept} in {:.1} s{}",
        origins(summary),
        counted(summary.requests(), "requests"),
        HumanBytes(summary.bytes),
        summary.elapsed.as_secs_f64(),
        place.map(|name| format!(" -> {name}")).unwrap_or_default(),
    )
}

/// How many rows come from an earlier result or an earlier run.
fn origins(summary: &Summary) -> String {
    let mut list = Vec::new();
    let Summary { rows, kept, replaced, resumed, .. } = *summary;
    if kept + replaced > 0 {
        let new = HumanCount(rows.saturating_sub(kept + replaced));
        list.push(format!(
            "{new} of them new, {} updated and {} kept",
            HumanCount(replaced),
            HumanCount(kept)
        ));
    }
    if resumed > 0 {
        list.push(format!("{} of them from an earlier run", HumanCount(resumed)));
    }
    if list.is_empty() { String::new() } else { format!(", {},", list.join(", ")) }
}

/// Warnings about gaps in the result. Ids that were not found are missing here, since each verb has its own words for
/// them.
pub(crate) fn warnings(summary: &Summary) -> Vec<String> {
    let mut list = Vec::new();
    if !summary.missing.is_empty() {
        let names: Vec<_> = summary.missing.iter().map(ToString::to_string).collect();
        let tiles = counted(names.len() as u64, "tiles");
        list.push(format!("{tiles} answered 404, treated as empty: {}", some_of(&names)));
    }
    if summary.misfits > 0 {
        list.push(format!(
            "skipped {} without a usable id or geometry",
            counted(summary.misfits, "features")
        ));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_no_better_than_the_pace_allows() {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        assert_eq!(remaining(600, rate(100, Duration::from_secs(10)), None), minutes(1));
        assert_eq!(remaining(600, rate(100, Duration::from_secs(10)), Some(60)), minutes(10));
        assert_eq!(remaining(600, rate(1, Duration::from_secs(6)), Some(60)), minutes(60));
        assert_eq!(remaining(1, 0.0, None), Duration::MAX);
    }
}
