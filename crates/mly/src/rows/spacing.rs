//! Keeps images of a sequence that are a distance apart.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;

use geographiclib_rs::{Geodesic, InverseGeodesic};

use crate::table::Wkb;

/// The columns by which images are put in order.
pub(crate) const ORDER_COLUMNS: [&str; 2] = ["sequence_id", "captured_at"];

/// Images of which each sequence keeps those that are far enough from the last one that it has kept, in order of
/// capture. All of them are held until the end, since any tile may show earlier images of a sequence.
#[derive(Debug)]
pub(crate) struct SpacedImages {
    metres: f64,
    /// The schema of the rows that are kept, which may lack the columns of the order.
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

/// An image of a sequence.
struct Stop {
    /// Images without a time come last.
    captured_ms: i64,
    id: i64,
    at: [f64; 2],
    batch: usize,
    row: usize,
}

impl SpacedImages {
    pub(crate) fn new(metres: f64, schema: &SchemaRef) -> Self {
        Self { metres, schema: SchemaRef::clone(schema), batches: Vec::new() }
    }

    /// Adds images that are not yet among these.
    pub(crate) fn add(&mut self, batch: RecordBatch) {
        self.batches.push(batch);
    }

    /// The rows that are kept, batch by batch as they were added. Images of no sequence are kept.
    pub(crate) fn kept(self) -> Result<Vec<RecordBatch>, ArrowError> {
        let mut keep: Vec<Vec<bool>> =
            self.batches.iter().map(|batch| vec![false; batch.num_rows()]).collect();
        let mut sequences: HashMap<&str, Vec<Stop>> = HashMap::new();
        for (number, batch) in self.batches.iter().enumerate() {
            let column = |name: &str| {
                batch.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))
            };
            let ids = column("id")?.as_primitive::<Int64Type>();
            let names = column("sequence_id")?.as_string::<i32>();
            let times = column("captured_at")?.as_primitive::<TimestampMillisecondType>();
            let points = column("geometry")?.as_binary::<i32>();
            for (row, keep) in keep[number].iter_mut().enumerate() {
                let at = points.is_valid(row).then(|| Wkb::read(points.value(row)));
                match (names.is_valid(row), at) {
                    (true, Some(Some(Wkb::Point(at)))) => {
                        let captured_ms = if times.is_valid(row) { times.value(row) } else { i64::MAX };
                        let stop = Stop { captured_ms, id: ids.value(row), at, batch: number, row };
                        sequences.entry(names.value(row)).or_default().push(stop);
                    }
                    _ => *keep = true,
                }
            }
        }
        let wgs84 = Geodesic::wgs84();
        let distance_m =
            |[lon, lat]: [f64; 2], to: [f64; 2]| -> f64 { wgs84.inverse(lat, lon, to[1], to[0]) };
        for stops in sequences.values_mut() {
            stops.sort_unstable_by_key(|stop| (stop.captured_ms, stop.id));
            let mut last: Option<[f64; 2]> = None;
            for stop in stops {
                if last.is_none_or(|last| distance_m(last, stop.at) >= self.metres) {
                    last = Some(stop.at);
                    keep[stop.batch][stop.row] = true;
                }
            }
        }
        let names: Vec<_> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let kept = self.batches.iter().zip(keep).map(|(batch, keep)| {
            let wanted = names.iter().map(|name| batch.schema_ref().index_of(name));
            let batch = batch.project(&wanted.collect::<Result<Vec<_>, _>>()?)?;
            let columns = filter_record_batch(&batch, &BooleanArray::from(keep))?.columns().to_vec();
            RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
        });
        kept.collect()
    }
}
