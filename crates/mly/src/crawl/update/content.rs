//! Finds out what an earlier result holds. All rows are read for this, because formats such as CSV do not declare it.

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use super::fingerprint::Fingerprints;
use crate::api::values::{OBJECT_CATEGORIES, SIGN_CATEGORIES, category};
use crate::error::Result;
use crate::query::Layer;
use crate::source::Rows;

/// The columns that can hold the time by which a row counts as old or recent.
const MOMENTS: [&str; 2] = ["captured_at", "last_seen_at"];

/// The column with the time by which a row of a layer counts as old or recent.
pub(super) fn moment_of(layer: Layer) -> &'static str {
    match layer {
        Layer::Images | Layer::Sequences => "captured_at",
        Layer::Points | Layer::Signs => "last_seen_at",
    }
}

/// The contents of an earlier result.
#[derive(Debug)]
pub(super) struct EarlierContent {
    pub(super) schema: SchemaRef,
    pub(super) rows: u64,
    columns: Vec<ColumnContent>,
    newest_ms: [Option<i64>; 2],
    /// Whether any row is a traffic sign, and whether any is another object, judged by the column `value`.
    are_some: [bool; 2],
    /// By these, rows are recognised that are the same as before.
    pub(super) fingerprints: Fingerprints,
}

/// The contents of a column.
#[derive(Clone, Copy, Debug, Default)]
struct ColumnContent {
    has_values: bool,
    /// Number of the first row without a value, counted from 1.
    first_gap: Option<u64>,
    points: bool,
    lines: bool,
}

impl EarlierContent {
    /// Reads all rows of a file that was last written at this time.
    ///
    /// A row that is newer than its file comes from a camera with a wrong clock, and does not count as the newest.
    pub(super) fn of(rows: Rows, written_at_ms: i64) -> Result<Self> {
        let schema = rows.schema();
        let columns = vec![ColumnContent::default(); schema.fields().len()];
        let mut content = Self {
            schema,
            rows: 0,
            columns,
            newest_ms: [None; 2],
            are_some: [false; 2],
            fingerprints: Fingerprints::default(),
        };
        for batch in rows {
            content.add(&batch?, written_at_ms);
        }
        Ok(content)
    }

    fn add(&mut self, batch: &RecordBatch, written_at_ms: i64) {
        for (seen, column) in self.columns.iter_mut().zip(batch.columns()) {
            seen.add(column, self.rows);
        }
        for (newest_ms, name) in self.newest_ms.iter_mut().zip(MOMENTS) {
            let moments = batch
                .column_by_name(name)
                .and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
            let past = moments.into_iter().flatten().flatten().filter(|ms| *ms <= written_at_ms);
            *newest_ms = past.max().max(*newest_ms);
        }
        if let Some(values) = batch.column_by_name("value").and_then(|column| column.as_string_opt::<i32>()) {
            for (some, beginnings) in
                self.are_some.iter_mut().zip([&SIGN_CATEGORIES[..], &OBJECT_CATEGORIES[..]])
            {
                let begins = |value: &str| beginnings.contains(&category(value));
                *some = *some || values.iter().flatten().any(begins);
            }
        }
        self.fingerprints.add(batch);
        self.rows += batch.num_rows() as u64;
    }

    fn column(&self, name: &str) -> Option<ColumnContent> {
        let (at, _) = self.schema.column_with_name(name)?;
        self.columns.get(at).copied()
    }

    /// Whether a column exists and has a value in any row.
    pub(super) fn has(&self, name: &str) -> bool {
        self.column(name).is_some_and(|column| column.has_values)
    }

    /// The first row without a value in a column, counted from 1.
    pub(super) fn first_gap(&self, name: &str) -> Option<u64> {
        match self.column(name) {
            Some(column) => column.first_gap,
            None => (self.rows > 0).then_some(1),
        }
    }

    /// The latest time in a column, in milliseconds since 1970.
    pub(super) fn newest_ms(&self, name: &str) -> Option<i64> {
        MOMENTS.iter().position(|moment| *moment == name).and_then(|at| self.newest_ms.get(at).copied()?)
    }

    /// A guess what the rows are, in words for messages, and the layers that they can belong to.
    pub(super) fn kind(&self) -> (&'static str, &'static [Layer]) {
        let has_any = |names: &[&str]| names.iter().any(|name| self.has(name));
        let shapes = self.column("geometry").unwrap_or_default();
        match (shapes.points, shapes.lines) {
            _ if self.rows == 0 => ("nothing", &Layer::ALL),
            (false, false) => ("rows without a geometry", &[]),
            (true, true) => ("points and lines", &[]),
            (false, true) => ("sequences", &[Layer::Sequences]),
            _ if has_any(&["image_id"]) => ("detections", &[]),
            _ if self.are_some == [true, false] => ("signs", &[Layer::Signs]),
            _ if self.are_some == [false, true] => ("points", &[Layer::Points]),
            _ if has_any(&["value", "object_value", "first_seen_at", "last_seen_at"]) => {
                ("map features", &[Layer::Points, Layer::Signs])
            }
            _ if has_any(&["captured_at", "sequence_id", "compass_angle"]) => ("images", &[Layer::Images]),
            _ => ("rows of any kind", &[Layer::Images, Layer::Points, Layer::Signs]),
        }
    }
}

impl ColumnContent {
    fn add(&mut self, column: &ArrayRef, before: u64) {
        let gaps = column.null_count();
        self.has_values |= gaps < column.len();
        if gaps > 0 && self.first_gap.is_none() {
            let gap = (0..column.len()).position(|row| column.is_null(row));
            self.first_gap = gap.map(|row| before + 1 + row as u64);
        }
        if *column.data_type() == DataType::Binary {
            // WKB begins with one byte for the byte order. The type of the geometry follows, in little-endian with its
            // lowest byte first (OGC 06-103r4, "Well-known Binary Representation").
            let types = column.as_binary::<i32>().iter().flatten().filter_map(|wkb| wkb.get(1).copied());
            for kind in types {
                let is_point = kind == 1;
                self.points |= is_point;
                self.lines |= !is_point;
            }
        }
    }
}
