//! Data of OpenStreetMap in protocol buffers, as extracts of countries and cities are published.
//!
//! The file is read twice: for what is wanted, and for the places of the nodes of the ways. Blocks are unpacked on all cores.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use mly::{Error, Result};
use osmpbf::{BlobDecode, BlobReader, DenseNode, Element, Node, PrimitiveBlock, Way};
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::choice::OsmChoice;
use super::damage::damaged;
use super::data::OsmData;
use super::element::{OsmInfo, OsmNode, OsmWay};
use super::places::{NodePlaces, units};
use super::tags::OsmTags;

/// Features that a reader must know of. Others change what the elements mean.
const KNOWN_FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

/// Places of nodes, in the order of the file.
type PlaceList = Vec<(i64, [i32; 2])>;

/// Reads the wanted elements.
pub(super) fn read(path: &Path, choice: &OsmChoice<'_>) -> Result<OsmData> {
    let blocks = each_block(path, |block| {
        let mut found = BlockData::default();
        for element in block.elements() {
            found.add(&element, choice);
        }
        found
    })?;
    let (mut nodes, mut ways, mut places) = (Vec::new(), Vec::new(), PlaceList::new());
    for block in blocks {
        nodes.extend(block.nodes);
        ways.extend(block.ways);
        places.extend(block.places);
    }
    if places.is_empty() {
        let mut needed: Vec<i64> = ways.iter().flat_map(|way: &OsmWay| way.refs.iter().copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        places = each_block(path, |block| places_in(block, &needed))?.into_iter().flatten().collect();
    }
    Ok(OsmData { nodes, ways, places: NodePlaces::new(places) })
}

/// What a block has of what is wanted.
#[derive(Default)]
struct BlockData {
    nodes: Vec<OsmNode>,
    ways: Vec<OsmWay>,
    /// Places that ways carry with them, which some programs write.
    places: PlaceList,
}

impl BlockData {
    fn add(&mut self, element: &Element<'_>, choice: &OsmChoice<'_>) {
        match element {
            Element::Node(node) => {
                let tags = OsmTags::new(node.tags());
                let info = node.info();
                let kept = OsmInfo {
                    id: node.id(),
                    version: info.version(),
                    edited_at: info.milli_timestamp(),
                    tags,
                };
                self.add_node(kept, [node.lon(), node.lat()], choice);
            }
            Element::DenseNode(node) => {
                // The reader makes up an info of zeros for files that have none, and -1 is how some write that it is missing.
                let info = node.info().filter(|info| info.version() > 0);
                let kept = OsmInfo {
                    id: node.id(),
                    version: info.map(osmpbf::DenseNodeInfo::version),
                    edited_at: info.map(osmpbf::DenseNodeInfo::milli_timestamp),
                    tags: OsmTags::new(node.tags()),
                };
                self.add_node(kept, [node.lon(), node.lat()], choice);
            }
            Element::Way(way) => self.add_way(way, choice),
            Element::Relation(_) => {}
        }
    }

    fn add_node(&mut self, info: OsmInfo, at: [f64; 2], choice: &OsmChoice<'_>) {
        if !info.tags.is_empty() && (choice.node)(&info.tags) {
            // Through whole units, so that a position is the same number whatever the form of the file.
            let at = units(at[0], at[1]).map_or(at, |units| units.map(|unit| f64::from(unit) / 1e7));
            self.nodes.push(OsmNode { info: OsmInfo { tags: info.tags.kept(choice.keys), ..info }, at });
        }
    }

    fn add_way(&mut self, way: &Way<'_>, choice: &OsmChoice<'_>) {
        let tags = OsmTags::new(way.tags());
        if !(choice.way)(&tags) {
            return;
        }
        let info = way.info();
        let refs: Vec<i64> = way.refs().collect();
        let carried = refs.iter().zip(way.node_locations());
        self.places.extend(carried.map(|(id, at)| (*id, [at.decimicro_lon(), at.decimicro_lat()])));
        let info = OsmInfo {
            id: way.id(),
            version: info.version(),
            edited_at: info.milli_timestamp(),
            tags: tags.kept(choice.keys),
        };
        self.ways.push(OsmWay { info, refs });
    }
}

/// The places of those nodes of a block that are needed.
fn places_in(block: &PrimitiveBlock, needed: &[i64]) -> PlaceList {
    let is_needed = |id: i64| needed.binary_search(&id).is_ok();
    let dense = |node: DenseNode<'_>| Some((node.id(), units(node.lon(), node.lat())?));
    let plain = |node: Node<'_>| Some((node.id(), units(node.lon(), node.lat())?));
    let mut places = PlaceList::new();
    for group in block.groups() {
        places.extend(group.dense_nodes().filter(|node| is_needed(node.id())).filter_map(dense));
        places.extend(group.nodes().filter(|node| is_needed(node.id())).filter_map(plain));
    }
    places
}

/// The bytes of a file, for the reader of blobs, which takes one to three bytes at the end of a file for its end.
struct BlobBytes(BufReader<File>);

impl Read for BlobBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }

    fn read_exact(&mut self, into: &mut [u8]) -> io::Result<()> {
        let mut length = 0;
        while let Some(rest) = into.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) if length == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(0) => return Err(io::Error::other("the file ends within a number")),
                Ok(count) => length += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// Calls `take` with each block of the file, on all cores; the results are in the order of the file.
fn each_block<T: Send>(path: &Path, take: impl Fn(&PrimitiveBlock) -> T + Sync) -> Result<Vec<T>> {
    let file = File::open(path).map_err(damaged)?;
    let blobs = BlobReader::new(BlobBytes(BufReader::new(file))).enumerate().par_bridge();
    let parts = blobs.map(|(number, blob)| match blob.map_err(damaged)?.decode().map_err(damaged)? {
        BlobDecode::OsmHeader(header) => {
            let unknown =
                header.required_features().iter().find(|name| !KNOWN_FEATURES.contains(&name.as_str()));
            match unknown.map(String::as_str) {
                Some("HistoricalInformation") => Err(Error::input("it holds the history of its elements")
                    .with_hint("osmium time-filter IN.osh.pbf -o OUT.osm.pbf takes one moment of it")),
                Some(name) => {
                    Err(Error::input(format!("it needs a reader that knows {}", name.escape_debug()))
                        .with_hint("osmium cat IN.osm.pbf -o OUT.osm.pbf writes it in the usual form"))
                }
                None => Ok((number, None)),
            }
        }
        BlobDecode::OsmData(block) => Ok((number, Some(take(&block)))),
        BlobDecode::Unknown(_) => Ok((number, None)),
    });
    let mut parts = parts.collect::<Result<Vec<_>>>()?;
    parts.sort_unstable_by_key(|(number, _)| *number);
    Ok(parts.into_iter().filter_map(|(_, part)| part).collect())
}
