//! Answers of the graph as JSON objects.

use serde_json::{Map, Value};

use super::forms::whole;
use crate::api::json::without_broken_texts;
use crate::error::Unreadable;

/// A JSON object of the graph.
pub(crate) type Object = Map<String, Value>;

/// An answer as JSON. Text that is no JSON may be a broken transfer, so it is the only error here that is worth a
/// retry.
fn json(body: &[u8]) -> Result<Value, Unreadable> {
    let broken = |e| Unreadable { what: format!("broken JSON: {e}"), offset: None, passing: true };
    serde_json::from_slice(body).or_else(|e| {
        let repaired = without_broken_texts(body).and_then(|body| serde_json::from_slice(&body).ok());
        repaired.ok_or_else(|| broken(e))
    })
}

/// An answer that is one entity, or a list of one. An object without anything in it has no entity.
///
/// # Errors
/// When it is anything else, an empty list among them: the service has answered so for ids that it had. An object
/// without an id is no entity, since the id always comes; a service that is closed may answer each request with one.
pub(crate) fn object(body: &[u8]) -> Result<Object, Unreadable> {
    let mut object = any_object(body)?;
    if let Some(Value::Array(list)) = object.get_mut("data") {
        object = match list.pop() {
            None => return Err(no_entity("the answer is an empty list and no entity")),
            Some(Value::Object(only)) if list.is_empty() => only,
            Some(_) => return Err(no_entity("the answer is a list and no entity")),
        };
    }
    if !object.is_empty() && !object.contains_key("id") {
        return Err(no_entity("the answer is an object without an id and no entity"));
    }
    Ok(object)
}

/// The error that an answer holds no entity where one has to be.
fn no_entity(what: &str) -> Unreadable {
    Unreadable { what: what.to_owned(), offset: None, passing: false }
}

fn any_object(body: &[u8]) -> Result<Object, Unreadable> {
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
/// When it is anything else, with the path, or when no object has an id.
pub(crate) fn objects(body: &[u8]) -> Result<Vec<Object>, Unreadable> {
    let path = |key: &str| key.parse().map_or("an entry".to_owned(), |id: i64| id.to_string());
    let inner = |(key, value): (String, Value)| match value {
        Value::Object(object) if object.contains_key("error") && !object.contains_key("id") => None,
        Value::Object(mut object) => {
            // The key is the id, should the object not repeat it.
            let of_key = key.parse::<i64>().is_ok();
            if of_key && !object.contains_key("id") {
                object.insert("id".to_owned(), Value::String(key));
            }
            Some(Ok(object))
        }
        Value::Null | Value::Bool(false) => None,
        other => Some(Err(unfit(&path(&key), "an object", &other))),
    };
    let unnamed = |list: Vec<Value>| list.into_iter().map(|value| (String::new(), value));
    let objects: Vec<Object> = match json(body)? {
        Value::Array(list) if !list.is_empty() => unnamed(list).filter_map(inner).collect(),
        Value::Object(mut answer) => match answer.remove("data") {
            Some(Value::Array(list)) if !list.is_empty() => unnamed(list).filter_map(inner).collect(),
            Some(other) => Err(unfit("data", "a list of objects", &other)),
            None => answer.into_iter().filter_map(inner).collect(),
        },
        other => Err(unfit("the answer", "an object", &other)),
    }?;
    // Objects of which none has an id are about something else.
    if !objects.is_empty() && !objects.iter().any(|object| object.contains_key("id")) {
        return Err(no_entity("the answer has objects without ids and no entities"));
    }
    Ok(objects)
}

/// The list of an answer such as `{"data":[...]}`, and the cursor of its next page.
///
/// The URL of the next page comes without the token, so only its cursor is used.
///
/// # Errors
/// When it is anything else, with the path.
pub(crate) fn data(body: &[u8]) -> Result<(Vec<Object>, Option<String>), Unreadable> {
    let mut answer = any_object(body)?;
    let list = match answer.remove("data").unwrap_or_default() {
        Value::Array(list) => list,
        other => return Err(unfit("data", "a list", &other)),
    };
    // What is no object has no id, and is left out and counted for that.
    let inner = |value| match value {
        Value::Object(object) => object,
        _ => Object::new(),
    };
    let objects = list.into_iter().map(inner).collect();
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
        number => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
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
