//! Rows of Arrow IPC streams and files.

mod message;

use std::io::Read;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use self::message::{Messages, broken};
use super::adapt::ColumnMapping;
use super::feed::Feed;
use super::geo::{GEO, GeometryColumns};
use crate::error::Result;
use crate::source::beginning::{Beginning, Form};

/// Reads the rows of a file.
pub(super) fn read(input: impl Read, only: Option<&[&str]>, feed: &mut Feed) -> Result<()> {
    let mut rows = ArrowRows::of(Beginning::of(input)?, only)?;
    feed.begin(rows.schema())?;
    rows.try_for_each(|rows| feed.rows(&rows?))
}

/// The batches of a stream or a file. Callers must stop at the first error, because what follows is undefined.
pub(in crate::source) struct ArrowRows<'r> {
    messages: Messages<std::io::BufReader<Box<dyn Read + 'r>>>,
    adapted: ColumnMapping,
}

impl<'r> ArrowRows<'r> {
    /// Begins to read; `only` these columns, if they are given (see [`ColumnMapping::new`]).
    pub(in crate::source) fn of(
        Beginning { form, input }: Beginning<'r>,
        only: Option<&[&str]>,
    ) -> Result<Self> {
        let messages = match form {
            Form::ArrowFile => Messages::of_file(input)?,
            _ => Messages::of_stream(input)?,
        };
        let schema = messages.schema();
        let geo = schema.metadata().get(GEO).map(String::as_str);
        let geometries = GeometryColumns::of(geo, schema, |_| None)?;
        let adapted = ColumnMapping::new(schema, &geometries, only)?;
        Ok(Self { messages, adapted })
    }

    pub(in crate::source) fn schema(&self) -> &SchemaRef {
        self.adapted.schema()
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let before = self.messages.rows;
        match self.messages.rows(&self.adapted.indexes)? {
            Some(rows) => self.adapted.rows(rows.columns(), rows.num_rows(), before).map(Some),
            None if self.messages.is_complete => Ok(None),
            None => Err(broken("it ends too early", before)),
        }
    }
}

impl Iterator for ArrowRows<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}
