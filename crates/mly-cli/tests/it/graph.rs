//! What the graph itself answers, by plain HTTP/1.0, and results of look-ups in the same form.

use std::io::{Read, Write};
use std::net::TcpStream;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use mly_emulator::Emulator;
use serde_json::{Map, Value as Json, json};

use crate::read::wkb;

/// Fields of something, nested ones as `creator_id`.
pub(crate) type Fields = Map<String, Json>;

/// What the graph answers to a GET.
pub(crate) fn get(emulator: &Emulator, path: &str) -> Json {
    let host = emulator.url().trim_start_matches("http://").to_owned();
    let joint = if path.contains('?') { '&' } else { '?' };
    let token = emulator.token().replace('|', "%7C");
    let mut socket = TcpStream::connect(&host).unwrap();
    write!(socket, "GET {path}{joint}access_token={token} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    serde_json::from_slice(&answer[head + 4..]).unwrap()
}

/// An entity as a row has it: objects flattened, times in milliseconds.
pub(crate) fn entity(emulator: &Emulator, id: &str, fields: &str) -> Fields {
    flat(&get(emulator, &format!("/{id}?fields={fields}")))
}

/// The answers of a list, each flattened.
pub(crate) fn list(emulator: &Emulator, path: &str) -> Vec<Fields> {
    get(emulator, path)["data"].as_array().unwrap().iter().map(flat).collect()
}

fn flat(object: &Json) -> Fields {
    let mut flat = Fields::new();
    for (key, value) in object.as_object().unwrap() {
        match value {
            Json::Object(inner) if !inner.contains_key("data") && !inner.contains_key("coordinates") => {
                flat.extend(inner.iter().map(|(sub, value)| (format!("{key}_{sub}"), value.clone())));
            }
            Json::String(text) if key.ends_with("_at") => drop(flat.insert(key.clone(), json!(ms_of(text)))),
            _ => drop(flat.insert(key.clone(), value.clone())),
        }
    }
    flat
}

/// Milliseconds since 1970 of a time such as `2019-05-09T12:43:02+0000`.
fn ms_of(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text.get(range).unwrap().parse::<i64>().unwrap();
    assert!(text.len() == 24 && text.ends_with("+0000"), "{text}");
    // Days since 1970-01-01 by the calendar of years that begin in March.
    let (month, day) = (number(5..7), number(8..10));
    let year = number(0..4) - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    1000 * (((days * 24 + number(11..13)) * 60 + number(14..16)) * 60 + number(17..19))
}

/// The same values, however whole numbers are written.
pub(crate) fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

pub(crate) fn assert_same(got: &[Fields], want: &[Fields], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        let (got, want) = (Json::from(got.clone()), Json::from(want.clone()));
        assert!(same(&got, &want), "{what}\n{got}\n{want}");
    }
}

/// Rows of a result, each with its geometry as a field.
pub(crate) fn rows(format: &str, bytes: &[u8]) -> Vec<Fields> {
    match format {
        "geojson" => {
            let collection: Json = serde_json::from_slice(bytes).unwrap();
            collection["features"].as_array().unwrap().iter().map(feature).collect()
        }
        "geojsonseq" => std::str::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(|line| feature(&serde_json::from_str(line).unwrap()))
            .collect(),
        "csv" => csv(bytes),
        "arrow" => arrow(bytes),
        other => panic!("{other}"),
    }
}

fn feature(feature: &Json) -> Fields {
    let mut fields = feature["properties"].as_object().unwrap().clone();
    if !feature["geometry"].is_null() {
        fields.insert("geometry".to_owned(), feature["geometry"].clone());
    }
    fields
}

/// Columns whose cells are text, even where they look like a number.
fn is_text(name: &str) -> bool {
    name == "id" || name.ends_with("_id") || ["make", "model", "sequence", "creator_username"].contains(&name)
}

fn csv(bytes: &[u8]) -> Vec<Fields> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let mut fields = Fields::new();
        for (name, cell) in header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()) {
            let parsed = serde_json::from_str(cell).ok().filter(|_| !is_text(name));
            fields.insert(name.to_owned(), parsed.unwrap_or_else(|| Json::from(cell)));
        }
        for (point, prefix) in [("geometry", ""), ("computed_geometry", "computed_")] {
            let [lon, lat] = ["longitude", "latitude"].map(|axis| fields.remove(&format!("{prefix}{axis}")));
            if let (Some(lon), Some(lat)) = (lon, lat) {
                fields.insert(point.to_owned(), json!({"type": "Point", "coordinates": [lon, lat]}));
            }
        }
        fields
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn arrow(bytes: &[u8]) -> Vec<Fields> {
    let batches = StreamReader::try_new(bytes, None).unwrap().map(Result::unwrap);
    let rows = batches.flat_map(|batch| {
        let schema = batch.schema();
        let row = |at| {
            let cells = schema.fields().iter().zip(batch.columns()).filter(|(_, c)| c.is_valid(at));
            cells.map(|(field, column)| (field.name().clone(), cell(field.name(), column, at))).collect()
        };
        (0..batch.num_rows()).map(row).collect::<Vec<Fields>>()
    });
    rows.collect()
}

fn cell(name: &str, column: &ArrayRef, at: usize) -> Json {
    match column.data_type() {
        DataType::Int64 => {
            let number = column.as_primitive::<Int64Type>().value(at);
            if is_text(name) { json!(number.to_string()) } else { json!(number) }
        }
        DataType::Timestamp(..) => json!(column.as_primitive::<TimestampMillisecondType>().value(at)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(at)),
        DataType::Boolean => json!(column.as_boolean().value(at)),
        DataType::Utf8 if ["detections", "images"].contains(&name) => {
            serde_json::from_str(column.as_string::<i32>().value(at)).unwrap()
        }
        DataType::Utf8 => json!(column.as_string::<i32>().value(at)),
        DataType::Binary => {
            json!({"type": "Point", "coordinates": wkb(column.as_binary::<i32>().value(at))[0][0]})
        }
        DataType::List(_) => items(&column.as_list::<i32>().value(at)),
        DataType::FixedSizeList(..) => items(&column.as_fixed_size_list().value(at)),
        other => panic!("{name} is {other}"),
    }
}

fn items(list: &ArrayRef) -> Json {
    (0..list.len()).map(|at| cell("", list, at)).collect()
}
