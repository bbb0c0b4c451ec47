//! Progress shown during a run, and the summary line at its end.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mly::{Plan, Progress, Summary, TileBudget};

use crate::console::Console;
use crate::events;
use crate::failed::some_of;
use crate::log_line::{release, take_over};

const BAR_REFRESH: Duration = Duration::from_millis(200);
const LINE_REFRESH: Duration = Duration::from_secs(5);
const EVENT_REFRESH: Duration = Duration::from_secs(1);

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
}

enum Kind {
    Nothing,
    Lines,
    /// With the number of retries that were told.
    Events(AtomicU64),
    Bar(ProgressBar),
}

impl<'a> Display<'a> {
    pub(crate) fn new(
        counted: Counted,
        progress: Progress,
        budget: Option<AskBudget<'a>>,
        is_shown: bool,
        console: &mut Console,
    ) -> Self {
        let kind = match (is_shown, console.err_is_terminal) {
            (false, _) => Kind::Nothing,
            (true, _) if console.has_events() => {
                console.tell(&events::start(counted.steps, progress.total(), counted.rows));
                Kind::Events(AtomicU64::new(0))
            }
            (true, false) => Kind::Lines,
            (true, true) => {
                let bar = bar(ProgressDrawTarget::stderr());
                take_over(&bar);
                Kind::Bar(bar)
            }
        };
        Self { kind, counted, progress, budget, begin: Instant::now() }
    }

    /// Shows the state at regular intervals.
    pub(crate) async fn refresh(&self, console: &mut Console) -> Infallible {
        let mut ticks = tokio::time::interval(match self.kind {
            Kind::Bar(_) => BAR_REFRESH,
            Kind::Events(_) => EVENT_REFRESH,
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
        let line = format!("{}/{} {steps}  {told}", HumanCount(answered), HumanCount(total));
        match &self.kind {
            Kind::Nothing => {}
            Kind::Events(retries) => {
                let summary = self.progress.summary();
                let new = summary.retries.saturating_sub(retries.swap(summary.retries, Ordering::Relaxed));
                if new > 0 {
                    console.tell(&events::retry(new));
                }
                console.tell(&events::progress(&summary, answered, total));
            }
            Kind::Lines => console.say(line.trim_end()),
            Kind::Bar(bar) => {
                bar.set_message(format!("{} {line}", cells(answered, total)));
                bar.tick();
            }
        }
    }

    /// The rate, the budget that is left, and the time until the end, as far as they are known.
    fn outlook(&self, answered: u64, total: u64) -> String {
        let elapsed = self.begin.elapsed();
        // What an earlier run has done took this one no time.
        let done = answered.saturating_sub(self.progress.answered_before());
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
            release();
        }
    }
}

/// A bar that consists of a message alone, because only a message is cut at the width of the terminal; other parts would
/// go on in the next line.
fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{wide_msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A share as a row of cells.
fn cells(answered: u64, total: u64) -> String {
    const CELLS: u64 = 16;
    (0..CELLS).map(|cell| if cell * total < answered * CELLS || total == 0 { '█' } else { '░' }).collect()
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
    let Summary { rows, kept, replaced, unchanged, resumed, .. } = *summary;
    if kept + replaced > 0 {
        let new = HumanCount(rows.saturating_sub(kept + replaced));
        list.push(format!(
            "{new} of them new, {} updated, {} unchanged and {} kept",
            HumanCount(replaced.saturating_sub(unchanged)),
            HumanCount(unchanged),
            HumanCount(kept)
        ));
    }
    if resumed > 0 {
        list.push(format!("{} of them from an earlier run", HumanCount(resumed)));
    }
    if list.is_empty() { String::new() } else { format!(", {},", list.join(", ")) }
}

/// A message that some things failed, with the first few of them and their reasons.
pub(crate) fn with_reasons(failed: &[(String, String)], things: &str) -> String {
    let reasons: Vec<_> = failed.iter().map(|(id, why)| format!("{id} ({why})")).collect();
    format!("{} failed: {}", counted(failed.len() as u64, things), some_of(&reasons))
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
    let values = summary.unread.values().sum::<u64>();
    let features = summary.misfits.saturating_sub(values);
    if features > 0 {
        list.push(format!("skipped {} without a usable id or geometry", counted(features, "features")));
    }
    if values > 0 {
        let columns: Vec<_> = summary.unread.iter().map(|(column, n)| format!("{n} of {column}")).collect();
        let verb = if values == 1 { "was" } else { "were" };
        let values = counted(values, "values");
        list.push(format!("{values} could not be read and {verb} left empty: {}", some_of(&columns)));
    }
    let of = |is_row: bool| -> Vec<String> {
        let losses = summary.losses.first.iter().filter(|loss| loss.is_row == is_row);
        losses.map(|loss| format!("{} ({})", loss.id, loss.why)).collect()
    };
    if summary.losses.values > 0 {
        let values = counted(summary.losses.values, "values");
        list.push(format!("{values} written as null: {}", some_of(&of(false))));
    }
    if summary.losses.rows > 0 {
        let rows = counted(summary.losses.rows, "rows");
        list.push(format!("{rows} left out: {}", some_of(&of(true))));
    }
    list
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal of a width that keeps what is written to it.
    #[derive(Clone, Debug)]
    struct Narrow {
        width: u16,
        written: Arc<Mutex<Vec<String>>>,
    }

    impl Narrow {
        fn keep(&self, text: &str) {
            self.written.lock().unwrap().push(text.to_owned());
        }
    }

    impl TermLike for Narrow {
        fn width(&self) -> u16 {
            self.width
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.keep(text);
            Ok(())
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.keep(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_is_never_wider_than_the_terminal() {
        for width in [10, 21, 40, 80, 200] {
            let terminal = Narrow { width, written: Arc::default() };
            let bar = bar(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
            let told = "1,234/5,678 tiles  12,345,678 images  0.7 tiles/s  48,766 left today  2 hours left";
            bar.set_message(format!("{} {told}", cells(1234, 5678)));
            bar.tick();
            let written = terminal.written.lock().unwrap();
            let widest = written.iter().map(|line| line.trim_end().chars().count()).max();
            assert!(
                widest.is_some_and(|shown| 0 < shown && shown <= usize::from(width)),
                "{width}: {written:?}"
            );
        }
    }

    #[test]
    fn cells_show_the_share_that_is_done() {
        assert_eq!(cells(0, 9), "░".repeat(16));
        assert_eq!(cells(9, 9), "█".repeat(16));
        assert_eq!(cells(1, 2), format!("{}{}", "█".repeat(8), "░".repeat(8)));
        assert_eq!(cells(0, 0), "█".repeat(16));
    }

    #[test]
    fn an_estimate_is_no_better_than_the_pace_allows() {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        assert_eq!(remaining(600, rate(100, Duration::from_secs(10)), None), minutes(1));
        assert_eq!(remaining(600, rate(100, Duration::from_secs(10)), Some(60)), minutes(10));
        assert_eq!(remaining(600, rate(1, Duration::from_secs(6)), Some(60)), minutes(60));
        assert_eq!(remaining(1, 0.0, None), Duration::MAX);
    }
}
