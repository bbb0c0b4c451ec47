//! Objects of the graph as columns.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::SchemaRef;
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::geometry;
use super::schema::{UTC, graph_schema};
use crate::http::Unreadable;
use crate::query::{Attribute, ColumnKind};

/// A JSON object of the graph.
pub(crate) type Object = Map<String, Value>;

/// The columns of some objects, prepared for many answers.
#[derive(Debug)]
pub(crate) struct Table {
    attributes: Vec<Attribute>,
    schema: SchemaRef,
}

/// Text that is no JSON, with where it stops being so.
pub(crate) fn no_json(error: &serde_json::Error) -> Unreadable {
    Unreadable { what: format!("broken JSON: {error}"), offset: None, passing: true }
}

impl Table {
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

    /// One row an object. Absent fields are null; objects without a usable id are left out and counted.
    ///
    /// # Errors
    /// When a value is not what its field holds, with its path.
    pub(crate) fn rows(&self, objects: &[Object]) -> Result<(RecordBatch, u64), Unreadable> {
        let usable = |object: &&Object| object.get("id").and_then(id).is_some();
        let kept: Vec<&Object> = objects.iter().filter(usable).collect();
        let columns = self.attributes.iter().map(|a| column(a, &kept)).collect::<Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|e| Unreadable {
            what: format!("its rows cannot be used: {e}"),
            offset: None,
            passing: false,
        })?;
        Ok((batch, (objects.len() - kept.len()) as u64))
    }
}

/// The list of an answer such as `{"data":[...]}`, and the cursor of its next page.
///
/// The address of that page comes without the token, so only its cursor is taken over.
pub(crate) fn data(body: &[u8]) -> Result<(Vec<Object>, Option<String>), Unreadable> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Object>,
        #[serde(default)]
        paging: Paging,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Paging {
        next: Option<Url>,
        cursors: Cursors,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Cursors {
        after: Option<String>,
    }
    let Answer { data, paging } = serde_json::from_slice(body).map_err(|e| no_json(&e))?;
    let in_address =
        |url: &Url| url.query_pairs().find(|(key, _)| key == "after").map(|(_, v)| v.into_owned());
    Ok((data, paging.next.as_ref().and_then(|next| in_address(next).or(paging.cursors.after))))
}

/// An id as the service writes it: text in the graph, a number in tiles.
pub(crate) fn id(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        number => number.as_i64(),
    }
}

/// The value of an attribute, if the object has one.
fn value<'a>(attribute: &Attribute, object: &'a Object) -> Option<&'a Value> {
    let found = object.get(&*attribute.name).filter(|_| attribute.key.is_none());
    let field = attribute.field.split(['.', '{']).next().unwrap_or_default();
    let found = found.or_else(|| object.get(field))?;
    let found = match attribute.key {
        Some(key) => found.get(key)?,
        None => found,
    };
    Some(found).filter(|v| !v.is_null())
}

/// One value of each object; `read` gives `None` for what does not fit.
fn values<T>(
    attribute: &Attribute,
    objects: &[&Object],
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<Option<T>>, Unreadable> {
    let one = |object: &&Object| {
        let Some(found) = value(attribute, object) else { return Ok(None) };
        read(found).map(Some).ok_or_else(|| misfit(attribute, object, expected, found))
    };
    objects.iter().map(one).collect()
}

fn misfit(attribute: &Attribute, object: &Object, expected: &str, found: &Value) -> Unreadable {
    const SHOWN: usize = 40;
    let id = object.get("id").and_then(id).unwrap_or_default();
    let key = attribute.key.map(|key| format!(".{key}")).unwrap_or_default();
    let text: String = found.to_string().chars().take(SHOWN).collect();
    let what = format!("{id}.{}{key} is not {expected}: {text}", attribute.field);
    Unreadable { what, offset: None, passing: false }
}

fn column(attribute: &Attribute, objects: &[&Object]) -> Result<ArrayRef, Unreadable> {
    Ok(match attribute.kind {
        // Ids of other systems have been seen; they are no ids of ours.
        ColumnKind::Id => {
            let ids = values(attribute, objects, "an id", |v| Some(id(v)))?;
            Arc::new(ids.into_iter().map(Option::flatten).collect::<Int64Array>())
        }
        ColumnKind::Int => Arc::new(Int64Array::from(values(attribute, objects, "a whole number", int)?)),
        ColumnKind::Float => {
            Arc::new(Float64Array::from(values(attribute, objects, "a number", Value::as_f64)?))
        }
        ColumnKind::Bool => {
            Arc::new(BooleanArray::from(values(attribute, objects, "true or false", Value::as_bool)?))
        }
        ColumnKind::Time => {
            let times = values(attribute, objects, "a time", time)?;
            Arc::new(TimestampMillisecondArray::from(times).with_timezone(UTC))
        }
        ColumnKind::Text => {
            let texts = values(attribute, objects, "text", text)?;
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
        ColumnKind::Json => {
            let texts = values(attribute, objects, "JSON", |v| Some(v.to_string()))?;
            Arc::new(texts.into_iter().collect::<StringArray>())
        }
        ColumnKind::Point => {
            let points = values(attribute, objects, "a GeoJSON point", point)?;
            Arc::new(points.into_iter().map(|p| p.map(geometry::point)).collect::<BinaryArray>())
        }
        ColumnKind::Floats => {
            let mut lists = ListBuilder::new(Float64Builder::new());
            for list in values(attribute, objects, "a list of numbers", floats)? {
                lists.append_option(list.map(|numbers| numbers.into_iter().map(Some)));
            }
            Arc::new(lists.finish())
        }
        ColumnKind::Lines | ColumnKind::Rings => {
            return Err(Unreadable { what: "no field holds lines".into(), offset: None, passing: false });
        }
    })
}

/// A whole number, also one written as a float or as text.
fn int(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    let whole = |n: f64| (n.fract() == 0.0 && n.abs() < 9e15).then_some(n as i64);
    id(value).or_else(|| value.as_f64().and_then(whole))
}

/// Milliseconds as a number, or a date such as `2017-08-23T21:32:26+0000`.
fn time(value: &Value) -> Option<i64> {
    let Value::String(text) = value else { return int(value) };
    let date = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    Some(date.or_else(|_| DateTime::parse_from_rfc3339(text)).ok()?.timestamp_millis())
}

/// Text, also where the service writes a number.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
