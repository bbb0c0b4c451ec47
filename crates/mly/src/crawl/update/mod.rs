//! Earlier results brought up to date: what is new or may have changed is asked for, the other rows are taken over.
//!
//! All tiles are read again, since they do not tell what in them is new. Rows that cost no more than their tile therefore
//! come anew, however old they are. Those that cost look-ups come anew when the earlier result does not have them or
//! they are recent.

mod fit;
mod known;
mod steps;
mod survey;

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use arrow_schema::SchemaRef;
use serde_json::{Value, json};

use self::fit::Fit;
pub(super) use self::known::Known;
use self::survey::{Survey, moment_of};
use crate::error::{Error, Hint, Result};
use crate::query::{Layer, Query};
use crate::source::{self, Rows};

/// How long before its newest row an earlier result is not trusted to be right and complete, in milliseconds: 90 days.
///
/// Photos appear days to weeks after they were taken, and what is derived from them later still (API v4, "Limits,
/// expiry, throttling").
const OVERLAP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A file with an earlier result, to be brought up to date by [`Batches::updating`](crate::Batches::updating).
#[derive(Debug)]
pub struct Earlier {
    path: PathBuf,
    stamp: Stamp,
    survey: Survey,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    written_at_ms: i64,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self> {
        let found = path.metadata().and_then(|found| Ok((found.len(), found.modified()?)));
        let (bytes, written_at) = found.map_err(|e| Error::query(format!("it cannot be read: {e}")))?;
        let since_1970 = written_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { bytes, written_at_ms: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX) })
    }
}

impl Earlier {
    /// Reads a result in any format that [`source::rows`](crate::source::rows) reads, in memory that does not grow with it.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with the row or line when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let rows = source::rows(path)?;
        let stamp = Stamp::of(path)?;
        let survey = Survey::of(rows, stamp.written_at_ms)?;
        // Another folder to work in is no other file.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Self { path, stamp, survey })
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.survey.rows
    }

    /// When the file was written, in milliseconds since 1970.
    ///
    /// Tiles that were kept from before would hide what is new: [`Options::max_age`](crate::Options::max_age) should not
    /// be longer than this is ago.
    pub fn written_at_ms(&self) -> i64 {
        self.stamp.written_at_ms
    }

    /// What tells it from other files and from other states of this one.
    fn to_json(&self) -> Value {
        json!({
            "path": self.path.to_string_lossy(),
            "bytes": self.stamp.bytes,
            "written_at_ms": self.stamp.written_at_ms,
            "rows": self.survey.rows,
        })
    }

    /// Its rows, once more.
    fn read(&self) -> Result<Rows> {
        let rows = source::rows(&self.path)?;
        if Stamp::of(&self.path)? != self.stamp {
            let what = format!("{} was written to while it was read", self.path.display());
            return Err(Error::query(what).with_hint(Hint::RunAgain));
        }
        Ok(rows)
    }
}

/// How an earlier result and the answers to a query become one.
#[derive(Debug)]
pub(super) struct Update {
    earlier: Earlier,
    fit: Fit,
    layer: Layer,
    /// From when on rows are looked up that the earlier result has; `None` when all are, or none has to be.
    since_ms: Option<i64>,
    /// Why all are.
    why_all: Option<String>,
}

impl Update {
    /// # Errors
    /// [`Error::InvalidQuery`] when the query has a limit, or the file holds rows of another layer or other columns.
    pub(super) fn new(earlier: Earlier, query: &Query, schema: &SchemaRef) -> Result<Self> {
        if query.limit().is_some() {
            return Err(Error::query("a result with a limit cannot be brought up to date")
                .with_hint("leave the limit out"));
        }
        let (layer, survey) = (query.layer(), &earlier.survey);
        let (content, layers) = survey.content();
        if !layers.contains(&layer) {
            return Err(Error::query(format!("it holds {content}, and not {layer}"))
                .with_hint(format!("name an earlier result of {layer}")));
        }
        let fit = Fit::new(survey, schema)?;
        let costs_more = match layer {
            Layer::Sequences => !query.is_cut(),
            Layer::Images | Layer::Points | Layer::Signs => !query.fetched_attributes().is_empty(),
        };
        let (since_ms, why_all) = match since(survey, layer, schema) {
            _ if !costs_more || survey.rows == 0 => (None, None),
            Ok(since_ms) => (Some(since_ms), None),
            Err(why) => (None, Some(why)),
        };
        Ok(Self { earlier, fit, layer, since_ms, why_all })
    }

    /// Why everything is looked up again.
    pub(super) fn why_all(&self) -> Option<&str> {
        self.why_all.as_deref()
    }

    /// What tells this update from others of the same plan.
    pub(super) fn to_json(&self) -> Value {
        self.earlier.to_json()
    }

    /// What needs no look-up, if anything does not.
    fn known(&self) -> Result<Option<Known>> {
        let read = |since_ms| Known::read(self.earlier.read()?, moment_of(self.layer), since_ms);
        self.since_ms.map(read).transpose()
    }
}

/// From when on an earlier result may be wrong, or why it may be anywhere.
fn since(survey: &Survey, layer: Layer, schema: &SchemaRef) -> Result<i64, String> {
    let lacks = |name: &&str| survey.schema.column_with_name(name).is_none();
    let lacking: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).filter(lacks).collect();
    if !lacking.is_empty() {
        return Err(format!("does not have {}", lacking.join(", ")));
    }
    let moment = moment_of(layer);
    match survey.newest_ms(moment) {
        Some(newest_ms) if schema.column_with_name(moment).is_some() => {
            Ok(newest_ms.saturating_sub(OVERLAP_MS))
        }
        _ => Err(format!("does not tell {moment}")),
    }
}
