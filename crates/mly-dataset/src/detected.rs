//! Reads the detections that were looked up.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, FixedSizeListArray, Int64Array, ListArray, RecordBatch, StringArray};
use mly::Result;

use crate::answers::read;
use crate::outline::PhotoRings;

/// An object that was recognised in an image.
#[derive(Debug)]
pub(crate) struct Detected {
    pub(crate) id: i64,
    /// Number of its value in [`Detections::values`].
    pub(crate) value: usize,
    /// In shares of the width and height.
    pub(crate) rings: PhotoRings,
}

/// What was recognised, by image.
#[derive(Debug, Default)]
pub(crate) struct Detections {
    /// Images without detections have an empty list.
    pub(crate) images: BTreeMap<i64, Vec<Detected>>,
    pub(crate) values: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Detections whose image is not known.
    pub(crate) without_image: u64,
    /// Detections without an outline or a value.
    pub(crate) unusable: u64,
    known: HashSet<i64>,
}

impl Detections {
    /// Reads files of answers. A detection that comes twice counts once.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when a file cannot be read.
    pub(crate) fn of_files<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Self> {
        let mut all = Self::default();
        for file in files {
            for batch in read(file)? {
                all.take(&batch?);
            }
        }
        // The order must not depend on that of the answers.
        all.images.values_mut().for_each(|detected| detected.sort_by_key(|detected| detected.id));
        Ok(all)
    }

    /// The values that occur.
    pub(crate) fn values(&self) -> BTreeSet<String> {
        self.values.iter().cloned().collect()
    }

    fn take(&mut self, batch: &RecordBatch) {
        let ints = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let (Some(ids), Some(image_ids)) = (ints("id"), ints("image_id")) else { return };
        let values = batch.column_by_name("value").and_then(|column| column.as_string_opt::<i32>());
        let outlines = batch.column_by_name("polygons").and_then(OutlineColumn::of);
        for row in 0..batch.num_rows() {
            self.take_row(row, (ids, image_ids), values, outlines.as_ref());
        }
    }

    fn take_row(
        &mut self,
        row: usize,
        (ids, image_ids): (&Int64Array, &Int64Array),
        values: Option<&StringArray>,
        outlines: Option<&OutlineColumn<'_>>,
    ) {
        let id = ids.is_valid(row).then(|| ids.value(row));
        if !image_ids.is_valid(row) {
            self.without_image += u64::from(id.is_some_and(|id| self.known.insert(id)));
            return;
        }
        let of_image = self.images.entry(image_ids.value(row)).or_default();
        // A row without the id of a detection tells that the image has none.
        let Some(id) = id.filter(|id| self.known.insert(*id)) else { return };
        let value = values.filter(|values| values.is_valid(row)).map(|values| values.value(row));
        let rings = outlines.and_then(|outlines| outlines.rings(row));
        let (Some(value), Some(rings)) = (value, rings) else {
            self.unusable += 1;
            return;
        };
        let value = if let Some(number) = self.numbers.get(value) {
            *number
        } else {
            self.numbers.insert(value.to_owned(), self.values.len());
            self.values.push(value.to_owned());
            self.values.len() - 1
        };
        of_image.push(Detected { id, value, rings });
    }
}

/// A column of rings.
struct OutlineColumn<'a> {
    rows: &'a ListArray,
    rings: &'a ListArray,
    positions: &'a FixedSizeListArray,
    numbers: &'a [f64],
}

impl<'a> OutlineColumn<'a> {
    fn of(column: &'a arrow_array::ArrayRef) -> Option<Self> {
        let rows: &ListArray = column.as_list_opt()?;
        let rings: &ListArray = rows.values().as_list_opt()?;
        let positions = rings.values().as_fixed_size_list_opt()?;
        let numbers = positions.values().as_primitive_opt::<Float64Type>()?;
        Some(Self { rows, rings, positions, numbers: numbers.values() })
    }

    /// The rings of a row, if it has an outline of finite numbers.
    fn rings(&self, row: usize) -> Option<PhotoRings> {
        if self.rows.is_null(row) {
            return None;
        }
        let ring = |ring: usize| {
            let positions = range(self.rings, ring);
            let is_whole = positions.clone().all(|at| self.positions.is_valid(at));
            let numbers = self.numbers.get(positions.start * 2..positions.end * 2)?;
            let (pairs, _) = numbers.as_chunks::<2>();
            (is_whole && numbers.iter().all(|n| n.is_finite())).then(|| pairs.to_vec())
        };
        let rings = range(self.rows, row).map(ring).collect::<Option<PhotoRings>>()?;
        rings.iter().any(|ring| ring.len() > 2).then_some(rings)
    }
}

/// Where the items of a list stand. Offsets of Arrow are never negative.
fn range(lists: &ListArray, at: usize) -> std::ops::Range<usize> {
    let offset = |at: usize| lists.value_offsets().get(at).map_or(0, |o| usize::try_from(*o).unwrap_or(0));
    offset(at)..offset(at + 1)
}
