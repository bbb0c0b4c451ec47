//! What is shown while a run goes on.

use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use mly::{Layer, Progress, Summary};

use crate::console::Console;
use crate::settings::{ProgressMode, Talk};

const REFRESH: Duration = Duration::from_millis(200);

/// A bar on a terminal, or a line now and then where progress is asked for elsewhere.
pub(crate) struct Display {
    bar: ProgressBar,
    layer: Layer,
    progress: Progress,
    /// Print lines instead of a bar.
    lines: bool,
}

impl Display {
    pub(crate) fn new(layer: Layer, progress: Progress, talk: Talk, console: &Console) -> Self {
        let shown = !talk.quiet
            && match talk.progress {
                ProgressMode::Auto => console.err_is_terminal,
                ProgressMode::Always => true,
                ProgressMode::Never => false,
            };
        let target = if shown && console.err_is_terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(progress.total()), target);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} tiles  {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, layer, progress, lines: shown && !console.err_is_terminal }
    }

    /// Shows the state again and again; never ends by itself.
    pub(crate) async fn refresh(&self, console: &mut Console) {
        let mut ticks = tokio::time::interval(REFRESH);
        loop {
            ticks.tick().await;
            self.show(console);
        }
    }

    /// Shows the state once.
    pub(crate) fn show(&self, console: &mut Console) {
        let rows = format!("{} {}", HumanCount(self.progress.rows()), self.layer);
        if self.lines {
            console.say(&format!("{}/{} tiles  {rows}", self.progress.answered(), self.progress.total()));
        }
        self.bar.set_position(self.progress.answered());
        self.bar.set_message(rows);
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// The closing line of a run.
pub(crate) fn closing(layer: Layer, summary: &Summary, file: Option<&str>) -> String {
    let mut text = format!(
        "{} {layer} from {} tile{} ({}) in {:.1} s",
        HumanCount(summary.rows),
        HumanCount(summary.tiles),
        if summary.tiles == 1 { "" } else { "s" },
        HumanBytes(summary.bytes),
        summary.elapsed.as_secs_f64(),
    );
    if summary.retries > 0 {
        text += &format!(", {} asked again", HumanCount(summary.retries));
    }
    if let Some(file) = file {
        text += &format!(" -> {file}");
    }
    text
}

/// What the result may lack, one sentence each.
pub(crate) fn warnings(summary: &Summary) -> Vec<String> {
    const NAMED: usize = 5;
    let mut list = Vec::new();
    if !summary.missing.is_empty() {
        let names: Vec<_> = summary.missing.iter().take(NAMED).map(ToString::to_string).collect();
        let more = if summary.missing.len() > NAMED { ", ..." } else { "" };
        list.push(format!(
            "{} tiles answered 404 and were taken as empty: {}{more}",
            summary.missing.len(),
            names.join(", ")
        ));
    }
    if summary.misfits > 0 {
        list.push(format!("{} features had no usable id or geometry and were left out", summary.misfits));
    }
    list
}
