//! The table of changes.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, new_null_array,
};
use arrow_schema::{DataType, Field, Metadata, Schema, SchemaRef};
use arrow_select::interleave::interleave;
use mly::{ColumnKind, Error, Result, sink};

use super::fields::{cast, geometry, of_both};
use super::join::Pair;
use super::looks::Looks;
use super::pick::Picked;
use crate::columns::Id;
use crate::table::Table;

/// The columns that tell what has changed. Of the inputs, columns of these names are left out.
pub(super) const OWN: [&str; 7] =
    ["change", "old_id", "moved_m", "match", "looks", "look_sequences", "last_look"];

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// Rows with what is known of them, and the inputs that they are rows of.
pub(super) struct ChangeRows<'a> {
    /// In the order of the table.
    pub(super) pairs: &'a [Pair],
    /// The looks at each, if images were given.
    pub(super) looks: Option<&'a [Looks]>,
    pub(super) new: &'a Picked,
    pub(super) old: &'a Picked,
    /// Whether ids are texts.
    pub(super) has_text_ids: bool,
    /// What the rows are, for the description.
    pub(super) layer: &'a str,
}

impl ChangeRows<'_> {
    /// The table.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the two inputs have a column of one name whose values cannot be in one column.
    pub(super) fn table(&self) -> Result<Table> {
        let id_kind = if self.has_text_ids { ColumnKind::Text } else { ColumnKind::Int };
        let own = [
            ColumnKind::Text.field("change", false),
            id_kind.field("id", false),
            id_kind.field("old_id", true),
            ColumnKind::Float.field("moved_m", true),
            ColumnKind::Text.field("match", true),
            ColumnKind::Int.field("looks", true),
            ColumnKind::Int.field("look_sequences", true),
            ColumnKind::Time.field("last_look", true),
        ];
        let carried = of_both(&self.new.schema, &self.old.schema, &OWN)?;
        let last = geometry(&self.new.schema, &self.old.schema);
        let carried: Vec<Field> = carried.into_iter().chain([last]).collect();
        let all: Vec<Field> = own.iter().cloned().chain(carried.iter().cloned()).collect();
        // All columns are written, also where no row has a value, so that scripts find them.
        let names = all.iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(",");
        let named = [("mly:fields".to_owned(), names)];
        let schema = Arc::new(Schema::new(all).with_metadata(named.into_iter().collect::<Metadata>()));
        let text = format!("changes of {}", self.layer);
        let schema =
            sink::with_description(&schema, &text, "CC BY-SA 4.0", "Mapillary (https://www.mapillary.com)");
        let schema = sink::with_layer(&schema, "changes")?;
        let sources: Vec<Vec<ArrayRef>> = carried.iter().map(|field| self.sources(field)).collect();
        let mut batches = Vec::new();
        for begin in (0..self.pairs.len()).step_by(ROWS) {
            let end = self.pairs.len().min(begin + ROWS);
            batches.push(self.batch(&schema, &sources, begin..end)?);
        }
        Ok(Table::new(schema, batches))
    }

    fn batch(
        &self,
        schema: &SchemaRef,
        sources: &[Vec<ArrayRef>],
        rows: std::ops::Range<usize>,
    ) -> Result<RecordBatch> {
        let wrong = |e| Error::internal("the columns of a comparison do not fit its schema").with_source(e);
        let pairs = self.pairs.get(rows.clone()).unwrap_or_default();
        let looks = self.looks.and_then(|looks| looks.get(rows));
        let mut columns = self.own_columns(pairs, looks);
        // Where a row is: which of the sources, and its number there. The batches of the new input come first.
        let news = self.new.batches.len();
        let place = |pair: &Pair| match (&pair.new, &pair.old) {
            (Some(record), _) => self.new.place(record.row),
            (None, Some(record)) => self.old.place(record.row).map(|(batch, row)| (news + batch, row)),
            (None, None) => None,
        };
        let places = pairs.iter().map(place).collect::<Option<Vec<_>>>();
        let places = places.ok_or_else(|| Error::internal("a row of a comparison was not read"))?;
        for arrays in sources {
            let arrays: Vec<&dyn arrow_array::Array> = arrays.iter().map(AsRef::as_ref).collect();
            columns.push(interleave(&arrays, &places).map_err(wrong)?);
        }
        RecordBatch::try_new(Arc::clone(schema), columns).map_err(wrong)
    }

    /// The values of a column in all batches of the new input, and then of the old one.
    fn sources(&self, field: &Field) -> Vec<ArrayRef> {
        let of = |rows: &RecordBatch| match rows.column_by_name(field.name()) {
            Some(column) => cast(column, field.data_type()),
            None => new_null_array(field.data_type(), rows.num_rows()),
        };
        self.new.batches.iter().chain(&self.old.batches).map(of).collect()
    }

    fn own_columns(&self, pairs: &[Pair], looks: Option<&[Looks]>) -> Vec<ArrayRef> {
        let old_id =
            |pair: &Pair| pair.old.as_ref().map(|old| old.id.clone()).filter(|id| Some(id) != pair.id());
        let count = |number: Option<u64>| number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        let of_looks = |value: &dyn Fn(&Looks) -> Option<i64>| -> Vec<Option<i64>> {
            (0..pairs.len()).map(|row| looks.and_then(|looks| value(looks.get(row)?))).collect()
        };
        let last_look = of_looks(&|looks| looks.span_ms.map(|(_, last)| last));
        let zone = match ColumnKind::Time.field("last_look", true).data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        vec![
            Arc::new(pairs.iter().map(|pair| Some(pair.change.name())).collect::<StringArray>()),
            self.ids(pairs.iter().map(|pair| pair.id().cloned())),
            self.ids(pairs.iter().map(old_id)),
            Arc::new(pairs.iter().map(Pair::moved_m).collect::<Float64Array>()),
            Arc::new(pairs.iter().map(|pair| Some(pair.by?.name())).collect::<StringArray>()),
            Arc::new(Int64Array::from(of_looks(&|looks| count(Some(looks.images))))),
            Arc::new(Int64Array::from(of_looks(&|looks| count(Some(looks.sequences.into()))))),
            Arc::new(TimestampMillisecondArray::from(last_look).with_timezone_opt(zone)),
        ]
    }

    fn ids(&self, ids: impl Iterator<Item = Option<Id>>) -> ArrayRef {
        if self.has_text_ids {
            return Arc::new(ids.map(|id| id.map(|id| id.to_string())).collect::<StringArray>());
        }
        let number = |id: Option<Id>| match id {
            Some(Id::Number(number)) => Some(number),
            _ => None,
        };
        Arc::new(ids.map(number).collect::<Int64Array>())
    }
}
