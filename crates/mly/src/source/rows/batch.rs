//! Builds batches from rows.

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::column::{ColumnBuilder, FileValue};
use super::feed::{Feed, ROWS};
use crate::error::{Error, Place, Result};

/// A batch with more bytes than this ends early, which happens with long lines.
const BYTES: usize = 8 << 20;

/// Takes rows value by value and sends them batch by batch.
pub(super) struct BatchBuilder<'f> {
    feed: &'f mut Feed,
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    rows: usize,
    bytes: usize,
}

impl<'f> BatchBuilder<'f> {
    /// Sends the schema to the feed.
    ///
    /// # Errors
    /// When a column is of a type that results do not have, or the receiver is gone.
    pub(super) fn begin(feed: &'f mut Feed, schema: &SchemaRef) -> Result<Self> {
        let column = |field: &arrow_schema::FieldRef| {
            ColumnBuilder::of(field).ok_or_else(|| super::adapt::refusal(field.name(), field.data_type()))
        };
        let columns = schema.fields().iter().map(column).collect::<Result<_>>()?;
        feed.begin(schema)?;
        Ok(Self { feed, schema: SchemaRef::clone(schema), columns, rows: 0, bytes: 0 })
    }

    /// Adds a row, which has a value for each column.
    ///
    /// # Errors
    /// When a value does not fit into its column, with the `place` of the row.
    pub(super) fn row<'a>(
        &mut self,
        cells: impl IntoIterator<Item = FileValue<'a>>,
        place: Place,
    ) -> Result<()> {
        for ((column, cell), field) in self.columns.iter_mut().zip(cells).zip(self.schema.fields()) {
            self.bytes += column.append(&cell).map_err(|misfit| {
                Error::input(format!("column {}: {}", field.name().escape_debug(), misfit.0))
                    .with_place(place)
            })?;
        }
        self.rows += 1;
        if self.rows >= ROWS || self.bytes >= BYTES { self.flush() } else { Ok(()) }
    }

    /// Sends the last rows.
    ///
    /// # Errors
    /// When the receiver is gone, or a value is missing in a column that is not nullable.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.rows > 0 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let columns = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        let count = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let rows = RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), columns, &count)
            .map_err(|e| Error::input("the rows cannot be used").with_source(e))?;
        (self.rows, self.bytes) = (0, 0);
        self.feed.rows(&rows)
    }
}
