//! `mly map`: rows of files on a map, as one HTML file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use mly::sink::{Destination, Format};
use mly::source;
use mly_map::{MapError, Page};

use super::photos;
use super::session::Session;
use crate::args::MapVerb;
use crate::browser;
use crate::exit::{Failure, Success};
use crate::failed::list_of;
use crate::output::is_stream;
use crate::progress::counted;

/// The title where neither a file nor the page has a name.
const UNTITLED: &str = "Map";

pub(super) fn run(args: &MapVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let begin = Instant::now();
    check(args, session)?;
    if args.open {
        browser::check()?;
    }
    let place = Place::open(args, session)?;
    let mut page = Page::new(title(args));
    for file in &args.files {
        page = with_file(page, file)?;
    }
    if let Some(basemap) = &args.basemap {
        page = page.with_basemap(basemap.clone());
    }
    let mut failed = Vec::new();
    if let Some(most) = args.photos {
        (page, failed) = photos::add(page, most, &args.common.service, session)?;
    }
    let rows = page.rows();
    warn_of_places(&page, session);
    let name = place.name();
    place.write(&page)?;
    (session.summary.rows, session.summary.elapsed) = (rows, begin.elapsed());
    let layers = page.layer_names().count() as u64;
    let things = format!("{} in {}", counted(rows, "rows"), counted(layers, "layers"));
    let seconds = session.summary.elapsed.as_secs_f64();
    let to = name.as_deref().map(|name| format!(" -> {}", name.display())).unwrap_or_default();
    let path = name.as_deref().map(|name| name.display().to_string());
    session.done(&format!("{things} in {seconds:.1} s{to}"), path.as_deref());
    if let Some(path) = name.as_deref().filter(|_| args.open) {
        browser::open(path)?;
    }
    if failed.is_empty() {
        return Ok(Success::Complete);
    }
    let listed = list_of(name.as_deref(), &failed)?;
    session.warn(&format!("the page lacks {}{listed}", counted(failed.len() as u64, "photos")));
    Ok(Success::Incomplete)
}

/// Adds the rows of a file as a layer that is named after it.
fn with_file(page: Page, file: &Path) -> Result<Page, Failure> {
    let name = file.display().to_string();
    let rows = source::rows(file).map_err(|e| Failure::of_input(&name, e))?;
    let schema = rows.schema();
    page.with_layer(&stem(file).unwrap_or(name.clone()), &schema, rows).map_err(|e| of_page(&name, e))
}

/// The failure of a page that rows of this file were added to.
fn of_page(name: &str, error: MapError) -> Failure {
    match error {
        MapError::Rows(error) => Failure::of_input(name, error),
        MapError::Layer { what, .. } => {
            let hint = "a map shows points, lines and outlines in longitude and latitude; ogr2ogr -t_srs OGC:CRS84 reprojects others";
            Failure::usage(format!("{name}: {what}"), hint)
        }
        MapError::TooLarge { .. } => Failure::usage(
            format!("{name}: {error}"),
            format!("take a smaller area, filter the rows, or make tiles: mly convert {name} NAME.pmtiles"),
        ),
        MapError::Write(error) => Failure::output("cannot write the page", &error),
        error => Failure::ours(error),
    }
}

/// Warns when nothing, or not everything, is on the map.
fn warn_of_places(page: &Page, session: &mut Session<'_>) {
    let (rows, placed) = (page.rows(), page.placed_rows());
    if rows == placed {
        return;
    }
    let without = counted(rows - placed, "rows");
    session.warn(&format!("{without} of {rows} have no geometry; the page lists them beside the map"));
}

/// Where the page goes to.
enum Place {
    /// A file or a stream that was named.
    Named(Box<Destination>),
    /// A temporary file, which stays for the browser.
    Temporary(tempfile::NamedTempFile),
}

impl Place {
    fn open(args: &MapVerb, session: &mut Session<'_>) -> Result<Self, Failure> {
        match &args.output {
            Some(path) if !is_stream(path) => {
                Ok(Self::Named(Box::new(Destination::file(path, args.overwrite)?)))
            }
            None if args.open => {
                let mut builder = tempfile::Builder::new();
                let file = builder.prefix("mly-").suffix(".html").disable_cleanup(true).tempfile();
                file.map(Self::Temporary).map_err(|e| Failure::output("cannot create a temporary file", &e))
            }
            _ => Ok(Self::Named(Box::new(Destination::stream(session.console.take_out())))),
        }
    }

    fn name(&self) -> Option<PathBuf> {
        match self {
            Self::Named(destination) => destination.path(),
            Self::Temporary(file) => Some(file.path().to_owned()),
        }
    }

    fn write(self, page: &Page) -> Result<(), Failure> {
        let name =
            self.name().map_or_else(|| "standard output".to_owned(), |name| name.display().to_string());
        let written = match self {
            Self::Named(destination) => write(page, *destination).and_then(Destination::commit),
            Self::Temporary(file) => write(page, file).map(drop),
        };
        written.map_err(|e| Failure::output(&format!("cannot write {name}"), &e))
    }
}

/// Writes a page, and returns where it was written to.
fn write<W: Write>(page: &Page, out: W) -> io::Result<W> {
    let mut out = io::BufWriter::with_capacity(1 << 20, out);
    page.write(&mut out).map_err(|error| match error {
        MapError::Write(error) => error,
        error => io::Error::other(error),
    })?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Refuses wrong arguments before anything is read or written.
fn check(args: &MapVerb, session: &Session<'_>) -> Result<(), Failure> {
    if args.files.iter().any(|file| is_stream(file)) {
        return Err(Failure::usage(
            "cannot make a map of standard input: some formats have to be read twice, or from the end",
            "name a file",
        ));
    }
    match args.output.as_deref().filter(|path| !is_stream(path)) {
        Some(path) if Format::of_path(path).is_ok() => Err(Failure::usage(
            format!("{} is the name of a file of rows, and a map is a page", path.display()),
            "name it page.html; mly convert writes rows in another format",
        )),
        None if args.open && args.output.is_some() => {
            Err(Failure::usage("standard output cannot be opened in a browser", "leave -o - or --open out"))
        }
        None if !args.open && session.console.out_is_terminal => Err(Failure::usage(
            "a page is not for a terminal",
            "name a file with -o page.html, or look at it with --open",
        )),
        _ => Ok(()),
    }
}

/// The title of the page: the name of its file, or of all layers.
fn title(args: &MapVerb) -> String {
    let of_page = args.output.as_deref().filter(|path| !is_stream(path)).and_then(stem);
    let of_files = || args.files.iter().filter_map(|file| stem(file)).collect::<Vec<_>>().join(", ");
    let title = of_page.unwrap_or_else(of_files);
    if title.is_empty() { UNTITLED.to_owned() } else { title }
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}
