//! A format, and how it writes what it leaves open.

use std::fmt::Write;
use std::str::FromStr;

use super::format::Format;
use crate::error::{Error, Result, unknown};

/// A format, and how it writes what it leaves open.
///
/// A [`Format`] alone is its usual dialect.
///
/// ```
/// use mly::sink::{Dialect, Format, IdForm, TimeForm};
///
/// let dialect = Dialect::from(Format::GeoJson).with_times(TimeForm::Iso).with_ids(IdForm::Text);
/// assert_eq!(dialect.format(), Format::GeoJson);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    format: Format,
    is_csv_safe: bool,
    pub(super) form: TextForm,
}

/// How text formats write times and ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TextForm {
    pub(super) times: TimeForm,
    pub(super) ids: IdForm,
}

/// How text formats write times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeForm {
    /// Milliseconds since 1970, as the service does.
    #[default]
    Milliseconds,
    /// ISO 8601 in UTC: `2021-03-04T05:06:07.000Z`.
    Iso,
}

/// How GeoJSON writes ids that are whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdForm {
    /// As numbers, as the tiles do. Programs that read numbers as 64-bit floats round those above 2^53.
    #[default]
    Number,
    /// As text, as the graph does.
    Text,
}

impl FromStr for TimeForm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ms" => Ok(Self::Milliseconds),
            "iso" => Ok(Self::Iso),
            other => Err(unknown("form of times", other, &["ms", "iso"])),
        }
    }
}

impl FromStr for IdForm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "number" => Ok(Self::Number),
            "text" => Ok(Self::Text),
            other => Err(unknown("form of ids", other, &["number", "text"])),
        }
    }
}

impl Dialect {
    /// CSV for spreadsheets, if `is_csv_safe`; otherwise the usual dialect of the format.
    ///
    /// Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` for a formula, and user names or values can begin with
    /// anything. In this dialect an apostrophe stands before such text, which spreadsheets take for text then. Numbers stay as
    /// they are. Other programs see the apostrophe, so this is not the default.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the format is not CSV.
    pub fn csv_safe(format: Format, is_csv_safe: bool) -> Result<Self> {
        if is_csv_safe && format != Format::Csv {
            let what = format!("only csv can be made safe for spreadsheets, and the format is {format}");
            return Err(Error::query(what).with_hint("choose csv, or leave the option out"));
        }
        Ok(Self { is_csv_safe, ..Self::from(format) })
    }

    /// Writes times in this form, if the format is text or tiles. Other formats have a type for times.
    #[must_use]
    pub fn with_times(mut self, times: TimeForm) -> Self {
        if self.format.is_text() || self.format == Format::PmTiles {
            self.form.times = times;
        }
        self
    }

    /// Writes the ids of rows, images, map features, creators and organizations in this form, if the format is GeoJSON.
    /// Other formats have no difference between the two, or a type for ids.
    #[must_use]
    pub fn with_ids(mut self, ids: IdForm) -> Self {
        if matches!(self.format, Format::GeoJson | Format::GeoJsonSeq) {
            self.form.ids = ids;
        }
        self
    }

    /// The format.
    pub fn format(self) -> Format {
        self.format
    }

    pub(super) fn is_csv_safe(self) -> bool {
        self.is_csv_safe
    }

    /// The name by which unfinished work is recognised.
    pub(crate) fn name(self) -> String {
        let mut name = self.format.to_string();
        let others = [
            (self.is_csv_safe, "safe"),
            (self.form.times == TimeForm::Iso, "ISO times"),
            (self.form.ids == IdForm::Text, "ids as text"),
        ];
        for (_, word) in others.into_iter().filter(|(is_so, _)| *is_so) {
            // Writing to a text does not fail.
            let _ = write!(name, ", {word}");
        }
        name
    }
}

impl From<Format> for Dialect {
    fn from(format: Format) -> Self {
        Self { format, is_csv_safe: false, form: TextForm::default() }
    }
}
