//! What the verbs have in common that answer a question from results.

use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use mly::sink::{self, Dialect, Losses, Sink};
use mly_jobs::Table;

use super::blocking::until_stopped;
use super::session::Session;
use crate::exit::Failure;
use crate::output::{Output, Place};
use crate::progress::counted;

/// Writes rows to an output, which is opened when the first ones come.
pub(super) struct RowWriter {
    unopened: Option<(Dialect, Place)>,
    layer: Option<String>,
    sink: Option<Box<dyn Sink>>,
    rows: u64,
    losses: Losses,
}

impl RowWriter {
    pub(super) fn new(output: Output) -> Self {
        let Output { dialect, place, layer } = output;
        Self { unopened: Some((dialect, place)), layer, sink: None, rows: 0, losses: Losses::default() }
    }

    /// Opens the output for rows with these columns.
    pub(super) fn open(&mut self, schema: &SchemaRef) -> mly::Result<()> {
        let Some((dialect, place)) = self.unopened.take() else { return Ok(()) };
        let destination = place.open()?;
        self.sink = Some(match &self.layer {
            Some(name) => sink::open(dialect, destination, &sink::with_layer(schema, name)?)?,
            None => sink::open(dialect, destination, schema)?,
        });
        Ok(())
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> mly::Result<()> {
        self.open(&rows.schema())?;
        if let Some(sink) = &mut self.sink {
            sink.write(rows)?;
            self.rows += rows.num_rows() as u64;
            self.losses.extend(sink.take_losses());
        }
        Ok(())
    }

    /// Completes the output. Tells how many rows it has, and what its format cannot hold.
    pub(super) fn finish(self) -> mly::Result<(u64, Losses)> {
        if let Some(sink) = self.sink {
            sink.finish()?;
        }
        Ok((self.rows - self.losses.rows, self.losses))
    }
}

/// Runs a job, writes its table and prints the closing line. `tell` prints what the job found, before it.
pub(super) fn run<T: Send + 'static>(
    output: Output,
    session: &mut Session<'_>,
    job: impl FnOnce() -> mly::Result<(Table, T)> + Send + 'static,
    tell: impl FnOnce(&T, &mut Session<'_>),
) -> Result<(), Failure> {
    run_since(Instant::now(), output, session, job, tell)
}

/// The same for work that began earlier, of which `job` does the rest.
pub(super) fn run_since<T: Send + 'static>(
    begin: Instant,
    output: Output,
    session: &mut Session<'_>,
    job: impl FnOnce() -> mly::Result<(Table, T)> + Send + 'static,
    tell: impl FnOnce(&T, &mut Session<'_>),
) -> Result<(), Failure> {
    let of_table = |writer: &mut RowWriter| {
        let (table, found) = job()?;
        writer.open(&table.schema())?;
        table.batches().iter().try_for_each(|rows| writer.write(rows))?;
        Ok(found)
    };
    write_since(begin, output, session, of_table, tell)
}

/// The same for a job that writes its rows itself.
pub(super) fn write<T: Send + 'static>(
    output: Output,
    session: &mut Session<'_>,
    job: impl FnOnce(&mut RowWriter) -> mly::Result<T> + Send + 'static,
    tell: impl FnOnce(&T, &mut Session<'_>),
) -> Result<(), Failure> {
    write_since(Instant::now(), output, session, job, tell)
}

fn write_since<T: Send + 'static>(
    begin: Instant,
    output: Output,
    session: &mut Session<'_>,
    job: impl FnOnce(&mut RowWriter) -> mly::Result<T> + Send + 'static,
    tell: impl FnOnce(&T, &mut Session<'_>),
) -> Result<(), Failure> {
    let path = output.path().map(|path| path.display().to_string());
    let (rows, losses, found) = until_stopped(move |_| {
        let mut writer = RowWriter::new(output);
        let found = job(&mut writer)?;
        let (rows, losses) = writer.finish()?;
        Ok((rows, losses, found))
    })?;
    (session.summary.rows, session.summary.losses) = (rows, losses);
    session.summary.elapsed = begin.elapsed();
    tell(&found, session);
    session.warn_of_gaps();
    let place = path.as_deref().map(|path| format!(" -> {path}")).unwrap_or_default();
    let seconds = session.summary.elapsed.as_secs_f64();
    session.done(&format!("{} in {seconds:.1} s{place}", counted(rows, "rows")), path.as_deref());
    Ok(())
}
