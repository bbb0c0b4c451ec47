//! The binary format (OpenStreetMap wiki, "PBF Format"): messages of protocol buffers in compressed blobs.

use std::collections::HashMap;
use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

use super::{EDITED_S, MapExtract, VERSION};

/// Positions are whole multiples of so many degrees: the granularity of 100 nanodegrees that the format has by default.
const UNIT: f64 = 1e-7;

/// Most elements of a block.
const BLOCK: usize = 8000;

/// A message of protocol buffers, as it is written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Numbers one after the other.
    fn packed(&mut self, field: u64, values: impl IntoIterator<Item = u64>) {
        let mut list = Self::default();
        values.into_iter().for_each(|value| list.varint(value));
        self.bytes(field, &list.0);
    }

    /// Signed numbers, each as its difference from the one before.
    fn deltas(&mut self, field: u64, values: impl IntoIterator<Item = i64>) {
        let mut before = 0;
        let differences = values.into_iter().map(|value| {
            let difference = value - before;
            before = value;
            zigzag(difference)
        });
        self.packed(field, differences);
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// The texts of a block, each once.
#[derive(Default)]
struct Texts {
    texts: Vec<Vec<u8>>,
    places: HashMap<Vec<u8>, u64>,
}

impl Texts {
    /// The place of a text in the table; place 0 is the empty text, which ends the tags of a node.
    fn place(&mut self, text: &str) -> u64 {
        let next = self.texts.len() as u64 + 1;
        let place = *self.places.entry(text.as_bytes().to_vec()).or_insert(next);
        if place == next {
            self.texts.push(text.as_bytes().to_vec());
        }
        place
    }

    fn message(&self) -> Message {
        let mut table = Message::default();
        table.bytes(1, &[]);
        self.texts.iter().for_each(|text| table.bytes(1, text));
        table
    }
}

pub(super) fn write(map: &MapExtract) -> Vec<u8> {
    let mut header = Message::default();
    for feature in ["OsmSchema-V0.6", "DenseNodes"] {
        header.bytes(4, feature.as_bytes());
    }
    header.bytes(5, b"Sort.Type_then_ID");
    header.bytes(16, b"mly emulate");
    let mut file = blob("OSMHeader", &header.0);
    for nodes in map.nodes.chunks(BLOCK) {
        let mut texts = Texts::default();
        let mut dense = Message::default();
        dense.deltas(1, nodes.iter().map(|node| node.id));
        let mut info = Message::default();
        info.packed(1, nodes.iter().map(|_| u64::from(VERSION.unsigned_abs())));
        info.deltas(2, nodes.iter().map(|_| EDITED_S));
        info.deltas(3, nodes.iter().map(|_| 1));
        info.deltas(4, nodes.iter().map(|_| 1));
        info.deltas(5, nodes.iter().map(|_| 0));
        dense.bytes(5, &info.0);
        dense.deltas(8, nodes.iter().map(|node| units(node.at[1])));
        dense.deltas(9, nodes.iter().map(|node| units(node.at[0])));
        let mut tags = Vec::new();
        for node in nodes {
            for (key, value) in &node.tags {
                tags.extend([texts.place(key), texts.place(value)]);
            }
            tags.push(0);
        }
        dense.packed(10, tags);
        let mut group = Message::default();
        group.bytes(2, &dense.0);
        file.extend(block(&texts, &group));
    }
    for ways in map.ways.chunks(BLOCK) {
        let mut texts = Texts::default();
        let mut group = Message::default();
        for way in ways {
            let mut message = Message::default();
            message.number(1, way.id.unsigned_abs());
            let places: Vec<_> =
                way.tags.iter().map(|(key, value)| (texts.place(key), texts.place(value))).collect();
            message.packed(2, places.iter().map(|(key, _)| *key));
            message.packed(3, places.iter().map(|(_, value)| *value));
            let mut info = Message::default();
            info.number(1, u64::from(VERSION.unsigned_abs()));
            info.number(2, EDITED_S.unsigned_abs());
            info.number(3, 1);
            message.bytes(4, &info.0);
            message.deltas(8, way.nodes.iter().copied());
            group.bytes(3, &message.0);
        }
        file.extend(block(&texts, &group));
    }
    file
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are small")]
fn units(degrees: f64) -> i64 {
    (degrees / UNIT).round() as i64
}

fn block(texts: &Texts, group: &Message) -> Vec<u8> {
    let mut block = Message::default();
    block.bytes(1, &texts.message().0);
    block.bytes(2, &group.0);
    blob("OSMData", &block.0)
}

fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let packed = zlib.write_all(content).and_then(|()| zlib.finish()).unwrap_or_default();
    let mut body = Message::default();
    body.number(2, content.len() as u64);
    body.bytes(3, &packed);
    let mut head = Message::default();
    head.bytes(1, kind.as_bytes());
    head.number(3, body.0.len() as u64);
    let length = u32::try_from(head.0.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], &head.0, &body.0].concat()
}
