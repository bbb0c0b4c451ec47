//! Objects of the graph as columns.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::SchemaRef;
use chrono::DateTime;
use serde_json::{Map, Value};

use crate::error::Unreadable;
use crate::query::Attribute;
use crate::table::ColumnKind;
use crate::table::point_wkb;
use crate::table::{UTC, graph_schema};

/// A JSON object of the graph.
pub(crate) type Object = Map<String, Value>;

/// The columns of some objects, prepared for many answers.
#[derive(Debug)]
pub(crate) struct EntityTable {
    attributes: Vec<Attribute>,
    schema: SchemaRef,
}

/// An answer as JSON. Text that is no JSON may be a broken transfer, so it is the only error here that is worth a
/// retry.
fn json(body: &[u8]) -> Result<Value, Unreadable> {
    let broken = |e| Unreadable { what: format!("broken JSON: {e}"), offset: None, passing: true };
    serde_json::from_slice(body).map_err(broken)
}

/// An answer that is one object.
///
/// # Errors
/// When it is anything else.
pub(crate) fn object(body: &[u8]) -> Result<Object, Unreadable> {
    match json(body)? {
        Value::Object(object) => Ok(object),
        other => Err(unfit("the answer", "an object", &other)),
    }
}

/// The objects of an answer such as `{"1":{...},"2":{...}}`.
///
/// It is not known how the service says that it has no object of an id (API v4, "Not found out"): ids that are absent,
/// null or false, and ids with an error in their place, are left out. A list of objects is read too, as other requests
/// of the graph have it; but an empty one may be a fault of the service, which has answered so for ids that it had.
///
/// # Errors
/// When it is anything else, with the path.
pub(crate) fn objects(body: &[u8]) -> Result<Vec<Object>, Unreadable> {
    let path = |key: &str| key.parse().map_or("an entry".to_owned(), |id: i64| id.to_string());
    let inner = |(key, value): (String, Value)| match value {
        Value::Object(object) if object.contains_key("error") && !object.contains_key("id") => None,
        Value::Object(object) => Some(Ok(object)),
        Value::Null | Value::Bool(false) => None,
        other => Some(Err(unfit(&path(&key), "an object", &other))),
    };
    let unnamed = |list: Vec<Value>| list.into_iter().map(|value| (String::new(), value));
    match json(body)? {
        Value::Array(list) if !list.is_empty() => unnamed(list).filter_map(inner).collect(),
        Value::Object(mut answer) => match answer.remove("data") {
            Some(Value::Array(list)) if !list.is_empty() => unnamed(list).filter_map(inner).collect(),
            Some(other) => Err(unfit("data", "a list of objects", &other)),
            None => answer.into_iter().filter_map(inner).collect(),
        },
        other => Err(unfit("the answer", "an object", &other)),
    }
}

/// The error that a value is not as expected, with its path. Texts are not shown, since they may be long or private.
fn unfit(path: &str, expected: &str, found: &Value) -> Unreadable {
    let found = match found {
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => plain.to_string(),
    };
    Unreadable { what: format!("{path} is not {expected}: {found}"), offset: None, passing: false }
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

    /// One row per object. Absent fields are null; objects without a usable id are left out and counted.
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
/// The URL of the next page comes without the token, so only its cursor is used.
///
/// # Errors
/// When it is anything else, with the path.
pub(crate) fn data(body: &[u8]) -> Result<(Vec<Object>, Option<String>), Unreadable> {
    let mut answer = object(body)?;
    let list = match answer.remove("data").unwrap_or_default() {
        Value::Array(list) => list,
        other => return Err(unfit("data", "a list", &other)),
    };
    let inner = |(i, value)| match value {
        Value::Object(object) => Ok(object),
        other => Err(unfit(&format!("data[{i}]"), "an object", &other)),
    };
    let objects = list.into_iter().enumerate().map(inner).collect::<Result<_, _>>()?;
    Ok((objects, next_cursor(answer.get("paging").unwrap_or(&Value::Null))?))
}

/// Where the next page begins, if there is one.
fn next_cursor(paging: &Value) -> Result<Option<String>, Unreadable> {
    let next = match &paging["next"] {
        _ if !(paging.is_null() || paging.is_object()) => return Err(unfit("paging", "an object", paging)),
        Value::Null => return Ok(None),
        Value::String(address) => address,
        other => return Err(unfit("paging.next", "an address", other)),
    };
    let query = next.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default());
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let in_address = pairs.find(|(key, _)| key == "after").map(|(_, value)| value.into_owned());
    let beside = || paging["cursors"]["after"].as_str().map(str::to_owned);
    match in_address.or_else(beside) {
        Some(cursor) => Ok(Some(cursor)),
        None => Err(unfit("paging.next", "an address with a cursor", &paging["next"])),
    }
}

/// An id as the service writes it: text in the graph, a number in tiles.
pub(crate) fn id(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        number => number.as_i64(),
    }
}

/// The value of an attribute, if the object has one.
fn value<'a>(attribute: &Attribute, object: &'a Object) -> Result<Option<&'a Value>, Unreadable> {
    let found = object.get(&*attribute.name).filter(|_| attribute.key.is_none());
    let field = attribute.field.split(['.', '{']).next().unwrap_or_default();
    let found = match (found.or_else(|| object.get(field)), attribute.key) {
        (Some(Value::Object(inner)), Some(key)) => inner.get(key),
        (Some(Value::Null), _) => None,
        (Some(other), Some(_)) => return Err(misfit(attribute, object, "an object", other)),
        (found, _) => found,
    };
    Ok(found.filter(|v| !v.is_null()))
}

/// One value of each object; `read` gives `None` for what does not fit.
fn values<T>(
    attribute: &Attribute,
    objects: &[&Object],
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<Option<T>>, Unreadable> {
    let one = |object: &&Object| {
        let Some(found) = value(attribute, object)? else { return Ok(None) };
        read(found).map(Some).ok_or_else(|| misfit(attribute, object, expected, found))
    };
    objects.iter().map(one).collect()
}

fn misfit(attribute: &Attribute, object: &Object, expected: &str, found: &Value) -> Unreadable {
    let id = object.get("id").and_then(id).unwrap_or_default();
    let key = attribute.key.map(|key| format!(".{key}")).unwrap_or_default();
    unfit(&format!("{id}.{}{key}", attribute.field), expected, found)
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
            Arc::new(points.into_iter().map(|p| p.map(point_wkb)).collect::<BinaryArray>())
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
    let date = date.or_else(|_| DateTime::parse_from_rfc3339(text));
    date.map(|date| date.timestamp_millis()).ok().or_else(|| int(value))
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
