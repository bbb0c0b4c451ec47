//! Fills the columns of a table row by row.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use mly::sink::{with_description, with_layer};
use mly::{ColumnKind, Error, Result, Wkb};

use crate::metric::Position;

/// Key of the metadata by which all columns are written, also those without any value.
const NAMED_COLUMNS: &str = "mly:fields";

/// A column while it is filled.
enum Cells {
    Text(StringBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
    Lines(BinaryBuilder),
}

/// A value of a column.
pub(super) enum Cell<'a> {
    Text(Option<&'a str>),
    Int(Option<i64>),
    Float(Option<f64>),
    Bool(bool),
    Time(Option<i64>),
    Line(Vec<Position>),
}

/// What a table is, and under which licence.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) text: &'a str,
    pub(super) license: &'a str,
    pub(super) attribution: &'a str,
}

/// A table while it is filled.
pub(super) struct TableBuilder {
    schema: SchemaRef,
    columns: Vec<Cells>,
}

impl TableBuilder {
    pub(super) fn new(layer: &str, about: &About<'_>, columns: &[(&str, ColumnKind)]) -> Result<Self> {
        let fields: Vec<_> = columns.iter().map(|(name, kind)| kind.field(name, true)).collect();
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let schema = Schema::new(fields).with_metadata(HashMap::from([(NAMED_COLUMNS.to_owned(), names)]));
        let schema = with_layer(
            &with_description(&Arc::new(schema), about.text, about.license, about.attribution),
            layer,
        )?;
        let columns = columns.iter().map(|(_, kind)| match kind {
            ColumnKind::Text => Cells::Text(StringBuilder::new()),
            ColumnKind::Float => Cells::Float(Float64Builder::new()),
            ColumnKind::Bool => Cells::Bool(BooleanBuilder::new()),
            ColumnKind::Time => Cells::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            ColumnKind::Lines => Cells::Lines(BinaryBuilder::new()),
            _ => Cells::Int(Int64Builder::new()),
        });
        Ok(Self { columns: columns.collect(), schema })
    }

    /// Adds a row, whose values have the types of the columns.
    pub(super) fn row(&mut self, cells: Vec<Cell<'_>>) -> Result<()> {
        if cells.len() != self.columns.len() {
            return Err(Error::internal("a row has another number of values than there are columns"));
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match (column, cell) {
                (Cells::Text(column), Cell::Text(text)) => column.append_option(text),
                (Cells::Int(column), Cell::Int(number)) => column.append_option(number),
                (Cells::Float(column), Cell::Float(number)) => column.append_option(number),
                (Cells::Bool(column), Cell::Bool(flag)) => column.append_value(flag),
                (Cells::Time(column), Cell::Time(time)) => column.append_option(time),
                (Cells::Lines(column), Cell::Line(line)) => {
                    column.append_value(Wkb::Lines(vec![line]).bytes());
                }
                _ => return Err(Error::internal("a value has another type than its column")),
            }
        }
        Ok(())
    }

    /// The rows since the last call.
    pub(super) fn take(&mut self) -> Result<RecordBatch> {
        let columns = self.columns.iter_mut().map(|column| -> ArrayRef {
            match column {
                Cells::Text(column) => Arc::new(column.finish()),
                Cells::Int(column) => Arc::new(column.finish()),
                Cells::Float(column) => Arc::new(column.finish()),
                Cells::Bool(column) => Arc::new(column.finish()),
                Cells::Time(column) => Arc::new(column.finish()),
                Cells::Lines(column) => Arc::new(column.finish()),
            }
        });
        let columns = columns.collect();
        RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
            .map_err(|e| Error::internal("the columns of a job do not fit its schema").with_source(e))
    }
}
