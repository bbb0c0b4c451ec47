//! Single tiles: features in the units of a tile, and the bytes of the tile.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use mly_mvt::{Geometry, LayerWriter, TileWriter, Value};

use super::attributes;
use super::cut::TileShape;
use super::packed::{Unpacker, put, put_id, put_parts, put_spots};
use super::world::EXTENT;
use crate::error::Cause;

/// The attribute that says how many features one stands for, where that is more than one. No column has such a name, since
/// those of results have no colon.
pub(super) const COUNT: &str = "mly:count";

const POINTS: u8 = 2;
const LINES: u8 = 3;

/// The one layer of all tiles.
#[derive(Debug)]
pub(super) struct TileLayer {
    pub(super) name: String,
    /// The names of the attributes, in their order.
    pub(super) names: Vec<String>,
}

/// A feature, or what of it lies in a tile.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TileFeature {
    pub(super) id: Option<u64>,
    /// How many features it stands for.
    pub(super) count: u64,
    pub(super) shape: TileShape,
    pub(super) attributes: Arc<[u8]>,
}

/// A tile that is to be encoded.
pub(super) struct TileContent {
    pub(super) id: u64,
    pub(super) features: Vec<TileFeature>,
}

impl TileFeature {
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        put_id(self.id, out);
        put(self.count, out);
        let wide = |part: &Vec<[i32; 2]>| part.iter().map(|at| at.map(i64::from)).collect::<Vec<_>>();
        match &self.shape {
            TileShape::Points(points) => {
                out.push(POINTS);
                put_spots(wide(points).iter(), out);
            }
            TileShape::Lines(lines) => {
                out.push(LINES);
                put_parts(&lines.iter().map(wide).collect::<Vec<_>>(), out);
            }
        }
        out.extend_from_slice(&self.attributes);
    }

    /// The feature that was packed; `None` if it was not.
    pub(super) fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let ([id], count) = (from.id()?, from.number()?);
        // Units in the margin west and north of a tile are negative; their lower halves are as good as the whole.
        let narrow = |part: Vec<[i64; 2]>| {
            let side = |side: i64| u32::try_from(side).unwrap_or_default().cast_signed();
            part.into_iter().map(|at| at.map(side)).collect::<Vec<_>>()
        };
        let shape = match from.byte()? {
            POINTS => TileShape::Points(narrow(from.spots()?)),
            LINES => TileShape::Lines(from.parts()?.into_iter().map(narrow).collect()),
            _ => return None,
        };
        Some(Self { id, count, shape, attributes: from.rest().into() })
    }
}

impl TileLayer {
    /// The bytes of a tile, packed with gzip. They depend on the features alone: the header of gzip has no time and no
    /// name.
    pub(super) fn encode(&self, content: TileContent) -> Result<Vec<u8>, Cause> {
        let mut layer = LayerWriter::new(&self.name, EXTENT);
        for feature in content.features {
            let mut found = Vec::with_capacity(self.names.len() + 1);
            attributes::read(&self.names, &feature.attributes, &mut found);
            if feature.count > 1 {
                found.push((COUNT, Value::Int(i64::try_from(feature.count).unwrap_or(i64::MAX))));
            }
            let shape = match feature.shape {
                TileShape::Points(points) => {
                    if let [at] = points.as_slice() {
                        layer.point(feature.id, *at, &found);
                        continue;
                    }
                    Geometry::Points(points)
                }
                TileShape::Lines(lines) => Geometry::Lines(lines),
            };
            layer.feature(feature.id, &shape, &found)?;
        }
        let mut tile = TileWriter::new();
        tile.layer(layer);
        Ok(gzip(&tile.finish())?)
    }
}

/// Packs bytes with gzip.
pub(super) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::default());
    packed.write_all(bytes)?;
    packed.finish()
}
