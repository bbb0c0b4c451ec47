//! `mly osm`: signs compared with OpenStreetMap. Sends nothing.

use std::path::{Path, PathBuf};
use std::time::Instant;

use mly::sink::{Destination, Format};
use mly_jobs::osm::{OsmComparison, OsmStatus, SignsInOsm};
use mly_jobs::{Input, Table};

use super::blocking::until_stopped;
use super::session::Session;
use crate::args::{OsmFormat, OsmVerb};
use crate::exit::Failure;
use crate::output::{Output, is_stream, write_text};
use crate::progress::counted;

/// Most values without a rule that are listed.
const LISTED: usize = 20;

pub(super) fn run(args: &OsmVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let begin = Instant::now();
    let mut job = SignsInOsm::of(args.signs.as_path(), args.osm.as_path())
        .with_country(&args.country)
        .with_permanent(args.permanent);
    if let Some(file) = &args.tags {
        job = job.with_tags(file);
    }
    if let Some(images) = &args.looks {
        job = job.with_looks(Input::from(images.as_path()));
    }
    if let Some(as_of_ms) = args.as_of {
        job = job.with_as_of_ms(as_of_ms);
    }
    job.check()?;
    let format = args.special();
    let rows = match format {
        None => Some(None),
        Some(OsmFormat::Rows(format)) => Some(Some(format)),
        Some(_) => None,
    };
    let path = args.output.as_deref().filter(|path| !is_stream(path)).map(Path::to_owned);
    if let Some(path) = &path {
        drop(Destination::file(path, args.overwrite)?);
    }
    let (found, place, count) = match rows {
        Some(format) => as_rows(args, format, job, session)?,
        None => as_texts(args, format, job, path.as_deref(), session)?,
    };
    session.summary.rows = count;
    session.summary.elapsed = begin.elapsed();
    tell(&found, session);
    if args.looks.is_some() && found.lacks_dates() {
        let name = args.osm.display();
        session.warn(&format!(
            "{name} does not tell when things were edited, so none can be found to be removed; ask Overpass for `out meta;`"
        ));
    }
    session.warn_of_gaps();
    let seconds = session.summary.elapsed.as_secs_f64();
    let arrow = place.as_deref().map(|place| format!(" -> {place}")).unwrap_or_default();
    let things = if rows.is_some() { "rows" } else { "tasks and points" };
    session.done(&format!("{} in {seconds:.1} s{arrow}", counted(count, things)), place.as_deref());
    Ok(())
}

/// What a run has made: the comparison, where it was written to, and how many rows it has.
type Made = (OsmComparison, Option<String>, u64);

fn as_rows(
    args: &OsmVerb,
    format: Option<Format>,
    job: SignsInOsm,
    session: &mut Session<'_>,
) -> Result<Made, Failure> {
    let output = (args.output.as_deref(), args.overwrite);
    let output = Output::at(output, format, &args.form, session.console)?;
    let place = output.path().map(|path| path.display().to_string());
    let (found, rows, losses) = until_stopped(move |_| {
        let found = job.run()?;
        let table = found.table()?;
        let table = match &output.layer {
            Some(name) => Table::new(mly::sink::with_layer(&table.schema(), name)?, table.batches().to_vec()),
            None => table,
        };
        let losses = table.write(output.dialect, output.place.open()?)?;
        let rows = table.rows() as u64 - losses.rows;
        Ok((found, rows, losses))
    })?;
    session.summary.losses = losses;
    Ok((found, place, rows))
}

fn as_texts(
    args: &OsmVerb,
    format: Option<OsmFormat>,
    job: SignsInOsm,
    path: Option<&Path>,
    session: &mut Session<'_>,
) -> Result<Made, Failure> {
    let (found, mut texts) = until_stopped(move |_| {
        let found = job.run()?;
        let texts = match format {
            Some(OsmFormat::Josm) => vec![found.josm()],
            Some(OsmFormat::Change) => vec![found.change()?],
            _ => found.challenge(),
        };
        Ok((found, texts))
    })?;
    let mark = if format == Some(OsmFormat::MapRoulette) { "\u{1e}" } else { "<node id=\"-" };
    let count = texts.iter().map(|text| text.matches(mark).count() as u64).sum();
    let Some(path) = path else {
        return match (texts.pop(), texts.is_empty()) {
            (Some(text), true) => {
                session.console.print(&text)?;
                Ok((found, None, count))
            }
            _ => Err(Failure::usage(
                "a challenge has at most 50,000 tasks and 15 MB, and this is more",
                "name a file with -o; its parts are numbered",
            )),
        };
    };
    if let [text] = texts.as_slice() {
        write_text(Destination::file(path, args.overwrite)?, text)?;
        return Ok((found, Some(path.display().to_string()), count));
    }
    let parts: Vec<PathBuf> = (1..=texts.len()).map(|number| part_of(path, number)).collect();
    // None is written if one of them may not be.
    let places =
        parts.iter().map(|part| Destination::file(part, args.overwrite)).collect::<mly::Result<Vec<_>>>()?;
    for (place, text) in places.into_iter().zip(&texts) {
        write_text(place, text)?;
    }
    let place = match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => format!("{} to {}", first.display(), last.display()),
        _ => path.display().to_string(),
    };
    Ok((found, Some(place), count))
}

/// The name of a part of a challenge: `signs.2.maproulette.geojson`.
fn part_of(path: &Path, number: usize) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, ending) =
        name.split_once('.').map_or((name.as_str(), String::new()), |(s, e)| (s, format!(".{e}")));
    path.with_file_name(format!("{stem}.{number}{ending}"))
}

/// Says how many signs have each status, and which values have no rule.
fn tell(found: &OsmComparison, session: &mut Session<'_>) {
    if found.skipped() > 0 {
        let rows = counted(found.skipped(), "rows");
        session.warn(&format!("skipped {rows} without a usable id, value or position"));
    }
    if found.gone() > 0 {
        let signs = counted(found.gone(), "signs");
        session.note(&format!("left out {signs} that the service shows no more (last_crawled_at)"));
    }
    let counts = found.counts();
    let told: Vec<_> = OsmStatus::ALL
        .into_iter()
        .filter_map(|status| counts.get(&status).map(|count| format!("{count} {}", status.name())))
        .collect();
    session.note(&if told.is_empty() { "no signs".to_owned() } else { told.join(", ") });
    let unmapped = found.unmapped();
    if !unmapped.is_empty() {
        let listed: Vec<_> =
            unmapped.iter().take(LISTED).map(|(value, count)| format!("{value} ({count})")).collect();
        let more = if unmapped.len() > LISTED { ", ..." } else { "" };
        session.note(&format!("without a rule: {}{more}", listed.join(", ")));
    }
}
