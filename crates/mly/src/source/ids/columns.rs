//! Ids of Arrow IPC streams and files.

use std::io::Read;

use arrow_array::ArrayRef;
use arrow_schema::Schema;

use super::collector::Collector;
use super::ids_column::IdsColumn;
use super::message::{Messages, broken};
use super::row::{Columns, Row};
use crate::error::{Error, Result};

/// Takes the rows of a file.
pub(super) fn read_file(input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    read(Messages::of_file(input)?, collector)
}

/// Takes the rows of a stream.
pub(super) fn read_stream(input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    read(Messages::of_stream(input)?, collector)
}

fn read<R: Read>(mut messages: Messages<R>, collector: &mut Collector<'_>) -> Result<()> {
    let ids = Projection::of(messages.schema())?;
    loop {
        let before = messages.rows;
        let Some(batch) = messages.rows(&ids.indexes)? else { return Ok(()) };
        if !ids.take(batch.columns(), batch.num_rows(), before, collector)? {
            return Err(broken("a column is of another type", before));
        }
    }
}

/// The columns that are read.
pub(super) struct Projection {
    /// Their indexes in the schema.
    pub(super) indexes: Vec<usize>,
    /// Where `id`, `image_id` and `map_feature_id` stand among the columns that are read.
    places: [Option<usize>; 3],
    names: Columns,
}

impl Projection {
    pub(super) fn of(schema: &Schema) -> Result<Self> {
        let (mut indexes, mut names) = (Vec::new(), Columns::default());
        schema.fields().iter().for_each(|field| names.insert(field.name()));
        let mut places = [None; 3];
        for (place, name) in places.iter_mut().zip(["id", "image_id", "map_feature_id"]) {
            let Some((index, field)) = schema.column_with_name(name) else { continue };
            if !IdsColumn::is_type(field.data_type()) {
                let what = format!("column {name} is of type {}", field.data_type());
                return Err(Error::query(what).with_hint("ids are whole numbers or text"));
            }
            *place = Some(indexes.len());
            indexes.push(index);
        }
        if places[0].is_none() {
            let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let hint = format!("the columns are: {}", names.join(", "));
            return Err(Error::query("there is no column id").with_hint(hint));
        }
        Ok(Self { indexes, places, names })
    }

    /// Takes rows of these columns, with as many `before` them; says no if a column is of another type than it was.
    pub(super) fn take(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        before: u64,
        collector: &mut Collector<'_>,
    ) -> Result<bool> {
        let columns: Option<Vec<_>> = columns.iter().map(IdsColumn::of).collect();
        let Some(columns) = columns else { return Ok(false) };
        for (count, row) in (before + 1..).zip(0..rows) {
            let text = |at: Option<usize>| columns.get(at?)?.text(row);
            let [id, image_id, map_feature_id] = self.places.map(text);
            let row = Row { id, image_id, map_feature_id, columns: self.names, is_lines: false };
            collector.take(row, &|| format!("row {count}"))?;
        }
        Ok(true)
    }
}
