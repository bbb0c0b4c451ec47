//! Writes data of OpenStreetMap as protocol buffers, as <https://wiki.openstreetmap.org/wiki/PBF_Format> describes them.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Keys and values.
pub(crate) type Tags<'a> = &'a [(&'a str, &'a str)];

/// A file that grows block by block.
#[derive(Default)]
pub(crate) struct PbfFile {
    pub(crate) bytes: Vec<u8>,
}

impl PbfFile {
    /// A file with a header that asks readers to know these features.
    pub(crate) fn new(features: &[&str]) -> Self {
        let mut header = Message::default();
        for feature in features {
            header.bytes(4, feature.as_bytes());
        }
        let mut file = Self::default();
        file.blob("OSMHeader", &header.0);
        file
    }

    /// A file as most programs write it.
    pub(crate) fn usual() -> Self {
        Self::new(&["OsmSchema-V0.6", "DenseNodes"])
    }

    /// Adds nodes: id, longitude, latitude, tags. All have version 3 and were edited in second 1,600,000,000.
    pub(crate) fn dense_nodes(&mut self, nodes: &[(i64, f64, f64, Tags<'_>)]) -> &mut Self {
        let mut strings = Strings::default();
        let mut keys_values = Vec::new();
        for (.., tags) in nodes {
            for (key, value) in *tags {
                keys_values.extend([strings.index(key), strings.index(value)]);
            }
            keys_values.push(0);
        }
        let mut info = Message::default();
        info.packed(1, nodes.iter().map(|_| 3));
        info.packed(2, deltas(nodes.iter().map(|_| 1_600_000_000)).map(zigzag));
        // Changeset, number and name of the user.
        for field in 3..=5 {
            info.packed(field, nodes.iter().map(|_| 0));
        }
        let mut dense = Message::default();
        dense.packed(1, deltas(nodes.iter().map(|node| node.0)).map(zigzag));
        dense.bytes(5, &info.0);
        dense.packed(8, deltas(nodes.iter().map(|node| units(node.2))).map(zigzag));
        dense.packed(9, deltas(nodes.iter().map(|node| units(node.1))).map(zigzag));
        dense.packed(10, keys_values.into_iter());
        let mut group = Message::default();
        group.bytes(2, &dense.0);
        self.block(&strings, &group)
    }

    /// Adds ways: id, version, nodes, tags.
    pub(crate) fn ways(&mut self, ways: &[(i64, u64, &[i64], Tags<'_>)]) -> &mut Self {
        let mut strings = Strings::default();
        let mut group = Message::default();
        for (id, version, refs, tags) in ways {
            let mut way = Message::default();
            way.number(1, u64::try_from(*id).unwrap());
            way.packed(2, tags.iter().map(|(key, _)| strings.index(key)).collect::<Vec<_>>().into_iter());
            way.packed(3, tags.iter().map(|(_, value)| strings.index(value)).collect::<Vec<_>>().into_iter());
            let mut info = Message::default();
            info.number(1, *version);
            way.bytes(4, &info.0);
            way.packed(8, deltas(refs.iter().copied()).map(zigzag));
            group.bytes(3, &way.0);
        }
        self.block(&strings, &group)
    }

    fn block(&mut self, strings: &Strings, group: &Message) -> &mut Self {
        let mut table = Message::default();
        table.bytes(1, b"");
        for text in &strings.0 {
            table.bytes(1, text.as_bytes());
        }
        let mut block = Message::default();
        block.bytes(1, &table.0);
        block.bytes(2, &group.0);
        self.blob("OSMData", &block.0);
        self
    }

    fn blob(&mut self, kind: &str, content: &[u8]) {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(content).unwrap();
        let mut blob = Message::default();
        blob.number(2, content.len() as u64);
        blob.bytes(3, &packed.finish().unwrap());
        let mut header = Message::default();
        header.bytes(1, kind.as_bytes());
        header.number(3, blob.0.len() as u64);
        self.bytes.extend(u32::try_from(header.0.len()).unwrap().to_be_bytes());
        self.bytes.extend(header.0);
        self.bytes.extend(blob.0);
    }
}

/// The texts of a block; the first one is empty.
#[derive(Default)]
struct Strings(Vec<String>);

impl Strings {
    fn index(&mut self, text: &str) -> u64 {
        let known = self.0.iter().position(|known| known == text);
        let at = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        at as u64 + 1
    }
}

/// A message of protocol buffers.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn packed(&mut self, field: u64, numbers: impl Iterator<Item = u64>) {
        let mut inner = Self::default();
        numbers.for_each(|number| inner.varint(number));
        self.bytes(field, &inner.0);
    }
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn deltas(numbers: impl Iterator<Item = i64>) -> impl Iterator<Item = i64> {
    let mut before = 0;
    numbers.map(move |number| number - std::mem::replace(&mut before, number))
}

#[allow(clippy::cast_possible_truncation, reason = "degrees are small")]
fn units(degrees: f64) -> i64 {
    (degrees * 1e7).round() as i64
}
