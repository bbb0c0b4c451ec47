//! What a job gives.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use mly::sink::{self, Destination, Dialect, Losses};
use mly::{Error, Result};

/// Takes the rows of a table, batch by batch; at least one batch, which may be empty.
pub type TakeRows<'t> = dyn FnMut(RecordBatch) -> Result<()> + 't;

/// Rows in memory: columns as Arrow record batches of one schema, which may be read again.
#[derive(Clone, Debug)]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// A table of these batches, which all have the schema.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    /// A table of one batch.
    ///
    /// # Errors
    /// [`Error::Internal`] when the columns do not have the types of the schema.
    pub(crate) fn of_columns(schema: SchemaRef, columns: Vec<arrow_array::ArrayRef>) -> Result<Self> {
        let rows = RecordBatch::try_new(Arc::clone(&schema), columns)
            .map_err(|e| Error::internal("the columns of a job do not fit its schema").with_source(e))?;
        Ok(Self { schema, batches: vec![rows] })
    }

    /// The columns, with what the table is in their metadata.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The rows.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Writes all rows. Gives what the format cannot hold of them.
    ///
    /// # Errors
    /// [`Error::Output`] when they cannot be written, [`Error::InvalidQuery`] when the format is not for such rows.
    pub fn write(&self, dialect: impl Into<Dialect>, destination: Destination) -> Result<Losses> {
        let mut sink = sink::open(dialect, destination, &self.schema)?;
        let mut losses = Losses::default();
        for rows in &self.batches {
            sink.write(rows)?;
            losses.extend(sink.take_losses());
        }
        sink.finish()?;
        Ok(losses)
    }
}
