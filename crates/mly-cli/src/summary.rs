//! Where `--summary` is written to, which is checked before anything is sent.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use mly::Summary;
use mly::sink::Destination;

use crate::args::{OutputArgs, Verb};
use crate::console::Console;
use crate::exit::Failure;
use crate::output::{is_stream, write_text};

/// Where the summary goes to.
pub(crate) enum SummaryPlace {
    Nowhere,
    Stream,
    File(Box<Destination>),
}

impl SummaryPlace {
    /// # Errors
    /// When the summary would be written over something else, or into the same stream as the data.
    pub(crate) fn open(verb: &Verb) -> Result<Self, Failure> {
        let Some(path) = verb.common().talk.summary.as_deref() else { return Ok(Self::Nowhere) };
        let data = DataPlace::of(verb);
        if is_stream(path) {
            return match data {
                DataPlace { uses_stream: false, .. } => Ok(Self::Stream),
                _ => Err(Failure::usage(
                    "--summary -: standard output has the data already",
                    "name a file for the summary, or write the data to a file",
                )),
            };
        }
        let name = path.display();
        // Nothing in a device or a pipe is overwritten.
        let is_device = path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
        let mut files = data.file.into_iter().chain(second_file(verb));
        if !is_device && files.any(|file| would_collide(path, file)) {
            return Err(Failure::usage(
                format!("--summary: {name} is where the data is written to"),
                "choose another name for the summary",
            ));
        }
        if path.is_file() && !is_summary(path) {
            return Err(Failure::usage(
                format!("--summary: {name} exists already, and is not the summary of an earlier run"),
                "choose another name for the summary",
            ));
        }
        Ok(Self::File(Box::new(Destination::file(path, true)?)))
    }

    pub(crate) fn write(self, summary: &Summary, console: &mut Console) -> Result<(), Failure> {
        let text = format!("{:#}\n", summary.to_json());
        match self {
            Self::Nowhere => Ok(()),
            Self::Stream => console.print(&text),
            Self::File(destination) => write_text(*destination, &text),
        }
    }
}

/// Where a verb writes its data to.
pub(crate) struct DataPlace<'a> {
    /// A file or a folder.
    pub(crate) file: Option<&'a Path>,
    uses_stream: bool,
}

impl<'a> DataPlace<'a> {
    pub(crate) fn of(verb: &'a Verb) -> Self {
        let output = |args: &'a OutputArgs| Self::of_path(args.output.as_deref());
        match verb {
            Verb::Images(args) | Verb::Sequences(args) | Verb::Points(args) | Verb::Signs(args) => {
                output(&args.output)
            }
            Verb::Image(args) | Verb::Feature(args) | Verb::Sequence(args) | Verb::Organization(args) => {
                output(&args.output)
            }
            Verb::Detections(args) => output(&args.output),
            Verb::Run(args) => output(&args.output),
            Verb::Diff(args) => output(&args.output),
            Verb::Streets(args) => output(&args.output),
            Verb::Assets(args) => output(&args.output),
            Verb::Osm(args) => Self::of_path(args.output.as_deref()),
            // A page that is only opened is a temporary file.
            Verb::Map(args) => {
                let place = Self::of_path(args.output.as_deref());
                Self { uses_stream: place.uses_stream && !args.open, ..place }
            }
            Verb::Convert(args) => Self::of_path(Some(args.output())),
            Verb::Download(args) => Self { file: Some(&args.place.to), uses_stream: false },
            Verb::Dataset(args) => Self { file: Some(&args.to), uses_stream: false },
            Verb::Cloud(args) => Self { file: Some(&args.place.to), uses_stream: false },
            // It prints the plan, also when it stores it.
            Verb::Plan(args) => Self { uses_stream: true, ..Self::of_path(args.output.as_deref()) },
            Verb::Thumbnail(_)
            | Verb::Emulate(_)
            | Verb::Budget(_)
            | Verb::Cache(_)
            | Verb::Doctor(_)
            | Verb::Completions(_)
            | Verb::Man(_)
            | Verb::Help(_)
            | Verb::Reference(_) => Self::of_path(None),
        }
    }

    fn of_path(path: Option<&'a Path>) -> Self {
        let file = path.filter(|path| !is_stream(path));
        Self { file, uses_stream: file.is_none() }
    }
}

/// A file that a verb writes besides its data.
fn second_file(verb: &Verb) -> Option<&Path> {
    match verb {
        Verb::Images(args) | Verb::Sequences(args) | Verb::Points(args) | Verb::Signs(args) => {
            args.changes.as_deref()
        }
        Verb::Streets(args) => args.gaps.as_deref(),
        _ => None,
    }
}

/// Whether a file and a result, with what is beside each while it is written or afterwards, would have the same name.
fn would_collide(path: &Path, result: &Path) -> bool {
    let beside = |path: &Path, ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        whole(Path::new(&name))
    };
    ["", ".part", ".mly.part", ".failed", ".unfinished"]
        .iter()
        .any(|ending| beside(result, ending) == beside(path, ""))
        || [".part", ".mly.part"].iter().any(|ending| beside(path, ending) == beside(result, ""))
}

/// A path without links and dots, also of a file that does not exist yet.
fn whole(path: &Path) -> PathBuf {
    let of_new = || {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(parent.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(of_new).unwrap_or_else(|| path.to_owned())
}

/// Whether a file is a summary that this command has written.
fn is_summary(path: &Path) -> bool {
    /// No summary is longer: it lists ids that were not found, one in about 20 bytes.
    const LONGEST: u64 = 64 << 20;
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    read.is_ok() && Summary::is_json(&text)
}
