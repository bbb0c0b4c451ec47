//! The destination and the format of a result.

use std::io::Write;
use std::path::{Path, PathBuf};

use mly::sink::{self, Destination, Dialect, Format};

use crate::args::{FormArgs, OutputArgs};
use crate::console::Console;
use crate::exit::Failure;

/// The destination and the format of a result.
pub(crate) struct Output {
    pub(crate) dialect: Dialect,
    pub(crate) place: Place,
    /// The name that the layer is given.
    pub(crate) layer: Option<String>,
}

/// A file, or standard output.
pub(crate) enum Place {
    File { path: PathBuf, overwrite: bool },
    Stream(Box<Destination>),
}

impl Output {
    /// Chooses the format and checks that it suits the destination, before anything is sent.
    pub(crate) fn open(args: &OutputArgs, console: &mut Console) -> Result<Self, Failure> {
        let place = (args.output.as_deref(), args.overwrite);
        Self::at(place, args.format, &args.form, console)
    }

    /// The same for a path, and whether a file at it may be replaced.
    pub(crate) fn at(
        (path, overwrite): (Option<&Path>, bool),
        format: Option<Format>,
        form: &FormArgs,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| !is_stream(path)) else {
            let format = format.unwrap_or(Format::GeoJson);
            if console.out_is_terminal && !format.is_text() {
                return Err(Failure::usage(
                    format!("{format} is binary and standard output is a terminal"),
                    "name a file with -o, or pipe the output into a program",
                ));
            }
            return Ok(Self {
                dialect: dialect(form, format)?,
                layer: layer(form, format)?,
                place: Place::Stream(Box::new(Destination::stream(console.take_out()))),
            });
        };
        let format = format.map_or_else(|| Format::of_path(path), Ok)?;
        let (dialect, layer) = (dialect(form, format)?, layer(form, format)?);
        Ok(Self { dialect, place: Place::File { path: path.to_owned(), overwrite }, layer })
    }

    /// The file, when it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File { path, .. } => Some(path),
            Place::Stream(_) => None,
        }
    }
}

impl Place {
    /// Opens the destination for a write that is not resumed after an interruption.
    pub(crate) fn open(self) -> mly::Result<Destination> {
        match self {
            Self::File { path, overwrite } => Destination::file(&path, overwrite),
            Self::Stream(destination) => Ok(*destination),
        }
    }
}

/// The format with what the options say about it.
pub(crate) fn dialect(form: &FormArgs, format: Format) -> Result<Dialect, Failure> {
    Ok(Dialect::csv_safe(format, form.csv_safe)?.with_times(form.times).with_ids(form.ids_as))
}

/// The name that the layer is given, if the format has layers and databases accept the name.
fn layer(form: &FormArgs, format: Format) -> Result<Option<String>, Failure> {
    let Some(name) = &form.layer else { return Ok(None) };
    if !format.has_layer() {
        return Err(Failure::usage(
            format!("{format} has no layers that could have a name"),
            "leave --layer out, or choose fgb, gpkg or pmtiles",
        ));
    }
    sink::check_layer(name).map_err(|e| Failure::of_input("--layer", e))?;
    Ok(Some(name.clone()))
}

/// Whether a path means standard output.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes a text; a file gets either all of it or is not there.
pub(crate) fn write_text(destination: Destination, text: &str) -> Result<(), Failure> {
    write_bytes(destination, text.as_bytes())
}

/// Writes bytes; a file gets either all of them or is not there.
pub(crate) fn write_bytes(mut destination: Destination, bytes: &[u8]) -> Result<(), Failure> {
    let name = destination.path().unwrap_or_default();
    let written = destination.write_all(bytes).and_then(|()| destination.commit());
    written.map_err(|e| Failure::output(&format!("cannot write {}", name.display()), &e))
}
