//! Ids of formats with typed columns.

use std::io::Read;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Schema};

use super::collector::Collector;
use super::row::{ID_COLUMNS, IdRow, TellingNames};
use crate::error::{Error, Place, Result};
use crate::source::beginning::{Beginning, unreadable};
use crate::source::rows::{ArrowRows, open};

/// Takes the rows of Arrow, which is read as a stream.
pub(super) fn read_arrow(beginning: Beginning<'_>, collector: &mut Collector<'_>) -> Result<()> {
    let rows = ArrowRows::of(beginning, Some(&ID_COLUMNS))?;
    let columns = IdColumns::of(rows.schema())?;
    columns.take_all(rows, collector)
}

/// Takes the rows of a format that cannot be read as a stream. The input is copied to a temporary file first.
pub(super) fn read_spooled(mut input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    // This counts as an error of input although the machine is at fault, because no other kind fits: query and library
    // are right, and no output of the caller is involved.
    let mut file = tempfile::NamedTempFile::new().map_err(|e| {
        Error::input("there is no place for a temporary file")
            .with_hint("free some space, or name another folder in TMPDIR")
            .with_source(e)
    })?;
    std::io::copy(&mut input, &mut file).map_err(unreadable)?;
    let rows = open(file.path(), Some(&ID_COLUMNS))?;
    let columns = IdColumns::of(&rows.schema())?;
    columns.take_all(rows, collector)
}

/// The columns of ids, and the names of columns that show what the rows are.
struct IdColumns {
    /// Indexes of [`ID_COLUMNS`].
    indexes: [Option<usize>; 3],
    names: TellingNames,
}

impl IdColumns {
    /// # Errors
    /// When there is no column of ids, or one of those that are read is neither of whole numbers nor of text.
    fn of(schema: &Schema) -> Result<Self> {
        let mut names = TellingNames::default();
        schema.fields().iter().for_each(|field| names.insert(field.name()));
        let mut indexes = [None; 3];
        for (index, name) in indexes.iter_mut().zip(ID_COLUMNS) {
            let Some((at, field)) = schema.column_with_name(name) else { continue };
            match field.data_type() {
                DataType::Int64 | DataType::Utf8 => *index = Some(at),
                DataType::Null => {}
                other => {
                    let what = format!("column {name} is of type {other}");
                    return Err(Error::input(what).with_hint("ids are whole numbers or text"));
                }
            }
        }
        if indexes.iter().all(Option::is_none) {
            let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let hint = format!("the columns are: {}", names.join(", "));
            return Err(Error::input("there is no column id or image_id").with_hint(hint));
        }
        Ok(Self { indexes, names })
    }

    fn take_all(
        &self,
        batches: impl Iterator<Item = Result<RecordBatch>>,
        collector: &mut Collector<'_>,
    ) -> Result<()> {
        let mut number = 0;
        for batch in batches {
            let batch = batch?;
            let columns = self.indexes.map(|index| IdColumn::of(batch.column(index?)));
            for row in 0..batch.num_rows() {
                number += 1;
                let [id, image_id, map_feature_id] =
                    columns.each_ref().map(|column| column.as_ref()?.text(row));
                let row = IdRow { id, image_id, map_feature_id, names: self.names, is_lines: false };
                collector.take(row, Place::Row(number))?;
            }
        }
        Ok(())
    }
}

/// A column of ids.
enum IdColumn<'a> {
    Numbers(&'a Int64Array),
    Texts(&'a StringArray),
}

impl<'a> IdColumn<'a> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        let numbers = array.as_primitive_opt::<Int64Type>().map(Self::Numbers);
        numbers.or_else(|| array.as_string_opt().map(Self::Texts))
    }

    /// The id of a row, if it has one.
    fn text(&self, row: usize) -> Option<String> {
        match self {
            Self::Numbers(column) => column.is_valid(row).then(|| column.value(row).to_string()),
            Self::Texts(column) => column.is_valid(row).then(|| column.value(row).to_owned()),
        }
    }
}
