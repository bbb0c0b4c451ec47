//! Nodes that an edit adds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::compared::OsmComparison;
use super::finding::{Finding, Insertion, OsmStatus};
use super::mapped_sign::MappedSign;
use super::rule::RuleKind;
use crate::metric::Position;

/// A node that is to be added.
#[derive(Debug)]
pub(super) struct AddedNode {
    /// A negative number, as editors expect of what is not stored yet.
    pub(super) id: i64,
    pub(super) at: Position,
    pub(super) tags: BTreeMap<String, String>,
    /// Where it goes into a way.
    pub(super) insertion: Option<Insertion>,
}

/// The nodes for all that is missing and is a point, in the order of the signs.
///
/// Equal signs for one place of a way, such as those on both sides of a road, need one node.
pub(super) fn added_nodes(found: &OsmComparison) -> Vec<AddedNode> {
    let mut nodes: Vec<AddedNode> = Vec::new();
    let mut taken: BTreeSet<(i64, [i64; 2], String)> = BTreeSet::new();
    for (finding, sign) in found.findings.iter().zip(&found.signs.all) {
        let is_point = finding.kind.is_some_and(RuleKind::is_point);
        if finding.status != OsmStatus::Missing || !is_point || finding.suggested.is_empty() {
            continue;
        }
        let at = finding.insertion.map_or(sign.at, |insertion| insertion.at);
        if let Some(insertion) = finding.insertion {
            #[expect(clippy::cast_possible_truncation, reason = "units of OpenStreetMap, at most 1.8e9")]
            let place = at.map(|degrees| (degrees * 1e7).round() as i64);
            let what = format!("{:?}", finding.suggested);
            if !taken.insert((i64::from(insertion.line), place, what)) {
                continue;
            }
        }
        let id = -1 - i64::try_from(nodes.len()).unwrap_or(i64::MAX - 1);
        nodes.push(AddedNode { id, at, tags: tags_of(finding, sign), insertion: finding.insertion });
    }
    nodes
}

/// The tags of a new node: what it is, when it was seen, and on which photo.
fn tags_of(finding: &Finding, sign: &MappedSign) -> BTreeMap<String, String> {
    let mut tags = finding.suggested.clone();
    if let Some(day) = sign.seen.and_then(|[_, last]| day(last)) {
        tags.insert("check_date".to_owned(), day);
    }
    if let Some(image) = sign.image {
        tags.insert("mapillary".to_owned(), image.to_string());
    }
    tags.insert("source".to_owned(), "mapillary".to_owned());
    tags
}

/// The day of a moment, such as `2026-01-31`.
pub(super) fn day(ms: i64) -> Option<String> {
    DateTime::from_timestamp_millis(ms).map(|moment| moment.format("%Y-%m-%d").to_string())
}
