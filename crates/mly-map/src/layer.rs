//! The rows of one layer of the page.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::column::{PageColumn, ValueForm};
use crate::data::cell_json;
use crate::error::{MapError, Result};
use crate::json::{append_key, append_list, append_member};
use crate::shape::Shapes;

/// Name of the column that is drawn.
const GEOMETRY: &str = "geometry";

/// Arrow's name for columns of JSON, and the key that it stands under.
const EXTENSION: &str = "ARROW:extension:name";
const JSON: &str = "arrow.json";

/// One layer: a name, its columns, and its geometries.
#[derive(Debug)]
pub(crate) struct PageLayer {
    name: String,
    /// A column for each field of the schema, but for the geometry.
    columns: Vec<Option<PageColumn>>,
    shapes: Shapes,
    rows: u64,
}

impl PageLayer {
    /// A layer of rows of this schema.
    ///
    /// # Errors
    /// When a column is of a type that is not shown.
    pub(crate) fn new(name: &str, schema: &Schema) -> Result<Self> {
        let column = |field: &std::sync::Arc<Field>| {
            if field.name() == GEOMETRY && is_binary(field.data_type()) {
                return Ok(None);
            }
            let form = form_of(field).ok_or_else(|| MapError::Layer {
                layer: name.to_owned(),
                what: format!(
                    "the column `{}` is of type {}, which no map shows",
                    field.name(),
                    field.data_type()
                ),
            })?;
            Ok(Some(PageColumn::new(field.name(), form)))
        };
        let columns = schema.fields().iter().map(column).collect::<Result<_>>()?;
        Ok(Self { name: name.to_owned(), columns, shapes: Shapes::default(), rows: 0 })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// How many rows have a place on the map.
    pub(crate) fn placed(&self) -> u64 {
        self.shapes.placed() as u64
    }

    /// Bytes in the page, nearly.
    pub(crate) fn size(&self) -> usize {
        self.shapes.size() + self.columns.iter().flatten().map(PageColumn::size).sum::<usize>()
    }

    /// The texts of the column `value`, each with its number of rows.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, u64)> {
        self.columns.iter().flatten().filter(|column| column.name() == "value").flat_map(PageColumn::words)
    }

    /// Ids of the images that the rows name, or else that they are. The page finds the photo of a row in the same way.
    pub(crate) fn image_ids(&self, are_named: bool) -> Vec<String> {
        let column = |name: &str| self.columns.iter().flatten().find(|column| column.name() == name);
        let has = |name: &&str| column(name).is_some();
        let named = ["image_id", "best_image_id"].into_iter().find_map(column);
        let are_images = has(&"captured_at")
            && ["sequence_id", "sequence", "is_pano", "compass_angle"].iter().any(has)
            && !self.shapes.has_lines();
        let ids = if are_named { named } else { column("id").filter(|_| are_images && named.is_none()) };
        ids.map(PageColumn::texts).unwrap_or_default()
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When a geometry cannot be drawn, or the rows have other columns than the schema.
    pub(crate) fn push(&mut self, rows: &RecordBatch) -> Result<()> {
        let fail = |layer: &str, what: String| Err(MapError::Layer { layer: layer.to_owned(), what });
        if rows.num_columns() != self.columns.len() {
            return fail(&self.name, "some rows have other columns than the first ones".to_owned());
        }
        let mut has_shapes = false;
        for (at, (array, column)) in rows.columns().iter().zip(&mut self.columns).enumerate() {
            let Some(column) = column else {
                has_shapes = true;
                for row in 0..array.len() {
                    let Some(wkb) = binary(array.as_ref(), row) else {
                        self.shapes.push_nothing();
                        continue;
                    };
                    if let Err(error) = self.shapes.push(wkb) {
                        let number = self.rows + row as u64 + 1;
                        return fail(&self.name, format!("row {number}: {}", error.what()));
                    }
                }
                continue;
            };
            if !push_values(column, array.as_ref()) {
                let name = rows.schema().field(at).name().clone();
                return fail(&self.name, format!("the column `{name}` changes its type"));
            }
        }
        if !has_shapes {
            (0..rows.num_rows()).for_each(|_| self.shapes.push_nothing());
        }
        self.rows += rows.num_rows() as u64;
        Ok(())
    }

    /// Appends the layer as a JSON object.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        append_member("name", &self.name, out);
        append_key("columns", out);
        append_list(self.columns.iter().flatten(), out, PageColumn::append_json);
        append_key("shapes", out);
        self.shapes.append_json(out);
        out.push(b'}');
    }
}

fn is_binary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

fn binary(array: &dyn Array, row: usize) -> Option<&[u8]> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Binary => Some(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(array.as_binary_view().value(row)),
        _ => None,
    }
}

/// What the page takes a column for; `None` for types that it does not show.
fn form_of(field: &Field) -> Option<ValueForm> {
    let is_json = field.metadata().get(EXTENSION).is_some_and(|name| name == JSON);
    Some(match field.data_type() {
        DataType::Int64 | DataType::Int32 | DataType::UInt64 => ValueForm::Int,
        DataType::Float64 | DataType::Float32 => ValueForm::Float,
        DataType::Boolean => ValueForm::Bool,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if is_json => ValueForm::Json,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => ValueForm::Text,
        DataType::Timestamp(TimeUnit::Millisecond, _) => ValueForm::Time,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::Struct(_) => {
            ValueForm::Json
        }
        data_type if is_binary(data_type) => ValueForm::Json,
        _ => return None,
    })
}

/// Adds the values of an array; false when it is of a type that the column does not have.
fn push_values(column: &mut PageColumn, array: &dyn Array) -> bool {
    match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().iter().for_each(|v| column.push_int(v)),
        DataType::Int32 => {
            array.as_primitive::<Int32Type>().iter().for_each(|v| column.push_int(v.map(i64::from)));
        }
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            values.iter().for_each(|v| column.push_int(v.and_then(|v| i64::try_from(v).ok())));
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            array.as_primitive::<TimestampMillisecondType>().iter().for_each(|v| column.push_int(v));
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().for_each(|v| column.push_float(v)),
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().iter().for_each(|v| column.push_float(v.map(f64::from)));
        }
        DataType::Boolean => {
            let word = |value: bool| if value { "true" } else { "false" };
            array.as_boolean().iter().for_each(|v| column.push_word(v.map(word)));
        }
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(|v| column.push_word(v)),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(|v| column.push_word(v)),
        DataType::Utf8View => array.as_string_view().iter().for_each(|v| column.push_word(v)),
        DataType::Null => (0..array.len()).for_each(|_| column.push_word(None)),
        _ => {
            let mut text = Vec::new();
            for row in 0..array.len() {
                if array.is_null(row) {
                    column.push_word(None);
                    continue;
                }
                text.clear();
                if !cell_json(array, row, &mut text) {
                    return false;
                }
                column.push_word(std::str::from_utf8(&text).ok());
            }
        }
    }
    true
}
