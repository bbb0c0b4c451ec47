//! Results in memory, and changes as plain values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::Schema;
use mly::{ColumnKind, Wkb};
use mly_jobs::{Counts, Diff, Table};

pub(crate) const DAY_MS: i64 = 86_400_000;

/// Noon in UTC of a day of 2020 and later years, counted from 2020-01-01.
pub(crate) fn noon(day: i64) -> i64 {
    1_577_836_800_000 + day * DAY_MS + DAY_MS / 2
}

/// A place so many metres to the east and north of a corner of the demo town, within a millimetre.
pub(crate) fn place(east_m: f64, north_m: f64) -> [f64; 2] {
    // Metres of a degree at 52 degrees north, by the series of the Geospatial-Intelligence Agency.
    let lat = 52_f64.to_radians();
    let lat_m = 111_132.92 - 559.82 * (2.0 * lat).cos() + 1.175 * (4.0 * lat).cos();
    let lon_m = 111_412.84 * lat.cos() - 93.5 * (3.0 * lat).cos() + 0.118 * (5.0 * lat).cos();
    [9.0 + east_m / lon_m, 52.0 + north_m / lat_m]
}

/// A traffic sign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sign {
    pub(crate) id: i64,
    pub(crate) value: String,
    pub(crate) at: [f64; 2],
    pub(crate) last_ms: Option<i64>,
    pub(crate) facing: Option<f64>,
    pub(crate) crawled_ms: Option<i64>,
}

pub(crate) fn sign(id: i64, value: &str, at: [f64; 2], last_ms: i64) -> Sign {
    Sign { id, value: value.to_owned(), at, last_ms: Some(last_ms), facing: None, crawled_ms: None }
}

/// An image of a panorama camera that sees everything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) sequence: Option<String>,
    pub(crate) captured_ms: Option<i64>,
    pub(crate) at: [f64; 2],
    pub(crate) angle: Option<f64>,
    pub(crate) is_pano: Option<bool>,
    pub(crate) quality: Option<f64>,
}

pub(crate) fn pano(id: i64, sequence: &str, at: [f64; 2], captured_ms: i64) -> Image {
    Image {
        id,
        sequence: Some(sequence.to_owned()),
        captured_ms: Some(captured_ms),
        at,
        angle: None,
        is_pano: Some(true),
        quality: None,
    }
}

fn points<'a>(all: impl Iterator<Item = &'a [f64; 2]>) -> BinaryArray {
    all.map(|at| Some(Wkb::Point(*at).bytes())).collect()
}

fn times(all: impl Iterator<Item = Option<i64>>) -> TimestampMillisecondArray {
    all.collect::<TimestampMillisecondArray>().with_timezone("UTC")
}

/// Signs as a result.
pub(crate) fn signs(rows: &[Sign]) -> Table {
    let schema = Arc::new(Schema::new(vec![
        ColumnKind::Int.field("id", false),
        ColumnKind::Text.field("value", true),
        ColumnKind::Time.field("last_seen_at", true),
        ColumnKind::Float.field("aligned_direction", true),
        ColumnKind::Time.field("last_crawled_at", true),
        ColumnKind::Point.field("geometry", false),
    ]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(rows.iter().map(|row| Some(row.id)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| Some(row.value.clone())).collect::<StringArray>()),
            Arc::new(times(rows.iter().map(|row| row.last_ms))),
            Arc::new(rows.iter().map(|row| row.facing).collect::<Float64Array>()),
            Arc::new(times(rows.iter().map(|row| row.crawled_ms))),
            Arc::new(points(rows.iter().map(|row| &row.at))),
        ],
    );
    Table::new(schema, vec![batch.unwrap()])
}

/// Images as a result.
pub(crate) fn images(rows: &[Image]) -> Table {
    let schema = Arc::new(Schema::new(vec![
        ColumnKind::Int.field("id", false),
        ColumnKind::Text.field("sequence_id", true),
        ColumnKind::Time.field("captured_at", true),
        ColumnKind::Float.field("compass_angle", true),
        ColumnKind::Bool.field("is_pano", true),
        ColumnKind::Float.field("quality_score", true),
        ColumnKind::Point.field("geometry", false),
    ]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(rows.iter().map(|row| Some(row.id)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.sequence.clone()).collect::<StringArray>()),
            Arc::new(times(rows.iter().map(|row| row.captured_ms))),
            Arc::new(rows.iter().map(|row| row.angle).collect::<Float64Array>()),
            Arc::new(rows.iter().map(|row| row.is_pano).collect::<BooleanArray>()),
            Arc::new(rows.iter().map(|row| row.quality).collect::<Float64Array>()),
            Arc::new(points(rows.iter().map(|row| &row.at))),
        ],
    );
    Table::new(schema, vec![batch.unwrap()])
}

/// A row of the result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) change: String,
    pub(crate) id: String,
    pub(crate) old_id: Option<String>,
    pub(crate) moved_m: Option<f64>,
    pub(crate) by: Option<String>,
    pub(crate) looks: Option<i64>,
    pub(crate) look_sequences: Option<i64>,
    pub(crate) last_look: Option<i64>,
}

/// The rows of a result.
pub(crate) fn found(table: &Table) -> Vec<Found> {
    let of = |batch: &RecordBatch| -> Vec<Found> {
        let column = |name: &str| Arc::clone(batch.column_by_name(name).unwrap());
        let text = |name: &str, row: usize| -> Option<String> {
            let column = column(name);
            if column.is_null(row) {
                return None;
            }
            match column.as_string_opt::<i32>() {
                Some(texts) => Some(texts.value(row).to_owned()),
                None => Some(column.as_primitive::<Int64Type>().value(row).to_string()),
            }
        };
        let int = |name: &str, row: usize| text(name, row).map(|text| text.parse().unwrap());
        let row = |row: usize| Found {
            change: text("change", row).unwrap(),
            id: text("id", row).unwrap(),
            old_id: text("old_id", row),
            moved_m: {
                let column = column("moved_m");
                column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row))
            },
            by: text("match", row),
            looks: int("looks", row),
            look_sequences: int("look_sequences", row),
            last_look: {
                let column = column("last_look");
                column.is_valid(row).then(|| column.as_primitive::<TimestampMillisecondType>().value(row))
            },
        };
        (0..batch.num_rows()).map(row).collect()
    };
    table.batches().iter().flat_map(of).collect()
}

/// Runs a comparison.
pub(crate) fn run(diff: &Diff) -> (Vec<Found>, Counts) {
    let (table, counts) = diff.run().unwrap();
    let rows = found(&table);
    for change in mly_jobs::Change::ALL {
        let count = rows.iter().filter(|row| row.change == change.name()).count() as u64;
        if change != mly_jobs::Change::Same {
            assert_eq!(counts.of(change), count, "{change}");
        }
    }
    (rows, counts)
}

/// The class and the id of each row, `remade 2` or, of a row that has another id, `remade 2<1`.
pub(crate) fn changes(diff: &Diff) -> Vec<String> {
    let line = |row: Found| match row.old_id {
        Some(old) => format!("{} {}<{old}", row.change, row.id),
        None => format!("{} {}", row.change, row.id),
    };
    run(diff).0.into_iter().map(line).collect()
}
