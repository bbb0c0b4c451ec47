//! Updates: brings an earlier result up to date with as few lookups as possible.
//!
//! All tiles are requested again, because a tile does not say what in it is new. If a row needs nothing but its tile,
//! the new row replaces the earlier one. If it needs lookups too, it is looked up only if the earlier result lacks it
//! or if it is recent; otherwise the earlier row is kept.
//!
//! Rows that the service no longer shows are kept too: a crawl cannot tell a deleted image from one that is missing in
//! its tile today. They are marked with the time at which the service last showed them.

mod content;
mod fingerprint;
mod fit;
mod held;
mod marks;
mod new_ids;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use arrow_schema::{Schema, SchemaRef};
use serde_json::{Value, json};

use self::content::{EarlierContent, moment_of};
use self::fit::ColumnFit;
use self::marks::CrawlMarks;
use super::known::KnownRows;
use crate::error::{Error, Hint, Result};
use crate::query::{Layer, Query};
use crate::source::{self, Rows};
use crate::table::{LAST_CRAWLED, last_crawled};

/// Rows count as recent from this time before the newest row of the earlier result, in milliseconds: 90 days.
///
/// Photos appear days to weeks after they were taken, and what the service derives from them even later (API v4,
/// "Limits, expiry, throttling"). So for this time the earlier result may be incomplete or wrong.
const OVERLAP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A file with an earlier result, to be brought up to date by [`Batches::updating`](crate::Batches::updating).
#[derive(Debug)]
pub struct Earlier {
    path: PathBuf,
    stamp: FileStamp,
    content: EarlierContent,
}

/// Size and modification time of a file, by which a change of the file is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    bytes: u64,
    written_at_ms: i64,
}

impl FileStamp {
    fn of(path: &Path) -> Result<Self> {
        let found = path.metadata().and_then(|found| Ok((found.len(), found.modified()?)));
        let (bytes, written_at) = found.map_err(|e| Error::input("it cannot be read").with_source(e))?;
        let since_1970 = written_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { bytes, written_at_ms: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX) })
    }
}

impl Earlier {
    /// Reads a result in any format that [`source::rows`](crate::source::rows) reads, batch by batch, to find out what
    /// it holds.
    ///
    /// # Errors
    /// [`Error::Input`] with the row or line when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let rows = source::rows(path)?;
        let stamp = FileStamp::of(path)?;
        let content = EarlierContent::of(rows, stamp.written_at_ms)?;
        // The journal compares paths, and a resumed run may start in another working directory.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Self { path, stamp, content })
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.content.rows
    }

    /// When the file was written, in milliseconds since 1970.
    ///
    /// Tiles that were cached before this time hide what is new since, so
    /// [`Options::max_age`](crate::Options::max_age) should not reach back further than this.
    pub fn written_at_ms(&self) -> i64 {
        self.stamp.written_at_ms
    }

    /// Identifies the file for the journal: an update with another file, or with this file after a change, cannot
    /// resume.
    fn to_json(&self) -> Value {
        json!({
            "path": self.path.to_string_lossy(),
            "bytes": self.stamp.bytes,
            "written_at_ms": self.stamp.written_at_ms,
            "rows": self.content.rows,
            // Earlier versions had no marks.
            "marks": LAST_CRAWLED,
        })
    }

    /// Reads the rows from the beginning.
    ///
    /// # Errors
    /// [`Error::Input`] when the file has changed since [`Earlier::open`], so that its contents are no longer known.
    fn read(&self) -> Result<Rows> {
        let rows = source::rows(&self.path)?;
        if FileStamp::of(&self.path)? != self.stamp {
            let what = format!("{} was written to while it was read", self.path.display());
            return Err(Error::input(what).with_hint(Hint::RunAgain));
        }
        Ok(rows)
    }
}

