//! What is missing as a change file (osmChange 0.6).

use std::collections::BTreeMap;
use std::fmt::Write;

use mly::{Error, Result};

use super::added::{AddedNode, added_nodes};
use super::compared::OsmComparison;
use super::xml::{degrees, tags};
use crate::openstreetmap::OsmWay;

/// Adds the missing nodes, and replaces the ways that they go into.
pub(super) fn change(found: &OsmComparison) -> Result<String> {
    let has_versions = found.world.ways.iter().all(|way| way.info.version.is_some());
    if !has_versions
        || found.world.ways.is_empty() && found.world.elements.iter().any(|e| e.info.version.is_none())
    {
        return Err(Error::input("it has no versions, and a change of a way needs the version of the way")
            .with_hint("ask Overpass for `out meta;`, or take an extract with versions; -f osm needs none")
            .with_path(&found.osm));
    }
    let nodes = added_nodes(found);
    let mut ways: BTreeMap<u32, Vec<&AddedNode>> = BTreeMap::new();
    for node in &nodes {
        if let Some(insertion) = node.insertion {
            ways.entry(insertion.line).or_default().push(node);
        }
    }
    let mut out = String::from(
        "<?xml version='1.0' encoding='UTF-8'?>\n<osmChange version=\"0.6\" generator=\"mly\">\n",
    );
    if !nodes.is_empty() {
        out.push_str("<create>\n");
        for node in &nodes {
            let (lat, lon) = (degrees(node.at[1]), degrees(node.at[0]));
            // Writing to a text does not fail.
            let _ = writeln!(
                out,
                "<node id=\"{}\" version=\"0\" changeset=\"0\" lat=\"{lat}\" lon=\"{lon}\">",
                node.id
            );
            tags(&mut out, node.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
            out.push_str("</node>\n");
        }
        out.push_str("</create>\n");
    }
    if !ways.is_empty() {
        out.push_str("<modify>\n");
        for (line, added) in ways {
            if let Some(way) = found.world.way(line) {
                write_way(&mut out, way, &added, found)?;
            }
        }
        out.push_str("</modify>\n");
    }
    out.push_str("</osmChange>\n");
    Ok(out)
}

/// A way with further nodes. All its nodes and tags are repeated, since a change replaces the whole way.
fn write_way(out: &mut String, way: &OsmWay, added: &[&AddedNode], found: &OsmComparison) -> Result<()> {
    if way.refs.iter().any(|node| *node < 0) {
        return Err(Error::input("its ways do not name their nodes, and a change of a way has to")
            .with_hint("ask Overpass for `out meta;` with nodes, not for `out geom;`")
            .with_path(&found.osm));
    }
    let version = way.info.version.unwrap_or_default();
    let _ = writeln!(out, "<way id=\"{}\" version=\"{version}\" changeset=\"0\">", way.info.id);
    for (node, at) in way.refs.iter().zip(0_u32..) {
        let _ = writeln!(out, "<nd ref=\"{node}\"/>");
        let mut here: Vec<_> =
            added.iter().filter_map(|n| Some((n.insertion.filter(|i| i.after == at)?.share, n.id))).collect();
        here.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        for (_, id) in here {
            let _ = writeln!(out, "<nd ref=\"{id}\"/>");
        }
    }
    tags(out, way.info.tags.iter());
    out.push_str("</way>\n");
    Ok(())
}
