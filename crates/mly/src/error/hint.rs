//! Hints: what the caller can do about an error.

use std::borrow::Cow;
use std::fmt;

use crate::redact::without_tokens;

/// What the caller can do about an error.
///
/// `Display` words a hint for callers of the Rust library. The command and the Python package have words of their own
/// for variants that concern one of their options or arguments, and use `Display` for the others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// The file exists: choose another name, or allow to overwrite it.
    Overwrite,
    /// The unfinished work cannot be resumed: start from the beginning by allowing to overwrite it.
    StartOver {
        /// Why it cannot be resumed, if that helps to decide; a sentence without a full stop.
        because: Option<&'static str>,
    },
    /// The unfinished work is that of another plan or format: finish it, choose another name, or overwrite it.
    OtherWork,
    /// The file name does not tell the format: name the format, or use one of these extensions.
    NameFormat {
        /// Known extensions, with their dots.
        extensions: Vec<String>,
    },
    /// The format cannot be written to a stream: name a file, or choose another format.
    NameFile,
    /// Points and lines are no area: take everything within a distance of them.
    Widen,
    /// The coordinates are in another reference system: reproject the file with ogr2ogr.
    Reproject,
    /// Select the columns with these names.
    SelectFields(Vec<String>),
    /// The ids are those of map features, where ids of images are expected: look up the detections of the map features,
    /// which name the images.
    ImagesOfMapFeatures,
    /// The ids are those of sequences, where ids of images are expected: look up the images of the sequences.
    ImagesOfSequences,
    /// The same call succeeds when it is repeated.
    RunAgain,
    /// The disk is full, or the quota of the user is used up: free some space.
    FreeSpace,
    /// The system limits the size of files: raise the limit, or write to another place.
    LargerFiles,
    /// The system lets the process open too few files, and connections count as files: raise the limit, or send fewer
    /// requests at once.
    MoreFiles,
    /// The output cannot be written there: write it to another place.
    OtherPlace,
    /// Another program has created a file of the same name meanwhile: move it away, or allow to overwrite it.
    MoveAway,
    /// Another program has removed or changed unfinished files: keep it away from them, and make the same call again.
    LeaveAlone,
    /// Another process has begun to write the same file: let one of them finish.
    OneProcess,
    /// The place is a point: ask for a circle around it.
    Around {
        /// Longitude and latitude in degrees, such as `9.005,51.998`.
        position: String,
    },
    /// Anything else, in words that suit every caller.
    Advice(Cow<'static, str>),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overwrite => f.write_str("choose another name, or allow to overwrite"),
            Self::StartOver { because: None } => f.write_str("start over with overwrite allowed"),
            Self::StartOver { because: Some(why) } => write!(f, "{why}; start over with overwrite allowed"),
            Self::OtherWork => f.write_str(
                "finish it with the call that began it, choose another name, or give it up by allowing to overwrite",
            ),
            Self::NameFormat { extensions } => {
                write!(f, "name the format, or use one of {}", extensions.join(" "))
            }
            Self::NameFile => f.write_str("name a file, or choose another format"),
            Self::Widen => f.write_str("take everything within a distance of them: AreaReader::with_buffer_m"),
            Self::Reproject => f.write_str("reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN"),
            Self::SelectFields(names) => write!(f, "select the fields {} too", names.join(", ")),
            Self::ImagesOfMapFeatures => f.write_str("their detections tell the images that show them"),
            Self::ImagesOfSequences => f.write_str("look up the images of the sequences first"),
            Self::Around { position } => write!(f, "ask for a circle: Area::near({position}, 500.0)"),
            Self::RunAgain => f.write_str("make the same call again"),
            Self::FreeSpace => f.write_str("free some disk space, or write to another place"),
            Self::LargerFiles => {
                f.write_str("the system limits the size of files (ulimit -f); raise it, or write to another place")
            }
            Self::MoreFiles => f.write_str(
                "the system limits how many files and connections are open (ulimit -n); raise it, or lower the concurrency",
            ),
            Self::OtherPlace => f.write_str("write to another place"),
            Self::MoveAway => f.write_str(
                "move the file of that name away, or allow to overwrite it, and make the same call again",
            ),
            Self::LeaveAlone => {
                f.write_str("keep other programs away from unfinished files, and make the same call again")
            }
            Self::OneProcess => f.write_str("let the other process finish, or stop it and make the same call again"),
            Self::Advice(text) => f.write_str(text),
        }
    }
}

impl From<&'static str> for Hint {
    fn from(text: &'static str) -> Self {
        Self::Advice(text.into())
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Advice(without_tokens(&text).into())
    }
}
