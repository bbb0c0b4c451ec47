//! Batches of detections in pixels, row by row.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, FixedSizeListArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Schema};

use super::outline::CocoOutline;
use crate::error::{Error, Result};

/// Columns of whole numbers.
const INTS: [&str; 4] = ["id", "image_id", "image_width", "image_height"];

/// Refuses rows that are not detections in pixels.
///
/// # Errors
/// [`Error::InvalidQuery`] with the column that is not there, or is of another type.
pub(super) fn check(schema: &Schema) -> Result<()> {
    let found = |name: &str, fits: fn(&DataType) -> bool| match schema.field_with_name(name) {
        Ok(field) if fits(field.data_type()) => Ok(()),
        Ok(field) => Err(format!("column {name} is of type {}", field.data_type())),
        Err(_) => Err(format!("there is no column {name}")),
    };
    let ints = INTS.iter().try_for_each(|name| found(name, |t| *t == DataType::Int64));
    let checked = ints
        .and_then(|()| found("value", |t| *t == DataType::Utf8))
        .and_then(|()| found("polygons", is_polygons))
        .and_then(|()| match schema.field_with_name("sequence_id") {
            Ok(_) => found("sequence_id", |t| *t == DataType::Utf8),
            Err(_) => Ok(()),
        });
    checked.map_err(|what| {
        Error::query(format!("these rows cannot be written as coco: {what}"))
            .with_hint("coco is for detections in pixels; other formats take any rows")
    })
}

/// Whether it is the type of lists of rings of positions.
fn is_polygons(polygons: &DataType) -> bool {
    let item = |list: &DataType| match list {
        DataType::List(item) => Some(item.data_type().clone()),
        _ => None,
    };
    matches!(
        item(polygons).as_ref().and_then(item),
        Some(DataType::FixedSizeList(number, 2)) if *number.data_type() == DataType::Float64
    )
}

/// The columns that annotations are made of.
pub(super) struct AnnotationColumns<'a> {
    ints: [&'a Int64Array; INTS.len()],
    value: &'a StringArray,
    sequence_id: Option<&'a StringArray>,
    polygons: &'a ListArray,
    rings: &'a ListArray,
    positions: &'a FixedSizeListArray,
    numbers: &'a Float64Array,
}

/// An image that detections were looked for in.
pub(super) struct DetectionImage<'a> {
    pub(super) id: i64,
    /// In pixels, at least 1.
    pub(super) width: i64,
    /// In pixels, at least 1.
    pub(super) height: i64,
    pub(super) sequence_id: Option<&'a str>,
}

/// A detection that can be an annotation.
pub(super) struct Detection<'a> {
    pub(super) id: i64,
    pub(super) image_id: i64,
    pub(super) value: &'a str,
    pub(super) outline: CocoOutline,
}

impl<'a> AnnotationColumns<'a> {
    /// The columns of a batch whose schema has been checked, or what is wrong with them.
    pub(super) fn of(batch: &'a RecordBatch) -> Result<Self, String> {
        check(batch.schema_ref()).map_err(|e| e.to_string())?;
        let column =
            |name: &str| batch.column_by_name(name).ok_or_else(|| format!("there is no column {name}"));
        let [id, image_id, width, height] =
            INTS.map(|name| column(name).map(AsArray::as_primitive::<Int64Type>));
        let polygons = column("polygons")?.as_list::<i32>();
        let rings = polygons.values().as_list::<i32>();
        let positions = rings.values().as_fixed_size_list();
        Ok(Self {
            ints: [id?, image_id?, width?, height?],
            value: column("value")?.as_string(),
            sequence_id: batch.column_by_name("sequence_id").map(AsArray::as_string),
            polygons,
            rings,
            positions,
            numbers: positions.values().as_primitive::<Float64Type>(),
        })
    }

    fn int(&self, column: usize, row: usize) -> Option<i64> {
        let column = self.ints[column];
        column.is_valid(row).then(|| column.value(row))
    }

    /// The image of a row, if its size is known.
    pub(super) fn image(&self, row: usize) -> Option<DetectionImage<'a>> {
        let size = |column: usize| self.int(column, row).filter(|pixels| *pixels > 0);
        Some(DetectionImage {
            id: self.int(1, row)?,
            width: size(2)?,
            height: size(3)?,
            sequence_id: self.sequence_id.filter(|ids| ids.is_valid(row)).map(|ids| ids.value(row)),
        })
    }

    /// The detection of a row; `None` for a row that only tells an image.
    ///
    /// # Errors
    /// Why the detection cannot be an annotation.
    pub(super) fn detection(&self, row: usize) -> Result<Option<Detection<'a>>, &'static str> {
        let Some(id) = self.int(0, row) else { return Ok(None) };
        let image_id = self.int(1, row).ok_or("its image is not named")?;
        self.image(row).ok_or("the size of its image is not known")?;
        if self.value.is_null(row) {
            return Err("it has no value");
        }
        if self.polygons.is_null(row) {
            return Err("it has no outline");
        }
        let rings = range(self.polygons, row).map(|ring| self.ring(ring)).collect::<Option<Vec<_>>>();
        let rings = rings.ok_or("its outline has a position that is no position")?;
        let outline = CocoOutline::of(&rings).ok_or("its outline encloses nothing")?;
        Ok(Some(Detection { id, image_id, value: self.value.value(row), outline }))
    }

    /// The positions of a ring, if all of them are there.
    fn ring(&self, ring: usize) -> Option<&'a [[f64; 2]]> {
        let positions = range(self.rings, ring);
        let is_whole = self.rings.is_valid(ring)
            && positions.clone().all(|at| self.positions.is_valid(at))
            && (positions.start * 2..positions.end * 2).all(|at| self.numbers.is_valid(at));
        let numbers: &[f64] = self.numbers.values().get(positions.start * 2..positions.end * 2)?;
        let (pairs, _) = numbers.as_chunks();
        (is_whole && numbers.iter().all(|n| n.is_finite())).then_some(pairs)
    }
}

/// Where the items of a list stand. Offsets of Arrow are never negative.
fn range(lists: &ListArray, at: usize) -> std::ops::Range<usize> {
    let offset = |at: usize| lists.value_offsets().get(at).map_or(0, |o| usize::try_from(*o).unwrap_or(0));
    offset(at)..offset(at + 1)
}
