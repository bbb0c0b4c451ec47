//! `mly convert`: rows from one format into another. Sends nothing, and needs no token.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use mly::Error;
use mly::sink::{self, Destination, Format, Losses};
use mly::source;

use super::blocking::until_stopped;
use super::session::Session;
use crate::args::ConvertVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::output::{Output, is_stream};
use crate::progress::counted;

pub(super) fn run(args: &ConvertVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let begin = Instant::now();
    check(args, session.console)?;
    let output = (Some(args.output.as_path()), args.overwrite);
    let output = Output::at(output, args.format, &args.form, session.console)?;
    let path = output.path().map(|path| path.display().to_string());
    let place = output.path().map(|path| format!(" -> {}", path.display())).unwrap_or_default();
    let input = args.input.clone();
    let (rows, losses) = until_stopped(move |stop| copy(&input, output, stop))?;
    (session.summary.rows, session.summary.losses) = (rows, losses);
    session.summary.elapsed = begin.elapsed();
    session.warn_of_gaps();
    let rows = counted(session.summary.rows, "rows");
    let (input, seconds) = (args.input.display(), session.summary.elapsed.as_secs_f64());
    session.done(&format!("{rows} from {input} in {seconds:.1} s{place}"), path.as_deref());
    Ok(())
}

/// Copies all rows. Returns how many there were, and what the format cannot hold of them.
fn copy(input: &Path, output: Output, stop: &AtomicBool) -> Result<(u64, Losses), Failure> {
    let of_input = |error| Failure::of_input(&input.display().to_string(), error);
    let rows = source::rows(input).map_err(of_input)?;
    let mut schema = rows.schema();
    // The layer has the name that is given, that of the input, or else the name of its file.
    let is_unnamed = |stem: &&str| sink::layer_of(&schema).is_none() && sink::check_layer(stem).is_ok();
    let stem = input.file_stem().and_then(OsStr::to_str).filter(is_unnamed);
    if let Some(name) = output.layer.as_deref().or(stem) {
        schema = sink::with_layer(&schema, name)?;
    }
    let mut sink = sink::open(output.dialect, output.place.open()?, &schema)?;
    let (mut count, mut losses) = (0, Losses::default());
    for rows in rows {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Cancelled.into());
        }
        let rows = rows.map_err(of_input)?;
        sink.write(&rows)?;
        count += rows.num_rows() as u64;
        losses.extend(sink.take_losses());
    }
    sink.finish()?;
    Ok((count - losses.rows, losses))
}

/// Refuses wrong arguments before anything is read or written.
fn check(args: &ConvertVerb, console: &Console) -> Result<(), Failure> {
    if is_stream(&args.input) {
        return Err(Failure::usage(
            "cannot convert standard input: some formats have to be read twice, or from the end",
            "name a file as IN",
        ));
    }
    if is_stream(&args.output) {
        let format = args.format.unwrap_or(Format::GeoJson);
        if format.needs_file() || (console.out_is_terminal && !format.is_text()) {
            return Err(Failure::usage(
                format!("{format} cannot be written to this standard output"),
                "name a file as OUT, or choose another format",
            ));
        }
        return Ok(());
    }
    // The output has another name while it is written. A file of that name is replaced, so it must not be the input.
    let part = Destination::part_of(&args.output).canonicalize().ok();
    if part.is_some() && part == args.input.canonicalize().ok() {
        let name = args.input.display();
        return Err(Failure::usage(
            format!("{name} would be overwritten while it is read"),
            "give it another name",
        ));
    }
    Ok(())
}
