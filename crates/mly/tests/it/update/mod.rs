//! Earlier results brought up to date, against what a full crawl gives and rules applied row by row.

mod lookups;
mod marks;
mod merge;
mod refusal;
mod resume;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mly::sink::{self, Destination, Format};
use mly::source;
use mly::{Area, Client, Earlier, Error, Layer, Query, Summary};
use mly_emulator::Emulator;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{client, demo, options, town};

const FORMATS: [Format; 7] = [
    Format::GeoJson,
    Format::GeoJsonSeq,
    Format::Csv,
    Format::Parquet,
    Format::FlatGeobuf,
    Format::GeoPackage,
    Format::Arrow,
];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An emulator of the demo town, and a folder for results.
struct Desk {
    emulator: Emulator,
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { emulator: demo(), dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn client(&self) -> Client {
        client(&self.emulator)
    }

    /// What a full crawl gives today.
    async fn today(&self, query: &Query) -> Vec<Value> {
        crate::support::features(options(&self.emulator), query).await.unwrap()
    }

    /// Stores features as a file of a format.
    fn store(&self, features: &[Value], format: Format) -> PathBuf {
        let lines = self.file("stored.geojsonl");
        let text: Vec<_> = features.iter().map(ToString::to_string).collect();
        fs::write(&lines, text.join("\n")).unwrap();
        let path = self.file(&format!("earlier.{}", format.extensions()[0]));
        convert(&lines, format, &path);
        path
    }

    /// Brings a file up to date.
    async fn update(&self, query: &Query, earlier: &Path) -> Result<(Vec<Value>, Summary), Error> {
        let path = self.file("updated.geojsonl");
        let mut batches = self.client().run(&query.plan()?).updating(Earlier::open(earlier)?)?;
        let summary = batches.write_file(&path, Format::GeoJsonSeq, true).await?;
        let text = fs::read_to_string(&path).unwrap();
        Ok((parsed(&text), summary))
    }
}

/// Writes the rows of a file into another one.
fn convert(from: &Path, format: Format, to: &Path) {
    let rows = source::rows(from).unwrap();
    let mut sink = sink::open(format, Destination::file(to, true).unwrap(), &rows.schema()).unwrap();
    rows.for_each(|rows| sink.write(&rows.unwrap()).unwrap());
    sink.finish().unwrap();
}

/// The features of a file.
fn features(path: &Path) -> Vec<Value> {
    let lines = path.with_extension("lines.geojsonl");
    convert(path, Format::GeoJsonSeq, &lines);
    let text = fs::read_to_string(&lines).unwrap();
    parsed(&text)
}

/// Features from lines of text. Columns that the question names are null where there is no value; these are left out.
fn parsed(text: &str) -> Vec<Value> {
    let feature = |line: &str| {
        let mut feature: Value = serde_json::from_str(line).unwrap();
        feature["properties"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        feature
    };
    text.lines().map(feature).collect()
}

fn id(feature: &Value) -> String {
    feature["properties"]["id"].to_string()
}

fn by_id(features: &[Value]) -> BTreeMap<String, &Value> {
    let all: BTreeMap<_, _> = features.iter().map(|feature| (id(feature), feature)).collect();
    assert_eq!(all.len(), features.len(), "each id once");
    all
}

/// A query of the town, or of the middle of it where there is much.
fn query(layer: Layer) -> Query {
    let radius_m = match layer {
        Layer::Images => 300.0,
        Layer::Sequences => return Query::sequences(town()),
        _ => 600.0,
    };
    Query::new(layer, Area::near(9.005, 51.998, radius_m).unwrap())
}

/// What a file from before may hold: not all that there is today, other values, and rows that are gone since.
fn aged(today: &[Value], layer: Layer) -> Vec<Value> {
    let mut earlier: Vec<_> = today
        .iter()
        .enumerate()
        .filter(|(row, _)| row % 5 != 0)
        .map(|(_, feature)| feature.clone())
        .collect();
    for feature in &mut earlier {
        spoil(feature, layer);
    }
    let gone = today.iter().zip(0..7).map(|(like, number)| gone(like, number));
    earlier.extend(gone);
    earlier
}

/// Changes a value, so that the feature can be told from that of today.
fn spoil(feature: &mut Value, layer: Layer) {
    match layer {
        Layer::Images | Layer::Sequences => feature["properties"]["quality_score"] = json!(0.125),
        _ => {
            let old = feature["properties"]["value"].as_str().unwrap();
            feature["properties"]["value"] = json!(format!("{old}--old"));
        }
    }
}

/// A feature like another one that the service does not know, far away from the town.
fn gone(like: &Value, number: i32) -> Value {
    let mut gone = like.clone();
    gone["properties"]["id"] = match like["properties"]["id"] {
        Value::String(_) => json!(format!("gone-{number}")),
        _ => json!(900_000_000_000 + i64::from(number)),
    };
    let place = json!([-70.0 + f64::from(number) / 1000.0, -30.5]);
    gone["geometry"]["coordinates"] = match like["geometry"]["type"].as_str().unwrap() {
        "Point" => place,
        _ => json!([[place, [-70.5, -30.25]]]),
    };
    gone
}

/// A feature like another one, at the same place, that the service does not know.
fn lost(like: &Value, number: i32) -> Value {
    let mut lost = like.clone();
    lost["properties"]["id"] = match like["properties"]["id"] {
        Value::String(_) => json!(format!("lost-{number}")),
        _ => json!(800_000_000_000 + i64::from(number)),
    };
    lost
}

/// The column that tells when a row of a layer was last changed.
fn moment(feature: &Value, layer: Layer) -> i64 {
    let name = match layer {
        Layer::Images | Layer::Sequences => "captured_at",
        _ => "last_seen_at",
    };
    feature["properties"][name].as_i64().unwrap()
}
