//! Maps the columns of an Arrow or Parquet file to columns of results.

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::cast::{CastLoss, cast};
use super::geo::{GEOMETRY_NAME, GeometryColumn, GeometryColumns};
use super::shape::{self, GeometryKind};
use crate::crs::Crs;
use crate::error::{Error, Place, Result};
use crate::table::{About, ColumnKind, field, with_pairs};

/// Which columns of a file are read, and what they become.
pub(super) struct ColumnMapping {
    schema: SchemaRef,
    /// The reference system of each column, if it is one of geometries.
    crs: Vec<Crs>,
    /// Which columns of the file are read.
    pub(super) indexes: Vec<usize>,
}

/// Why a column is not read.
pub(super) fn refusal(name: &str, data_type: &DataType) -> Error {
    let what = format!("column {} is of type {data_type}, which results do not have", name.escape_debug());
    Error::input(what).with_hint("leave it out, or make it numbers, text or lists of floats")
}

impl ColumnMapping {
    /// Maps the columns of a file. If `only` some are wanted, the others become columns of type Null: their values are
    /// not read, but their names are needed to recognise the kind of the rows.
    ///
    /// # Errors
    /// When a column cannot be one of ours, with its name and type.
    pub(super) fn new(schema: &Schema, geometries: &GeometryColumns, only: Option<&[&str]>) -> Result<Self> {
        let (mut fields, mut crs, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
        for (at, field) in schema.fields().iter().enumerate() {
            let is_covering = geometries.covering.as_ref() == Some(field.name());
            let is_read = only.is_none_or(|names| names.contains(&field.name().as_str()));
            if !is_read {
                fields.push(Field::new(field.name(), DataType::Null, true));
                crs.push(Crs::default());
                continue;
            }
            // Left out: boxes, which a sink computes again from the geometries, and columns of type Null, which have no
            // values.
            if is_covering || *field.data_type() == DataType::Null {
                continue;
            }
            let ours = ours(field, geometries).ok_or_else(|| refusal(field.name(), field.data_type()))?;
            fields.push(if geometries.is_renamed(field.name(), schema) {
                ours.with_name(GEOMETRY_NAME)
            } else {
                ours
            });
            crs.push(geometries.column(field.name()).map(|column| column.crs).unwrap_or_default());
            indexes.push(at);
        }
        let about = About::of(schema).pairs().into_iter();
        let about = about.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Ok(Self { schema: with_pairs(&super::declared::schema(fields)?, about), crs, indexes })
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Converts rows that have been read, with the columns at [`ColumnMapping::indexes`].
    ///
    /// # Errors
    /// When a value cannot be kept, with its column and the number of the row, counted from `before`.
    pub(super) fn rows(&self, columns: &[ArrayRef], rows: usize, before: u64) -> Result<RecordBatch> {
        let cast = |field: &Field, array: &ArrayRef, crs: Crs| {
            cast(field, array, crs).map_err(|CastLoss { row, what, hint }| {
                let place = row.map_or(Place::AfterRow(before), |row| Place::Row(before + 1 + row as u64));
                let what = format!("column {}: {what}", field.name().escape_debug());
                let error = Error::input(what).with_place(place);
                match hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            })
        };
        let mut read = columns.iter();
        let columns =
            self.schema.fields().iter().zip(&self.crs).map(|(field, crs)| match field.data_type() {
                DataType::Null => Ok(new_null_array(&DataType::Null, rows)),
                _ => match read.next() {
                    Some(array) => cast(field, array, *crs),
                    None => Err(Error::internal("a column was not read")),
                },
            });
        let columns = columns.collect::<Result<_>>()?;
        let count = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(SchemaRef::clone(&self.schema), columns, &count).map_err(|e| {
            Error::input("the rows cannot be used").with_place(Place::AfterRow(before)).with_source(e)
        })
    }
}

/// The column of a result that a column of a file becomes; `None` for a type that results do not have.
fn ours(found: &Field, geometries: &GeometryColumns) -> Option<Field> {
    let (name, nullable) = (found.name(), found.is_nullable());
    let data_type = match found.data_type() {
        DataType::Dictionary(_, values) => values,
        plain => plain,
    };
    let kind = match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            return match geometries.column(name) {
                // The metadata of a column that is converted would name its old reference system.
                Some(GeometryColumn { crs: Crs::Degrees, .. })
                    if GeometryKind::of(found).is_some() && *found.data_type() == DataType::Binary =>
                {
                    Some(found.clone())
                }
                Some(column) => Some(shape::column(name, column.kind, nullable)),
                None => None,
            };
        }
        list @ (DataType::List(_) | DataType::FixedSizeList(..)) if is_numbers(list) => {
            let is_list = matches!(list, DataType::List(_));
            return is_list.then(|| found.clone());
        }
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => ColumnKind::Int,
        DataType::Float32 | DataType::Float64 => ColumnKind::Float,
        DataType::Boolean => ColumnKind::Bool,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnKind::Text,
        DataType::Timestamp(..) => ColumnKind::Time,
        _ => return None,
    };
    Some(field(name, kind, nullable).with_metadata(found.metadata().clone()))
}

/// Whether it is the type of floats, of lists of them, of lists of those, and so on.
fn is_numbers(data_type: &DataType) -> bool {
    match data_type {
        DataType::Float64 => true,
        DataType::List(item) | DataType::FixedSizeList(item, _) => is_numbers(item.data_type()),
        _ => false,
    }
}
