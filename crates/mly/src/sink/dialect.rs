//! A format, and how it writes what it leaves open.

use super::format::Format;
use crate::error::{Error, Result};

/// A format, and how it writes what it leaves open.
///
/// A [`Format`] alone is its usual dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    format: Format,
    is_csv_safe: bool,
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
        Ok(Self { format, is_csv_safe })
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
        if self.is_csv_safe { format!("{}, safe", self.format) } else { self.format.to_string() }
    }
}

impl From<Format> for Dialect {
    fn from(format: Format) -> Self {
        Self { format, is_csv_safe: false }
    }
}
