//! `mly convert`: rows from one format into another. Sends nothing, and needs no token.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use mly::Error;
use mly::sink::{self, Destination, Format, Losses, Sink};
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
    let output = (Some(args.output()), args.overwrite);
    let output = Output::at(output, args.format, &args.form, session.console)?;
    let path = output.path().map(|path| path.display().to_string());
    let place = output.path().map(|path| format!(" -> {}", path.display())).unwrap_or_default();
    let inputs = tables(args, output.dialect.format())?;
    let (rows, losses) = until_stopped(move |stop| copy(&inputs, output, stop))?;
    (session.summary.rows, session.summary.losses) = (rows, losses);
    session.summary.elapsed = begin.elapsed();
    session.warn_of_gaps();
    let rows = counted(session.summary.rows, "rows");
    let input = match args.inputs() {
        [input] => input.display().to_string(),
        inputs => format!("{} files", inputs.len()),
    };
    let seconds = session.summary.elapsed.as_secs_f64();
    session.done(&format!("{rows} from {input} in {seconds:.1} s{place}"), path.as_deref());
    Ok(())
}

/// A file, and the name of its table if it must have this one.
struct Input {
    path: PathBuf,
    table: Option<String>,
}

/// The files to read. If there are several, each has a table that is named after it.
fn tables(args: &ConvertVerb, format: Format) -> Result<Vec<Input>, Failure> {
    if let [path] = args.inputs() {
        return Ok(vec![Input { path: path.clone(), table: None }]);
    }
    if !format.has_tables() {
        return Err(Failure::usage(
            format!("{} files cannot become one file of {format}", args.inputs().len()),
            "name an OUT that ends with .gpkg, which holds a table for each, or convert one file after the other",
        ));
    }
    if let Some(name) = &args.form.layer {
        return Err(Failure::usage(
            format!("{} tables cannot all have the name {name}", args.inputs().len()),
            "leave --layer out: each table is named after its file",
        ));
    }
    let mut inputs: Vec<Input> = Vec::with_capacity(args.inputs().len());
    for path in args.inputs() {
        let (file, layer) = mly::source::file_and_layer(path);
        let stem = || file.file_stem().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
        let stem = layer.unwrap_or_else(stem);
        sink::check_layer(&stem).map_err(|e| Failure::of_input(&path.display().to_string(), e))?;
        // SQLite does not distinguish upper and lower case in names of tables.
        let same =
            |other: &&Input| other.table.as_ref().is_some_and(|table| table.eq_ignore_ascii_case(&stem));
        if let Some(other) = inputs.iter().find(same) {
            return Err(Failure::usage(
                format!("{} and {} would both be the table {stem}", other.path.display(), path.display()),
                "give one of them another name",
            ));
        }
        inputs.push(Input { path: path.clone(), table: Some(stem) });
    }
    Ok(inputs)
}

/// Copies all rows. Returns how many there were, and what the format cannot hold of them.
fn copy(inputs: &[Input], output: Output, stop: &AtomicBool) -> Result<(u64, Losses), Failure> {
    let Output { dialect, place, layer } = output;
    let (mut place, mut begun): (_, Option<Box<dyn Sink>>) = (Some(place), None);
    let (mut count, mut losses) = (0, Losses::default());
    for Input { path, table } in inputs {
        let of_input = |error| Failure::of_input(&path.display().to_string(), error);
        let rows = source::rows(path).map_err(of_input)?;
        let mut schema = rows.schema();
        // The layer has the name that is given, that of the input, or else the name of its file.
        let is_unnamed = |stem: &&str| sink::layer_of(&schema).is_none() && sink::check_layer(stem).is_ok();
        let stem = path.file_stem().and_then(OsStr::to_str).filter(is_unnamed);
        if let Some(name) = table.as_deref().or(layer.as_deref()).or(stem) {
            schema = sink::with_layer(&schema, name)?;
        }
        let mut sink = match (begun.take(), place.take()) {
            (Some(mut sink), _) => {
                sink.next_table(&schema)?;
                sink
            }
            (None, Some(place)) => sink::open(dialect, place.open()?, &schema)?,
            (None, None) => break,
        };
        for rows in rows {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::Cancelled.into());
            }
            let rows = rows.map_err(of_input)?;
            sink.write(&rows)?;
            count += rows.num_rows() as u64;
            losses.extend(sink.take_losses());
        }
        begun = Some(sink);
    }
    begun.map_or(Ok(()), Sink::finish)?;
    Ok((count - losses.rows, losses))
}

/// Refuses wrong arguments before anything is read or written.
fn check(args: &ConvertVerb, console: &Console) -> Result<(), Failure> {
    if args.inputs().is_empty() {
        return Err(Failure::usage("OUT is missing", "mly convert IN... OUT|- [-f FORMAT]; see --help"));
    }
    if args.inputs().iter().any(|input| is_stream(input)) {
        return Err(Failure::usage(
            "cannot convert standard input: some formats have to be read twice, or from the end",
            "name a file as IN",
        ));
    }
    if is_stream(args.output()) {
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
    let part = Destination::part_of(args.output()).canonicalize().ok();
    let is_part = |input: &&PathBuf| part.is_some() && part == input.canonicalize().ok();
    if let Some(name) = args.inputs().iter().find(is_part).map(|input| input.display()) {
        return Err(Failure::usage(
            format!("{name} would be overwritten while it is read"),
            "give it another name",
        ));
    }
    Ok(())
}
