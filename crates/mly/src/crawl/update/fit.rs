//! Brings the rows of an earlier result into the columns of the new one.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};

use super::content::EarlierContent;
use crate::error::{Error, Hint, Result};
use crate::query::{AREA_COLUMN, DISTANCE_COLUMN};
use crate::table::{JSON, LAST_CRAWLED, last_crawled};

/// Maps the columns of the new result to those of the earlier one.
#[derive(Debug)]
pub(super) struct ColumnFit {
    schema: SchemaRef,
    /// Index of each column in the earlier result; `None` if it does not have the column.
    places: Vec<Option<usize>>,
}

impl ColumnFit {
    /// Maps columns by their names.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the earlier result has values in a column that the new one does not have or has
    /// with another type, and [`Error::Input`] when a row has no id or no geometry.
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
                    return Err(Error::query(what).with_hint(column_hint(found.name(), content)));
                }
                Ok(wanted) if !is_alike(found, wanted) => {
                    let (found, wanted) = (found.data_type(), wanted.data_type());
                    let what = format!("its column {name} is of type {found}, and not of type {wanted}");
                    return Err(Error::query(what).with_hint("name a file that mly wrote"));
                }
                Ok(_) => {}
            }
        }
        // Columns without any value become nulls, since they may have another type: readers guess types by values.
        let place = |wanted: &Arc<Field>| {
            let (place, _) = content.schema.column_with_name(wanted.name())?;
            content.has(wanted.name()).then_some(place)
        };
        let places = schema.fields().iter().map(place).collect();
        // As the rows of the service, these say nothing of the question: its dates may be those of an earlier run.
        Ok(Self { schema: Arc::new(Schema::new(schema.fields().clone())), places })
    }

    /// The columns of the new result.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the column of marks, without values, to rows of the service.
    pub(super) fn unmarked(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let marks = new_null_array(last_crawled().data_type(), rows.num_rows());
        let mut columns = rows.columns().to_vec();
        columns.insert(columns.len().saturating_sub(1), marks);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    /// Brings a batch into the columns of the new result.
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

/// How to get a column of the earlier result: fields can be selected, other columns come from the question.
fn column_hint(column: &str, content: &EarlierContent) -> Hint {
    if matches!(column, AREA_COLUMN | DISTANCE_COLUMN) {
        return "ask as the earlier run did: with its area column, or for its nearest rows".into();
    }
    let names = content.schema.fields().iter().map(|field| field.name().as_str());
    let names = names.filter(|name| {
        !matches!(*name, "id" | "geometry" | LAST_CRAWLED | AREA_COLUMN | DISTANCE_COLUMN)
            && content.has(name)
    });
    Hint::SelectFields(names.map(str::to_owned).collect())
}
