//! Point clouds, with PROJ's numbers, other readers and other arithmetic as independent truth.

mod place;
mod read;
mod write;

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use mly::Error;
use mly::cloud::{Cloud, CloudFormat, Frame};
use mly::sink::Destination;
use serde_json::{Value, json};

/// A reconstruction of OpenSfM with three images, packed.
const EXAMPLE: &[u8] = include_bytes!("../../../../../fixtures/sfm/reconstruction_example.json.zlib");

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn example_json() -> Vec<u8> {
    let mut json = Vec::new();
    flate2::read::ZlibDecoder::new(EXAMPLE).read_to_end(&mut json).unwrap();
    json
}

/// A reconstruction with points around longitude, latitude and height, and a camera in their middle.
fn reconstruction([longitude, latitude, altitude]: [f64; 3], points: &[[f64; 3]]) -> Value {
    let points: serde_json::Map<_, _> = points
        .iter()
        .enumerate()
        .map(|(i, at)| (i.to_string(), json!({"coordinates": at, "color": [i % 256, 128.0, 255]})))
        .collect();
    json!({
        "cameras": {"v2": {"projection_type": "fisheye", "focal": 0.5}},
        "shots": {"1234567890123456": {"rotation": [0, 0, 0], "translation": [0.0, 0, -2], "merge_cc": 7}},
        "points": points,
        "reference_lla": {"longitude": longitude, "latitude": latitude, "altitude": altitude},
    })
}

fn cloud(reconstructions: &Value) -> Cloud {
    Cloud::decode(&zlib(reconstructions.to_string().as_bytes())).unwrap()
}

fn refusal(json: &str) -> String {
    let Error::Input { what, .. } = Cloud::decode(json.as_bytes()).unwrap_err() else { panic!() };
    what
}

/// A stream that can be looked at when it has been written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn written(cloud: &Cloud, format: CloudFormat, frame: Frame) -> Vec<u8> {
    let stream = Shared::default();
    cloud.write(format, frame, Destination::stream(stream.clone())).unwrap();
    let bytes = stream.0.lock().unwrap();
    bytes.clone()
}
