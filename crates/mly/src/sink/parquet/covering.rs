//! The column of bounding boxes, by whose statistics a reader of an area finds the row groups that it needs
//! (GeoParquet 1.1, "Bounding box columns").

use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, RecordBatch, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};

use crate::sink::bounds::Bounds;
use crate::sink::geo::SIDES;
use crate::sink::window::Sorted;

/// The column of boxes that is added to the columns of the rows.
pub(super) struct Covering {
    schema: SchemaRef,
    sides: Fields,
    name: String,
}

impl Covering {
    /// The column for the geometry at an index.
    pub(super) fn new(schema: &Schema, geometry: usize) -> Self {
        let mut name = "bbox".to_owned();
        while schema.column_with_name(&name).is_some() {
            name.push('_');
        }
        let sides: Fields = SIDES.map(|side| Field::new(side, DataType::Float32, false)).to_vec().into();
        // A row has a box exactly when it has a geometry.
        let nullable = schema.field(geometry).is_nullable();
        let field = Field::new(&name, DataType::Struct(sides.clone()), nullable);
        let fields = schema.fields().iter().cloned().chain([Arc::new(field)]);
        let schema = Schema::new_with_metadata(fields.collect::<Fields>(), schema.metadata().clone());
        Self { schema: Arc::new(schema), sides, name }
    }

    /// The columns of the rows, and the boxes.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The rows with the column of their boxes.
    pub(super) fn add(&self, sorted: &Sorted) -> Result<RecordBatch, ArrowError> {
        let bounds = sorted.bounds.iter();
        let nulls: NullBuffer = bounds.clone().map(Option::is_some).collect();
        let rounded: Vec<[f32; 4]> =
            bounds.map(|bounds| bounds.unwrap_or(Bounds::EMPTY).rounded_outward()).collect();
        let side = |at: usize| -> ArrayRef {
            Arc::new(
                rounded.iter().filter_map(|sides| sides.get(at).copied().map(Some)).collect::<Float32Array>(),
            )
        };
        let sides = (0..SIDES.len()).map(side).collect();
        let boxes = StructArray::try_new(self.sides.clone(), sides, Some(nulls))?;
        let mut columns = sorted.rows.columns().to_vec();
        columns.push(Arc::new(boxes));
        RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
    }
}
