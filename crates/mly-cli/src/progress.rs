//! What is shown of a run: while it goes on, and at its end.

use std::convert::Infallible;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mly::{Plan, Progress, Summary};

use crate::console::Console;
use crate::failed::some_of;

const BAR_REFRESH: Duration = Duration::from_millis(200);
const LINE_REFRESH: Duration = Duration::from_secs(5);

/// What is counted while a run goes on.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    /// Of a known number, such as `tiles`.
    pub(crate) steps: &'static str,
    /// What comes out meanwhile, such as `images`.
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

/// A bar on a terminal, a line now and then elsewhere.
pub(crate) struct Display {
    kind: Kind,
    counted: Counted,
    progress: Progress,
}

enum Kind {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Display {
    pub(crate) fn new(counted: Counted, progress: Progress, is_shown: bool, console: &Console) -> Self {
        let kind = match (is_shown, console.err_is_terminal) {
            (false, _) => Kind::Nothing,
            (true, false) => Kind::Lines,
            (true, true) => Kind::Bar(bar(progress.total(), counted.steps)),
        };
        Self { kind, counted, progress }
    }

    /// Shows the state again and again.
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
        match &self.kind {
            Kind::Nothing => {}
            Kind::Lines => {
                let line = format!("{}/{} {steps}  {rows}", HumanCount(answered), HumanCount(total));
                console.say(line.trim_end());
            }
            Kind::Bar(bar) => {
                bar.set_message(rows);
                bar.set_position(answered);
            }
        }
    }

    /// Shows the last state; a bar is wiped away.
    pub(crate) fn finish(&self, console: &mut Console) {
        self.show(console);
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64, steps: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template = ["{bar:30} {human_pos}/{human_len} ", steps, "  {msg}  {eta} left"].concat();
    let style = ProgressStyle::with_template(&template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A number of things, such as `1,234 tiles`; the name is a plural with s.
pub(crate) fn counted(count: u64, things: &str) -> String {
    let one =
        things.strip_suffix("es").filter(|one| one.ends_with("ss")).or_else(|| things.strip_suffix('s'));
    let things = one.filter(|_| count == 1).unwrap_or(things);
    format!("{} {things}", HumanCount(count))
}

/// The closing line of a run that gave these things.
pub(crate) fn closing(things: &str, summary: &Summary, place: Option<&str>) -> String {
    let repeated = match summary.retries {
        0 => String::new(),
        count => format!(", {} of them repeated", HumanCount(count)),
    };
    let kept = match summary.cache_hits {
        0 => String::new(),
        count => format!(" and {} kept from before", counted(count, "tiles")),
    };
    format!(
        "{things}{} from {}{repeated} ({}){kept} in {:.1} s{}",
        origins(summary),
        counted(summary.requests(), "requests"),
        HumanBytes(summary.bytes),
        summary.elapsed.as_secs_f64(),
        place.map(|name| format!(" -> {name}")).unwrap_or_default(),
    )
}

/// Where rows come from besides the requests of this run.
fn origins(summary: &Summary) -> String {
    let mut list = Vec::new();
    let Summary { rows, kept, replaced, resumed, .. } = *summary;
    if kept + replaced > 0 {
        let new = HumanCount(rows.saturating_sub(kept + replaced));
        list.push(format!(
            "{new} of them new, {} renewed and {} kept",
            HumanCount(replaced),
            HumanCount(kept)
        ));
    }
    if resumed > 0 {
        list.push(format!("{} of them from before", HumanCount(resumed)));
    }
    if list.is_empty() { String::new() } else { format!(", {},", list.join(", ")) }
}

/// What the result may lack, one sentence each; ids are told by who knows what they mean.
pub(crate) fn warnings(summary: &Summary) -> Vec<String> {
    let mut list = Vec::new();
    if !summary.missing.is_empty() {
        let names: Vec<_> = summary.missing.iter().map(ToString::to_string).collect();
        let tiles = counted(names.len() as u64, "tiles");
        list.push(format!("{tiles} answered 404, taken as empty: {}", some_of(&names)));
    }
    if summary.misfits > 0 {
        list.push(format!(
            "{} without a usable id or geometry were left out",
            counted(summary.misfits, "features")
        ));
    }
    list
}
