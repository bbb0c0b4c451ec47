//! What the verbs have in common that answer a question from results.

use std::time::Instant;

use mly::sink;
use mly_jobs::Table;

use super::blocking::until_stopped;
use super::session::Session;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::counted;

/// Runs a job, writes its table and prints the closing line. `tell` prints what the job found, before it.
pub(super) fn run<T: Send + 'static>(
    output: Output,
    session: &mut Session<'_>,
    job: impl FnOnce() -> mly::Result<(Table, T)> + Send + 'static,
    tell: impl FnOnce(&T, &mut Session<'_>),
) -> Result<(), Failure> {
    let begin = Instant::now();
    let path = output.path().map(|path| path.display().to_string());
    let (rows, losses, found) = until_stopped(move |_| {
        let (table, found) = job()?;
        let table = match &output.layer {
            Some(name) => Table::new(sink::with_layer(&table.schema(), name)?, table.batches().to_vec()),
            None => table,
        };
        let losses = table.write(output.dialect, output.place.open()?)?;
        Ok((table.rows() as u64 - losses.rows, losses, found))
    })?;
    (session.summary.rows, session.summary.losses) = (rows, losses);
    session.summary.elapsed = begin.elapsed();
    if !session.talk.quiet {
        tell(&found, session);
    }
    session.warn_of_gaps();
    let place = path.as_deref().map(|path| format!(" -> {path}")).unwrap_or_default();
    let seconds = session.summary.elapsed.as_secs_f64();
    session.done(&format!("{} in {seconds:.1} s{place}", counted(rows, "rows")), path.as_deref());
    Ok(())
}
