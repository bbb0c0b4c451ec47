//! Results as other readers see them.

use std::collections::BTreeMap;
use std::io::Cursor;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::DataType;
use serde_json::Value as Json;

/// A value that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
}

/// One row of a result, whatever the format was. Absent values are absent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) values: BTreeMap<String, Value>,
    /// A point is one line with one position.
    pub(crate) lines: Vec<Vec<[f64; 2]>>,
}

impl Row {
    pub(crate) fn point(&self) -> [f64; 2] {
        self.lines[0][0]
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.values.get(name).map(|value| if let Value::Int(n) = value { *n } else { panic!("{value:?}") })
    }

    pub(crate) fn float(&self, name: &str) -> Option<f64> {
        self.values.get(name).map(|value| if let Value::Float(n) = value { *n } else { panic!("{value:?}") })
    }

    pub(crate) fn bool(&self, name: &str) -> bool {
        self.values.get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        if let Value::Text(text) = &self.values[name] { text } else { panic!("{self:?}") }
    }
}

/// Columns of floating point numbers; JSON and CSV do not tell whole ones from integers.
const FLOATS: [&str; 4] = ["compass_angle", "quality_score", "distance_m", "moved_m"];

/// A GeoJSON FeatureCollection, by `serde_json`.
pub(crate) fn geojson(bytes: &[u8]) -> Vec<Row> {
    let collection: Json = serde_json::from_slice(bytes).unwrap();
    assert_eq!(collection["type"], "FeatureCollection");
    collection["features"].as_array().unwrap().iter().map(feature).collect()
}

/// One feature a line, by `serde_json`.
pub(crate) fn geojsonseq(bytes: &[u8]) -> Vec<Row> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| feature(&serde_json::from_str(line).unwrap())).collect()
}

fn feature(feature: &Json) -> Row {
    assert_eq!(feature["type"], "Feature");
    let position = |at: &Json| [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()];
    let list = |json: &Json| json.as_array().unwrap().clone();
    let coordinates = &feature["geometry"]["coordinates"];
    let lines = match feature["geometry"]["type"].as_str().unwrap() {
        "Point" => vec![vec![position(coordinates)]],
        "MultiLineString" => {
            list(coordinates).iter().map(|line| list(line).iter().map(position).collect()).collect()
        }
        "MultiPoint" => list(coordinates).iter().map(|at| vec![position(at); 2]).collect(),
        other => panic!("a geometry of type {other}"),
    };
    let value = |(name, json): (&String, &Json)| {
        let value = match json {
            Json::String(text) => Value::Text(text.clone()),
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Number(n) if FLOATS.contains(&name.as_str()) => Value::Float(n.as_f64().unwrap()),
            Json::Number(n) => Value::Int(n.as_i64().unwrap()),
            other => panic!("{name} is {other}"),
        };
        (name.clone(), value)
    };
    Row {
        values: feature["properties"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, json)| !json.is_null())
            .map(value)
            .collect(),
        lines,
    }
}

/// Comma-separated values, by the csv crate.
pub(crate) fn csv(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let fields: BTreeMap<&str, &str> = header.iter().zip(record.iter()).collect();
        let geometry = ["longitude", "latitude", "wkt"];
        let present = fields.iter().filter(|(name, text)| !geometry.contains(name) && !text.is_empty());
        let lines = match fields.get("wkt") {
            Some(wkt) => lines_of(wkt),
            None => vec![vec![[fields["longitude"].parse().unwrap(), fields["latitude"].parse().unwrap()]]],
        };
        Row { values: present.map(|(name, text)| ((*name).to_owned(), field(name, text))).collect(), lines }
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn field(name: &str, text: &str) -> Value {
    match text.parse() {
        _ if FLOATS.contains(&name) => Value::Float(text.parse().unwrap()),
        Ok(n) => Value::Int(n),
        Err(_) => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Bool),
    }
}

/// The lines of `MULTILINESTRING ((x y, ...), ...)`. The points of `MULTIPOINT ((x y), ...)` count as lines that stay
/// where they are.
fn lines_of(wkt: &str) -> Vec<Vec<[f64; 2]>> {
    let body = wkt.strip_prefix("MULTILINESTRING ((").or_else(|| wkt.strip_prefix("MULTIPOINT (("));
    let body = body.unwrap().strip_suffix("))").unwrap();
    let is_points = wkt.starts_with("MULTIPOINT");
    let position = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        [x.parse().unwrap(), y.parse().unwrap()]
    };
    let line = |line: &str| -> Vec<_> {
        if is_points { vec![position(line); 2] } else { line.split(", ").map(position).collect() }
    };
    body.split("), (").map(line).collect()
}

/// An Arrow stream or file, by arrow-ipc.
pub(crate) fn arrow(bytes: &[u8]) -> Vec<Row> {
    if bytes.starts_with(b"ARROW1") {
        let reader = FileReader::try_new(Cursor::new(bytes), None).unwrap();
        return reader.flat_map(|batch| rows_of(&batch.unwrap())).collect();
    }
    let reader = StreamReader::try_new(bytes, None).unwrap();
    reader.flat_map(|batch| rows_of(&batch.unwrap())).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let schema = batch.schema();
    let row = |at: usize| {
        let mut row = Row { values: BTreeMap::new(), lines: Vec::new() };
        for (field, column) in schema.fields().iter().zip(batch.columns()).filter(|(_, c)| c.is_valid(at)) {
            let value = match field.data_type() {
                DataType::Int64 => Value::Int(column.as_primitive::<Int64Type>().value(at)),
                DataType::Timestamp(..) => {
                    Value::Int(column.as_primitive::<TimestampMillisecondType>().value(at))
                }
                DataType::Float64 => Value::Float(column.as_primitive::<Float64Type>().value(at)),
                DataType::Boolean => Value::Bool(column.as_boolean().value(at)),
                DataType::Utf8 => Value::Text(column.as_string::<i32>().value(at).to_owned()),
                DataType::Binary => {
                    row.lines = wkb(column.as_binary::<i32>().value(at));
                    continue;
                }
                other => panic!("{} is {other}", field.name()),
            };
            row.values.insert(field.name().clone(), value);
        }
        row
    };
    (0..batch.num_rows()).map(row).collect()
}

/// Points, multi points and multi line strings of well-known binary, little-endian.
pub(crate) fn wkb(bytes: &[u8]) -> Vec<Vec<[f64; 2]>> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let float = |at: usize| f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let position = |at: usize| [float(at), float(at + 8)];
    assert_eq!(bytes[0], 1, "not little-endian");
    if number(1) == 1 {
        assert_eq!(bytes.len(), 21);
        return vec![vec![position(5)]];
    }
    if number(1) == 4 {
        let count = number(5);
        assert_eq!(bytes.len(), 9 + 21 * count);
        return (0..count).map(|i| vec![position(14 + 21 * i); 2]).collect();
    }
    assert_eq!(number(1), 5, "not a multi line string");
    let mut at = 9;
    let lines = (0..number(5))
        .map(|_| {
            assert_eq!((bytes[at], number(at + 1)), (1, 2), "not a line string");
            let count = number(at + 5);
            let line = (0..count).map(|i| position(at + 9 + 16 * i)).collect();
            at += 9 + 16 * count;
            line
        })
        .collect();
    assert_eq!(at, bytes.len());
    lines
}
