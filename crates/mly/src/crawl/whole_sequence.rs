//! A sequence with its final line: packed into bytes for the journal, and as a row of the result.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, TimestampMillisecondArray, UInt32Array};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::take::take_record_batch;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::table::UTC;

/// A sequence of the result with its final line.
pub(super) struct WholeSequence {
    /// Its row in the attributes.
    pub(super) row: u32,
    pub(super) wkb: Vec<u8>,
    /// Its first image, if the attributes from the tiles do not name it.
    pub(super) first: Option<FirstImage>,
}

#[derive(Clone, Copy)]
pub(super) struct FirstImage {
    pub(super) image_id: Option<i64>,
    pub(super) captured_at_ms: Option<i64>,
}

/// The head of a packed sequence: JSON, followed by a line feed and the WKB of the line.
#[derive(Serialize, Deserialize)]
struct PackedHead {
    row: u32,
    /// Whether the sequence is in the result; otherwise its line turned out to be outside the area.
    is_wanted: bool,
    /// Id and time of its first image.
    first: Option<(Option<i64>, Option<i64>)>,
}

impl WholeSequence {
    /// Packs the outcome for a row: a completed sequence, or `None` if its line turned out to be outside the area.
    pub(super) fn pack(row: u32, sequence: Option<&Self>) -> Result<Vec<u8>> {
        let first = sequence.and_then(|sequence| sequence.first);
        let head = PackedHead {
            row,
            is_wanted: sequence.is_some(),
            first: first.map(|first| (first.image_id, first.captured_at_ms)),
        };
        let head = serde_json::to_vec(&head);
        let mut bytes = head.map_err(|e| Error::internal("a sequence cannot be packed").with_source(e))?;
        bytes.push(b'\n');
        bytes.extend(sequence.iter().flat_map(|sequence| &sequence.wkb));
        Ok(bytes)
    }

    /// Reads the row and the outcome that [`WholeSequence::pack`] has packed.
    pub(super) fn unpack(bytes: &[u8]) -> Result<(u32, Option<Self>)> {
        let broken = || Error::internal("a packed sequence cannot be read");
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let (head, wkb) = bytes.split_at(end);
        let head: PackedHead = serde_json::from_slice(head).map_err(|e| broken().with_source(e))?;
        let wkb = wkb.iter().skip(1).copied().collect();
        let first = head.first.map(|(image_id, captured_at_ms)| FirstImage { image_id, captured_at_ms });
        Ok((head.row, head.is_wanted.then_some(Self { row: head.row, wkb, first })))
    }
}

/// The rows of some sequences: their attributes, with the first image replaced where it was found by lookups, the columns
/// that come from the area, and their lines.
pub(super) fn batch(
    schema: &SchemaRef,
    attributes: &RecordBatch,
    sequences: &[WholeSequence],
    of_area: Vec<ArrayRef>,
) -> Result<RecordBatch, ArrowError> {
    let rows: UInt32Array = sequences.iter().map(|s| Some(s.row)).collect();
    let mut columns = take_record_batch(attributes, &rows)?.columns().to_vec();
    for (column, field) in columns.iter_mut().zip(schema.fields()) {
        let replaced: Option<ArrayRef> = match field.name().as_str() {
            "image_id" => {
                let values = column.as_primitive::<Int64Type>().iter().zip(sequences);
                let value =
                    |(old, s): (Option<i64>, &WholeSequence)| s.first.and_then(|f| f.image_id).or(old);
                Some(Arc::new(values.map(value).collect::<Int64Array>()))
            }
            "captured_at" => {
                let values = column.as_primitive::<TimestampMillisecondType>().iter().zip(sequences);
                let value =
                    |(old, s): (Option<i64>, &WholeSequence)| s.first.and_then(|f| f.captured_at_ms).or(old);
                let times: TimestampMillisecondArray = values.map(value).collect();
                Some(Arc::new(times.with_timezone(UTC)))
            }
            _ => None,
        };
        if let Some(replaced) = replaced {
            *column = replaced;
        }
    }
    columns.extend(of_area);
    columns.push(Arc::new(sequences.iter().map(|s| Some(s.wkb.as_slice())).collect::<BinaryArray>()));
    RecordBatch::try_new(Arc::clone(schema), columns)
}
