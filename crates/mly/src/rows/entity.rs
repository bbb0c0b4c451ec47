//! Objects of the graph as columns.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::SchemaRef;
use serde_json::Value;

use super::forms;
use super::json::{Object, id};
use super::misfits::Misfits;
use crate::error::Unreadable;
use crate::query::Attribute;
use crate::table::ColumnKind;
use crate::table::point_wkb;
use crate::table::{UTC, graph_schema};

/// The columns of some objects, prepared for many answers.
#[derive(Debug)]
pub(crate) struct EntityTable {
    attributes: Vec<Attribute>,
    schema: SchemaRef,
}

impl EntityTable {
    pub(crate) fn new(attributes: Vec<Attribute>) -> Self {
        let schema = graph_schema(attributes.iter().map(|a| (&*a.name, a.kind)));
        Self { attributes, schema }
    }

    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// One row per object, and what could not be read. Absent fields are null, and so are values that are not what
    /// their column holds; objects without a usable id are left out.
    ///
    /// # Errors
    /// When the rows do not fit into columns.
    pub(crate) fn rows(&self, objects: &[Object]) -> Result<(RecordBatch, Misfits), Unreadable> {
        let usable = |object: &&Object| object.get("id").and_then(id).is_some();
        let kept: Vec<&Object> = objects.iter().filter(usable).collect();
        let mut misfits = Misfits { features: (objects.len() - kept.len()) as u64, ..Misfits::default() };
        let columns = self.attributes.iter().map(|a| column(a, &kept, &mut misfits));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|e| Unreadable {
            what: format!("its rows cannot be used: {e}"),
            offset: None,
            passing: false,
        })?;
        Ok((batch, misfits))
    }
}

/// What an object has for an attribute.
enum Found<'a> {
    Nothing,
    Value(&'a Value),
    /// Something that has no such key, where an object is expected.
    Misfit,
}

fn find<'a>(attribute: &Attribute, object: &'a Object) -> Found<'a> {
    let found = object.get(&*attribute.name).filter(|_| attribute.key.is_none());
    let field = attribute.field.split(['.', '{']).next().unwrap_or_default();
    let found = match (found.or_else(|| object.get(field)), attribute.key) {
        (Some(Value::Object(inner)), Some(key)) => inner.get(key),
        (Some(other), Some(_)) if !other.is_null() => return Found::Misfit,
        (found, _) => found,
    };
    found.filter(|value| !value.is_null()).map_or(Found::Nothing, Found::Value)
}

/// One value of each object; `read` gives `None` for what does not fit, which is counted.
fn values<T>(
    attribute: &Attribute,
    objects: &[&Object],
    misfits: &mut Misfits,
    read: impl Fn(&Value) -> Option<T>,
) -> Vec<Option<T>> {
    let mut unread = 0;
    let one = |object: &&Object| {
        let value = match find(attribute, object) {
            Found::Nothing => return None,
            Found::Value(value) => read(value),
            Found::Misfit => None,
        };
        unread += u64::from(value.is_none());
        value
    };
    let values = objects.iter().map(one).collect();
    misfits.add_values(&attribute.name, unread);
    values
}

fn column(attribute: &Attribute, objects: &[&Object], misfits: &mut Misfits) -> Result<ArrayRef, Unreadable> {
    Ok(match attribute.kind {
        // Ids of other systems have been seen; they are no ids of ours, and no misfits either.
        ColumnKind::Id => {
            let ids =
                values(attribute, objects, misfits, |v| (v.is_string() || v.is_number()).then(|| id(v)));
            Arc::new(ids.into_iter().map(Option::flatten).collect::<Int64Array>())
        }
        ColumnKind::Int => Arc::new(Int64Array::from(values(attribute, objects, misfits, id))),
        ColumnKind::Float => Arc::new(Float64Array::from(values(attribute, objects, misfits, float))),
        ColumnKind::Bool => Arc::new(BooleanArray::from(values(attribute, objects, misfits, flag))),
        ColumnKind::Time => {
            let times = values(attribute, objects, misfits, time);
            Arc::new(TimestampMillisecondArray::from(times).with_timezone(UTC))
        }
        ColumnKind::Text => {
            let texts = values(attribute, objects, misfits, text);
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
        ColumnKind::Json => {
            let texts = values(attribute, objects, misfits, |v| Some(v.to_string()));
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
        ColumnKind::Point => {
            let read = |value: &Value| if is_nowhere(value) { Some(None) } else { point(value).map(Some) };
            let points = values(attribute, objects, misfits, read);
            Arc::new(points.into_iter().map(|p| p.flatten().map(point_wkb)).collect::<BinaryArray>())
        }
        ColumnKind::Floats => {
            let mut lists = ListBuilder::new(Float64Builder::new());
            for list in values(attribute, objects, misfits, floats) {
                lists.append_option(list.map(|numbers| numbers.into_iter().map(Some)));
            }
            Arc::new(lists.finish())
        }
        ColumnKind::Lines | ColumnKind::Rings => {
            return Err(Unreadable { what: "no field holds lines".into(), offset: None, passing: false });
        }
    })
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| forms::float(value.as_str()?))
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => forms::flag_of_text(text),
        value => value.as_bool().or_else(|| forms::flag_of_number(value.as_f64()?)),
    }
}

/// Milliseconds as a number, or a date such as `2017-08-23T21:32:26+0000`.
fn time(value: &Value) -> Option<i64> {
    value.as_str().and_then(forms::date_ms).or_else(|| id(value))
}

/// Text, also where the service writes a number.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether it is an object without coordinates, as the service has sent for an image without a position.
fn is_nowhere(value: &Value) -> bool {
    let coordinates = value.get("coordinates").filter(|found| !found.is_null());
    value.is_object() && coordinates.is_none_or(|found| found.as_array().is_some_and(Vec::is_empty))
}

/// Longitude and latitude of a GeoJSON point.
pub(crate) fn point(value: &Value) -> Option<[f64; 2]> {
    let coordinates = value.get("coordinates").filter(|_| value["type"] == "Point")?;
    let position = [coordinates.get(0)?.as_f64()?, coordinates.get(1)?.as_f64()?];
    (position[0].abs() <= 180.0 && position[1].abs() <= 90.0).then_some(position)
}

fn floats(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