/// The columns of a result with that of the marks, before the geometry.
pub(super) fn with_marks(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<_> = schema.fields().iter().map(Arc::clone).collect();
    fields.insert(fields.len().saturating_sub(1), Arc::new(last_crawled()));
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// How the rows of a query are merged with an earlier result.
#[derive(Debug)]
pub(super) struct Update {
    earlier: Earlier,
    fit: ColumnFit,
    marks: CrawlMarks,
    layer: Layer,
    /// Rows from this time on are looked up although the earlier result has them; `None` if all rows are looked up, or
    /// if none has to be.
    since_ms: Option<i64>,
    /// Why all rows are looked up, if they are: the end of a sentence about the earlier result.
    full_refresh_reason: Option<String>,
}

impl Update {
    /// # Errors
    /// [`Error::InvalidQuery`] when the query has a limit, or the file holds rows of another layer or other columns.
    pub(super) fn new(earlier: Earlier, query: &Query, schema: &SchemaRef) -> Result<Self> {
        if query.limit().is_some() {
            return Err(
                Error::query("a result with a limit cannot be updated").with_hint("leave the limit out")
            );
        }
        if query.filters().spacing_m().is_some() {
            return Err(Error::query("a result with a spacing cannot be updated")
                .with_hint("new images change which ones are far enough apart: ask for all of them again"));
        }
        if query.nearest().is_some() {
            return Err(Error::query("the nearest rows of points cannot be updated")
                .with_hint("ask for all rows within the buffer, or for the nearest ones anew"));
        }
        let (layer, content) = (query.layer(), &earlier.content);
        let (rows_are, layers) = content.kind();
        if !layers.contains(&layer) {
            return Err(Error::query(format!("it holds {rows_are}, and not {layer}"))
                .with_hint(format!("name an earlier result of {layer}")));
        }
        let fit = ColumnFit::new(content, schema)?;
        let marks = CrawlMarks::new(query, &content.schema, earlier.written_at_ms());
        let costs_more = match layer {
            Layer::Sequences => !query.is_cut(),
            Layer::Images | Layer::Points | Layer::Signs => !query.fetched_attributes().is_empty(),
        };
        let (since_ms, full_refresh_reason) = match since(content, layer, schema) {
            _ if !costs_more || content.rows == 0 => (None, None),
            Ok(since_ms) => (Some(since_ms), None),
            Err(why) => (None, Some(why)),
        };
        Ok(Self { earlier, fit, marks, layer, since_ms, full_refresh_reason })
    }

    /// Takes another query, which differs in its dates only.
    pub(super) fn ask(&mut self, query: &Query) {
        let earlier = &self.earlier;
        self.marks = CrawlMarks::new(query, &earlier.content.schema, earlier.written_at_ms());
    }

    /// Why all rows are looked up again, if they are.
    pub(super) fn full_refresh_reason(&self) -> Option<&str> {
        self.full_refresh_reason.as_deref()
    }

    /// Identifies the update for the journal, among updates of the same plan.
    pub(super) fn to_json(&self) -> Value {
        self.earlier.to_json()
    }

    /// Reads the ids of earlier rows that need no lookup; `None` if there can be none.
    fn known(&self) -> Result<Option<KnownRows>> {
        let read = |since_ms| KnownRows::read(self.earlier.read()?, moment_of(self.layer), since_ms);
        self.since_ms.map(read).transpose()
    }
}

/// The time from which on an earlier result may be incomplete or wrong. The error says why it cannot be found out, so
/// that all rows have to be looked up.
fn since(content: &EarlierContent, layer: Layer, schema: &SchemaRef) -> Result<i64, String> {
    let lacks = |name: &&str| *name != LAST_CRAWLED && content.schema.column_with_name(name).is_none();
    let lacking: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).filter(lacks).collect();
    if !lacking.is_empty() {
        return Err(format!("does not have {}", lacking.join(", ")));
    }
    let moment = moment_of(layer);
    match content.newest_ms(moment) {
        Some(newest_ms) if schema.column_with_name(moment).is_some() => {
            Ok(newest_ms.saturating_sub(OVERLAP_MS))
        }
        _ => Err(format!("does not tell {moment}")),
    }
}
