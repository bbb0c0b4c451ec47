//! Data of OpenStreetMap in protocol buffers, as extracts of countries and cities are published.
//!
//! The file is read twice: for what is wanted, and for the places of the nodes of the ways. Blocks are unpacked on all cores.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use mly::{Error, Result};
use osmpbf::{Blob, BlobDecode, BlobReader, DenseNode, Element, Node, PrimitiveBlock, Way};
use rayon::iter::{ParallelBridge, ParallelIterator};
use rayon::slice::ParallelSliceMut;

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
    let blocks = each_block(
        path,
        |_| true,
        |block| {
            let mut found = BlockData::default();
            for element in block.elements() {
                found.add(&element, choice);
            }
            found
        },
    )?;
    let (mut nodes, mut ways, mut places) = (Vec::new(), Vec::new(), PlaceList::new());
    let mut ranges = HashMap::new();
    for (number, block) in blocks {
        ranges.extend(block.ids.map(|ids| (number, ids)));
        nodes.extend(block.nodes);
        ways.extend(block.ways);
        places.extend(block.places);
    }
    if places.is_empty() {
        let mut needed: Vec<i64> = ways.iter().flat_map(|way: &OsmWay| way.refs.iter().copied()).collect();
        needed.par_sort_unstable();
        needed.dedup();
        // Blocks of ways are not unpacked again, nor are those that have none of the nodes.
        let is_needed = |number: usize| {
            ranges.get(&number).is_some_and(|[first, last]| {
                let at = needed.partition_point(|id| id < first);
                needed.get(at).is_some_and(|id| id <= last)
            })
        };
        let found = each_block(path, is_needed, |block| places_in(block, &needed))?;
        places = found.into_iter().flat_map(|(_, places)| places).collect();
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
    /// The smallest and the largest id of its nodes.
    ids: Option<[i64; 2]>,
}

impl BlockData {
    fn add(&mut self, element: &Element<'_>, choice: &OsmChoice<'_>) {
        match element {
            Element::Node(node) => {
                self.count(node.id());
                if node.tags().next().is_none() {
                    return;
                }
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
                self.count(node.id());
                if node.tags().next().is_none() {
                    return;
                }
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

    fn count(&mut self, node: i64) {
        let [first, last] = self.ids.get_or_insert([node, node]);
        (*first, *last) = ((*first).min(node), (*last).max(node));
    }

    fn add_node(&mut self, info: OsmInfo, at: [f64; 2], choice: &OsmChoice<'_>) {
        if (choice.node)(&info.tags) {
            // Through whole units, so that a position is the same number whatever the form of the file.
            let at = units(at[0], at[1]).map_or(at, |units| units.map(|unit| f64::from(unit) / 1e7));
            self.nodes.push(OsmNode { info: OsmInfo { tags: info.tags.kept(choice.keys), ..info }, at });
        }
    }

    fn add_way(&mut self, way: &Way<'_>, choice: &OsmChoice<'_>) {
        // Most ways are houses: without a key that matters, no text is copied.
        let may_be = |keys: &[&str]| way.tags().any(|(key, _)| keys.contains(&key));
        if !choice.way_keys.is_none_or(may_be) {
            return;
        }
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
    let mut needed = RisingIds { all: needed, at: 0 };
    let dense = |node: DenseNode<'_>| Some((node.id(), units(node.lon(), node.lat())?));
    let plain = |node: Node<'_>| Some((node.id(), units(node.lon(), node.lat())?));
    let mut places = PlaceList::new();
    for group in block.groups() {
        places.extend(group.dense_nodes().filter(|node| needed.has(node.id())).filter_map(dense));
        places.extend(group.nodes().filter(|node| needed.has(node.id())).filter_map(plain));
    }
    places
}

/// Sorted ids, in which rising ids are looked up without a search from the beginning.
struct RisingIds<'a> {
    all: &'a [i64],
    /// All before this place are smaller than the id that was asked for last.
    at: usize,
}

impl RisingIds<'_> {
    /// Whether an id is one of them.
    fn has(&mut self, id: i64) -> bool {
        const NEAR: usize = 8;
        let is_smaller = |known: &i64| *known < id;
        if self
            .at
            .checked_sub(1)
            .and_then(|before| self.all.get(before))
            .is_some_and(|known| !is_smaller(known))
        {
            self.at = 0;
        }
        let rest = self.all.get(self.at..).unwrap_or_default();
        let steps = rest.iter().take(NEAR).take_while(|known| is_smaller(known)).count();
        self.at += if steps < NEAR { steps } else { rest.partition_point(is_smaller) };
        self.all.get(self.at) == Some(&id)
    }
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

/// Calls `take` with each block of the file whose number is wanted, on all cores; the results are in the order of the file,
/// with the numbers.
fn each_block<T: Send>(
    path: &Path,
    is_wanted: impl Fn(usize) -> bool + Sync,
    take: impl Fn(&PrimitiveBlock) -> T + Sync,
) -> Result<Vec<(usize, T)>> {
    let file = File::open(path).map_err(damaged)?;
    let blobs = BlobReader::new(BlobBytes(BufReader::new(file))).enumerate().par_bridge();
    let parts = blobs.map(|(number, blob)| {
        let blob = blob.map_err(damaged)?;
        if is_wanted(number) { taken(number, &blob, &take) } else { Ok((number, None)) }
    });
    let mut parts = parts.collect::<Result<Vec<_>>>()?;
    parts.sort_unstable_by_key(|(number, _)| *number);
    Ok(parts.into_iter().filter_map(|(number, part)| Some((number, part?))).collect())
}

/// What `take` makes of a block, if it has elements.
fn taken<T>(number: usize, blob: &Blob, take: impl Fn(&PrimitiveBlock) -> T) -> Result<(usize, Option<T>)> {
    match blob.decode().map_err(damaged)? {
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
    }
}
