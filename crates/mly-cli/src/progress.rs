//! What is shown of a run: while it goes on, and at its end.

use std::convert::Infallible;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mly::{Layer, Progress, Summary};

use crate::console::Console;

const BAR_REFRESH: Duration = Duration::from_millis(200);
const LINE_REFRESH: Duration = Duration::from_secs(5);

/// A bar on a terminal, a line now and then elsewhere.
pub(crate) struct Display {
    kind: Kind,
    layer: Layer,
    progress: Progress,
}

enum Kind {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Display {
    pub(crate) fn new(layer: Layer, progress: Progress, is_shown: bool, console: &Console) -> Self {
        let kind = match (is_shown, console.err_is_terminal) {
            (false, _) => Kind::Nothing,
            (true, false) => Kind::Lines,
            (true, true) => Kind::Bar(bar(progress.total())),
        };
        Self { kind, layer, progress }
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
        let rows = counted(self.progress.rows(), self.layer.name());
        match &self.kind {
            Kind::Nothing => {}
            Kind::Lines => {
                console.say(&format!("{}/{} tiles  {rows}", HumanCount(answered), HumanCount(total)));
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

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} tiles  {msg}  {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A number of things, such as `1,234 tiles`; the name is a plural with s.
pub(crate) fn counted(count: u64, things: &str) -> String {
    let things = if count == 1 { things.strip_suffix('s').unwrap_or(things) } else { things };
    format!("{} {things}", HumanCount(count))
}

/// The closing line of a run.
pub(crate) fn closing(layer: Layer, summary: &Summary, file: Option<&str>) -> String {
    let repeated = match summary.retries {
        0 => String::new(),
        count => format!(", {} of them repeated", HumanCount(count)),
    };
    format!(
        "{} from {}{repeated} ({}) in {:.1} s{}",
        counted(summary.rows, layer.name()),
        counted(summary.tiles, "requests"),
        HumanBytes(summary.bytes),
        summary.elapsed.as_secs_f64(),
        file.map(|name| format!(" -> {name}")).unwrap_or_default(),
    )
}

/// What the result may lack, one sentence each.
pub(crate) fn warnings(summary: &Summary) -> Vec<String> {
    const NAMED: usize = 5;
    let mut list = Vec::new();
    if !summary.missing.is_empty() {
        let names: Vec<_> = summary.missing.iter().take(NAMED).map(ToString::to_string).collect();
        let more = if summary.missing.len() > NAMED { ", ..." } else { "" };
        let tiles = counted(summary.missing.len() as u64, "tiles");
        list.push(format!("{tiles} answered 404, taken as empty: {}{more}", names.join(", ")));
    }
    if summary.misfits > 0 {
        list.push(format!(
            "{} without a usable id or geometry were left out",
            counted(summary.misfits, "features")
        ));
    }
    list
}
