//! Streets from the lines of any file or table.
//!
//! Lines meet where they have equal positions. Columns are called as the tags of OpenStreetMap, in any case.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow_array::RecordBatch;
use mly::{Error, Result, Wkb};

use super::build::{NetworkBuilder, RoadLine, count_other};
use super::choice::{StreetKind, Ways};
use super::network::{RoadNetwork, WayFacts};
use super::tags::{Oneway, first_of_list};
use crate::columns::{Columns, Id};
use crate::input::Input;

/// Columns that may hold the id of a way, the first one that is there counts.
const ID_COLUMNS: [&str; 4] = ["id", "osm_id", "way_id", "osmid"];

/// Columns that may hold the class of a street. The extracts of Geofabrik call it `fclass`, and results of this job `class`.
const CLASS_COLUMNS: [&str; 3] = ["highway", LETTERS, "class"];

/// With this column, that of `oneway` has letters.
const LETTERS: &str = "fclass";

/// Positions along a line.
type Line = Vec<[f64; 2]>;

/// A way and its line, before lines have met.
struct DrawnWay {
    facts: WayFacts,
    line: Line,
}

/// Reads the streets of these kinds.
pub(super) fn read(input: &Input, ways: &Ways) -> Result<RoadNetwork> {
    let (mut drawn, mut lines, mut others) = (Vec::new(), 0, BTreeMap::new());
    let rows = input.rows().map_err(of_roads)?;
    for batch in rows.batches {
        lines += add(&batch.map_err(of_roads)?, ways, &mut drawn, &mut others);
    }
    // So that the order of rows changes nothing.
    drawn.sort_by(|a, b| a.facts.id.cmp(&b.facts.id).then_with(|| order(&a.line, &b.line)));
    fold(&mut drawn);
    let mut network = NetworkBuilder::of_streets(lines, others);
    let mut numbers: HashMap<[u64; 2], u32> = HashMap::new();
    for DrawnWay { facts, line } in drawn {
        let mut nodes = Vec::with_capacity(line.len());
        for at in line {
            let next = u32::try_from(network.places.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(key(at)).or_insert(next);
            if number == next {
                network.places.push(at);
            }
            nodes.push(number);
        }
        let way = network.add_way(facts);
        network.lines.push(RoadLine { way, nodes });
    }
    Ok(network.finish())
}

/// Adds the streets of a batch. Returns how many lines it has.
fn add(
    batch: &RecordBatch,
    ways: &Ways,
    drawn: &mut Vec<DrawnWay>,
    others: &mut BTreeMap<String, u64>,
) -> u64 {
    let columns = Columns(batch);
    // Some programs write all names in capitals.
    let schema = batch.schema_ref();
    let own_name = |name: &str| {
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        names().find(|own| *own == name).or_else(|| names().find(|own| own.eq_ignore_ascii_case(name)))
    };
    let class_column = CLASS_COLUMNS.into_iter().find(|name| own_name(name).is_some());
    let ids = ID_COLUMNS.into_iter().find_map(own_name).map(|name| columns.ids(name));
    let texts = |name: &str| columns.any_text(own_name(name).unwrap_or(name));
    let classes = class_column.map(texts);
    let (names, oneways, junctions) = (texts("name"), texts("oneway"), texts("junction"));
    let (services, accesses, areas, layers) =
        (texts("service"), texts("access"), texts("area"), texts("layer"));
    let geometries = columns.geometries();
    let mut count = 0;
    for row in 0..batch.num_rows() {
        let Some(Wkb::Lines(lines)) = geometries.get(row) else { continue };
        count += lines.len() as u64;
        let class = classes.as_ref().map(|classes| classes(row));
        // Where a file tells classes, a line without one is no street.
        if class.as_ref().is_some_and(Option::is_none) {
            continue;
        }
        let class = class.flatten().map(|class| first_of_list(&class).to_owned());
        let (service, access, area) = (services(row), accesses(row), areas(row));
        let kind = StreetKind {
            class: class.as_deref(),
            service: service.as_deref(),
            access: access.as_deref(),
            area: area.as_deref(),
        };
        if !ways.has(kind) {
            count_other(others, class.as_deref().unwrap_or_default());
            continue;
        }
        let oneway = match class_column {
            Some(LETTERS) => Oneway::of_letter(oneways(row).as_deref()),
            _ => Oneway::of(oneways(row).as_deref(), junctions(row).as_deref()),
        };
        let facts = WayFacts {
            id: ids.and_then(|ids| ids.get(row)),
            name: names(row).map(Into::into),
            class: class.map(Into::into),
            layer: layers(row).and_then(|layer| layer.trim().parse().ok()),
            is_oneway: oneway != Oneway::No,
        };
        drawn.extend(lines.into_iter().map(|mut line| {
            if oneway == Oneway::Backward {
                line.reverse();
            }
            DrawnWay { facts: facts.clone(), line }
        }));
    }
    count
}

/// Drops lines of one way that come more than once, as osmnx writes a street once for each direction.
fn fold(drawn: &mut Vec<DrawnWay>) {
    let mut seen: HashSet<Vec<[u64; 2]>> = HashSet::new();
    let mut of: Option<Option<Id>> = None;
    drawn.retain(|way| {
        if of.as_ref() != Some(&way.facts.id) {
            seen.clear();
            of = Some(way.facts.id.clone());
        }
        let keys: Vec<_> = way.line.iter().map(|at| key(*at)).collect();
        let mut turned = keys.clone();
        turned.reverse();
        let is_known = seen.contains(&keys) || (!way.facts.is_oneway && seen.contains(&turned));
        !is_known && seen.insert(keys)
    });
}

/// An order of lines that does not depend on where they stood.
fn order(a: &Line, b: &Line) -> std::cmp::Ordering {
    let positions = a.as_flattened().iter().zip(b.as_flattened());
    let differs = positions.map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    differs.unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// A position as a key; the two zeros are one.
fn key(at: [f64; 2]) -> [u64; 2] {
    at.map(|number| (number + 0.0).to_bits())
}

/// Says what roads have to be, where the reader refuses what is none.
fn of_roads(error: Error) -> Error {
    match &error {
        Error::Input { what, hint: None, .. } if what.contains("the geometry is a") => {
            error.with_hint("streets are lines: give their middle lines, not their outlines")
        }
        _ => error,
    }
}
