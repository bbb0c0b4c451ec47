//! Rows of an earlier result in the columns of a new one.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, Field, SchemaRef};

use super::content::EarlierContent;
use crate::error::{Error, Hint, Result};
use crate::table::JSON;

/// Where the columns of a result are in a file.
#[derive(Debug)]
pub(super) struct ColumnFit {
    schema: SchemaRef,
    /// `None` for a column that the file does not have.
    places: Vec<Option<usize>>,
}

impl ColumnFit {
    /// Brings the rows of a file to these columns, by name.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file has values for which the result has no column or one of another type, and
    /// [`Error::Input`] when a row has no id or no geometry.
    pub(super) fn new(content: &EarlierContent, schema: &SchemaRef) -> Result<Self> {
        for always in schema.fields().iter().filter(|field| !field.is_nullable()) {
            if let Some(row) = content.first_gap(always.name()) {
                return Err(Error::input(format!("its row {row} has no {}", always.name()))
                    .with_hint("name a file that mly wrote"));
            }
        }
        for found in content.schema.fields().iter().filter(|field| content.has(field.name())) {
            let name = found.name().escape_debug();
            match schema.field_with_name(found.name()) {
                Err(_) => {
                    let what = format!("it has a column {name}, which this result would not have");
                    return Err(Error::query(what).with_hint(fields_hint(content)));
                }
                Ok(wanted) if !is_alike(found, wanted) => {
                    let (found, wanted) = (found.data_type(), wanted.data_type());
                    let what = format!("its column {name} is of type {found}, and not of type {wanted}");
                    return Err(Error::query(what).with_hint("name a file that mly wrote"));
                }
                Ok(_) => {}
            }
        }
        // Whatever stays out has no values.
        let place = |wanted: &Arc<Field>| {
            let (place, _) = content.schema.column_with_name(wanted.name())?;
            content.has(wanted.name()).then_some(place)
        };
        Ok(Self { schema: Arc::clone(schema), places: schema.fields().iter().map(place).collect() })
    }

    /// The rows in the columns of the result.
    pub(super) fn rows(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let column = |(field, place): (&Arc<Field>, &Option<usize>)| -> ArrayRef {
            match place.and_then(|place| rows.columns().get(place)) {
                Some(column) => Arc::clone(column),
                None => new_null_array(field.data_type(), rows.num_rows()),
            }
        };
        let columns = self.schema.fields().iter().zip(&self.places).map(column).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// Whether a column can take the values of another one as they are.
fn is_alike(found: &Field, wanted: &Field) -> bool {
    let is_json = |field: &Field| field.metadata().get(JSON.0).is_some_and(|name| name == JSON.1);
    found.data_type() == wanted.data_type() && is_json(found) == is_json(wanted)
}

/// How to ask for all columns of a file.
fn fields_hint(content: &EarlierContent) -> Hint {
    let names = content.schema.fields().iter().map(|field| field.name().as_str());
    let names = names.filter(|name| !matches!(*name, "id" | "geometry") && content.has(name));
    Hint::SelectFields(names.map(str::to_owned).collect())
}
