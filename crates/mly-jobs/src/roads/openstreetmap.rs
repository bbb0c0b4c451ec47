//! Streets from data of OpenStreetMap.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use mly::Result;

use super::build::{NetworkBuilder, RoadLine, count_other};
use super::choice::{StreetKind, Ways};
use super::network::{RoadNetwork, WayFacts};
use super::tags::Oneway;
use crate::columns::Id;
use crate::openstreetmap::{self, NodePlaces, OsmChoice, OsmForm, OsmTags, OsmWay};

/// The tags that say something about a street.
const KEYS: [&str; 7] = ["highway", "junction", "layer", "name", "oneway", "service", "access"];

/// Reads the streets of these kinds.
pub(super) fn read(path: &Path, form: OsmForm, ways: &Ways) -> Result<RoadNetwork> {
    // A file is read twice if need be, but each way is chosen once.
    let (streets, others) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()));
    let is_wanted = |tags: &OsmTags| {
        let Some(class) = tags.get("highway") else { return false };
        streets.fetch_add(1, Ordering::Relaxed);
        let (service, access, area) = (tags.get("service"), tags.get("access"), tags.get("area"));
        let is_wanted = ways.has(StreetKind { class: Some(class), service, access, area });
        if !is_wanted {
            let mut others = others.lock().unwrap_or_else(PoisonError::into_inner);
            count_other(&mut others, class);
        }
        is_wanted
    };
    let choice =
        OsmChoice { node: &|_| false, way_keys: Some(&["highway"]), way: &is_wanted, keys: Some(&KEYS) };
    let data = openstreetmap::read(path, form, &choice)?;
    let others = others.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut network = NetworkBuilder::of_streets(streets.load(Ordering::Relaxed), others);
    let mut refs: Vec<i64> = data.ways.iter().flat_map(|way| way.refs.iter().copied()).collect();
    refs.sort_unstable();
    refs.dedup();
    refs.retain(|id| data.places.get(*id).is_some());
    network.places = refs.iter().filter_map(|id| data.places.get(*id)).collect();
    for way in &data.ways {
        add(&mut network, way, &refs, &data.places);
    }
    Ok(network.finish())
}

fn add(network: &mut NetworkBuilder, way: &OsmWay, refs: &[i64], places: &NodePlaces) {
    let tag = |key: &str| way.info.tags.get(key);
    let oneway = Oneway::of(tag("oneway"), tag("junction"));
    let facts = WayFacts {
        id: Some(Id::Number(way.info.id)),
        name: tag("name").map(Into::into),
        class: tag("highway").map(Into::into),
        layer: tag("layer").and_then(|layer| layer.trim().parse().ok()),
        is_oneway: oneway != Oneway::No,
    };
    let facts = network.add_way(facts);
    // Extracts can lack nodes beyond their border. The way is taken apart there.
    for run in way.refs.split(|id| places.get(*id).is_none()) {
        let number = |id: &i64| refs.binary_search(id).ok().and_then(|at| u32::try_from(at).ok());
        let mut nodes: Vec<u32> = run.iter().filter_map(number).collect();
        if oneway == Oneway::Backward {
            nodes.reverse();
        }
        network.lines.push(RoadLine { way: facts, nodes });
    }
}
