//! Columns of rings: the outlines of detections.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float64Builder, ListBuilder};
use arrow_schema::{DataType, Field};

/// Rings of x and y.
pub(crate) type Rings = Vec<Vec<[f64; 2]>>;

pub(crate) type PositionBuilder = FixedSizeListBuilder<Float64Builder>;
pub(crate) type RingsBuilder = ListBuilder<ListBuilder<PositionBuilder>>;

/// A column of rings, of the type of `polygons` in detections.
pub(crate) fn rings_builder() -> RingsBuilder {
    let number = Arc::new(Field::new_list_field(DataType::Float64, false));
    let position = FixedSizeListBuilder::new(Float64Builder::new(), 2).with_field(number);
    ListBuilder::new(ListBuilder::new(position))
}

/// Adds the rings of a row.
pub(crate) fn append_rings(all: &mut RingsBuilder, rings: Option<Rings>) {
    let is_some = rings.is_some();
    for ring in rings.into_iter().flatten() {
        for position in ring {
            let positions: &mut PositionBuilder = all.values().values();
            positions.values().append_slice(&position);
            positions.append(true);
        }
        all.values().append(true);
    }
    all.append(is_some);
}
