//! The tables that the job gives: streets, and gaps.

use arrow_array::RecordBatch;
use mly::{ColumnKind, Result};

use super::coverage::Coverage;
use super::fill::{About, Cell, TableBuilder};
use crate::columns::Id;
use crate::metric::{Position, distance_m};
use crate::roads::{RoadEdge, RoadNetwork};

/// What `status` says of an edge around which images were asked for.
const MEASURED: &str = "ok";

/// And of one around which nobody knows whether there are any.
const UNMEASURED: &str = "unmeasured";

/// A part of a street without images is a gap from this length on, in metres.
const LEAST_GAP_M: f64 = 20.0;

/// Columns of the streets; the type of `way_id` depends on the file.
const STREETS: [(&str, ColumnKind); 29] = [
    ("edge_id", ColumnKind::Text),
    ("way_id", ColumnKind::Int),
    ("name", ColumnKind::Text),
    ("class", ColumnKind::Text),
    ("length_m", ColumnKind::Float),
    ("oneway", ColumnKind::Bool),
    ("layer", ColumnKind::Int),
    ("covered", ColumnKind::Float),
    ("covered_forward", ColumnKind::Float),
    ("covered_backward", ColumnKind::Float),
    ("covered_pano", ColumnKind::Float),
    ("covered_fresh", ColumnKind::Float),
    ("newest", ColumnKind::Time),
    ("oldest", ColumnKind::Time),
    ("dated_share", ColumnKind::Float),
    ("tier", ColumnKind::Text),
    ("images", ColumnKind::Int),
    ("sequences", ColumnKind::Int),
    ("passes", ColumnKind::Int),
    ("passes_forward", ColumnKind::Int),
    ("passes_backward", ColumnKind::Int),
    ("pano_share", ColumnKind::Float),
    ("foot_share", ColumnKind::Float),
    ("quality_p10", ColumnKind::Float),
    ("quality_p50", ColumnKind::Float),
    ("quality_p90", ColumnKind::Float),
    ("ambiguous", ColumnKind::Int),
    ("status", ColumnKind::Text),
    ("geometry", ColumnKind::Lines),
];

/// Columns of the gaps.
const GAPS: [(&str, ColumnKind); 10] = [
    ("edge_id", ColumnKind::Text),
    ("way_id", ColumnKind::Int),
    ("name", ColumnKind::Text),
    ("class", ColumnKind::Text),
    ("length_m", ColumnKind::Float),
    ("from_m", ColumnKind::Float),
    ("to_m", ColumnKind::Float),
    ("edge_length_m", ColumnKind::Float),
    ("edge_covered", ColumnKind::Float),
    ("geometry", ColumnKind::Lines),
];

/// Both tables while they are filled.
pub(super) struct StreetTables<'n> {
    network: &'n RoadNetwork,
    has_numbers: bool,
    streets: TableBuilder,
    gaps: TableBuilder,
}

impl<'n> StreetTables<'n> {
    pub(super) fn new(network: &'n RoadNetwork, about: &About<'_>) -> Result<Self> {
        let has_numbers = !network.ways.iter().any(|way| matches!(way.id, Some(Id::Text(_))));
        let typed = |columns: &[(&'static str, ColumnKind)]| {
            let is_text = |name: &str| name == "way_id" && !has_numbers;
            let typed = |(name, kind): &(&'static str, ColumnKind)| {
                (*name, if is_text(name) { ColumnKind::Text } else { *kind })
            };
            columns.iter().map(typed).collect::<Vec<_>>()
        };
        Ok(Self {
            network,
            has_numbers,
            streets: TableBuilder::new("streets", about, &typed(&STREETS))?,
            gaps: TableBuilder::new("gaps", about, &typed(&GAPS))?,
        })
    }

    /// Adds an edge; without coverage when nobody knows whether there are images.
    pub(super) fn add(&mut self, edge: &RoadEdge, coverage: Option<&Coverage>) -> Result<()> {
        let way = self.network.way(edge);
        let id = edge_id(edge, way.id.as_ref());
        let way_text = way.id.as_ref().map(ToString::to_string);
        let way_id = || match (&way.id, self.has_numbers) {
            (Some(Id::Number(number)), true) => Cell::Int(Some(*number)),
            (None, true) => Cell::Int(None),
            _ => Cell::Text(way_text.as_deref()),
        };
        let share = |metres: fn(&Coverage) -> f64| {
            Cell::Float(coverage.map(|coverage| rounded((metres(coverage) / edge.length_m).min(1.0))))
        };
        let count = |count: fn(&Coverage) -> u64| {
            Cell::Int(coverage.map(|coverage| i64::try_from(count(coverage)).unwrap_or(i64::MAX)))
        };
        let quality = |at: usize| {
            let quality = coverage.and_then(|coverage| coverage.quality?.get(at).copied());
            Cell::Float(quality.map(rounded))
        };
        #[expect(clippy::cast_precision_loss, reason = "counts of images")]
        let dated = coverage.filter(|coverage| coverage.images > 0).map(|c| c.dated as f64 / c.images as f64);
        self.streets.row(vec![
            Cell::Text(Some(&id)),
            way_id(),
            Cell::Text(way.name.as_deref()),
            Cell::Text(way.class.as_deref()),
            Cell::Float(Some(millimetres(edge.length_m))),
            Cell::Bool(way.is_oneway),
            Cell::Int(way.layer),
            share(|coverage| coverage.covered_m),
            share(|coverage| coverage.forward_m),
            if way.is_oneway { Cell::Float(None) } else { share(|coverage| coverage.backward_m) },
            share(|coverage| coverage.pano_m),
            share(|coverage| coverage.fresh_m),
            Cell::Time(coverage.and_then(|coverage| coverage.newest)),
            Cell::Time(coverage.and_then(|coverage| coverage.oldest)),
            Cell::Float(dated.map(rounded)),
            Cell::Text(coverage.map(|coverage| coverage.tier().name())),
            count(|coverage| coverage.images),
            count(|coverage| coverage.sequences),
            count(|coverage| coverage.passes),
            count(|coverage| coverage.passes_forward),
            count(|coverage| coverage.passes_backward),
            Cell::Float(coverage.and_then(|coverage| coverage.panos.share()).map(rounded)),
            Cell::Float(coverage.and_then(|coverage| coverage.on_foot.share()).map(rounded)),
            quality(0),
            quality(1),
            quality(2),
            count(|coverage| coverage.ambiguous),
            Cell::Text(Some(if coverage.is_some() { MEASURED } else { UNMEASURED })),
            Cell::Line(self.network.line(edge).collect()),
        ])?;
        let Some(coverage) = coverage else { return Ok(()) };
        for [from_m, to_m] in coverage.uncovered.iter().copied().filter(|[from, to]| to - from >= LEAST_GAP_M)
        {
            self.gaps.row(vec![
                Cell::Text(Some(&id)),
                way_id(),
                Cell::Text(way.name.as_deref()),
                Cell::Text(way.class.as_deref()),
                Cell::Float(Some(millimetres(to_m - from_m))),
                Cell::Float(Some(millimetres(from_m))),
                Cell::Float(Some(millimetres(to_m))),
                Cell::Float(Some(millimetres(edge.length_m))),
                share(|coverage| coverage.covered_m),
                Cell::Line(part(&self.network.line(edge).collect::<Vec<_>>(), from_m, to_m)),
            ])?;
        }
        Ok(())
    }

    /// The rows since the last call, of streets and of gaps.
    pub(super) fn take(&mut self) -> Result<(RecordBatch, RecordBatch)> {
        Ok((self.streets.take()?, self.gaps.take()?))
    }
}

/// The id of the way and the number of the edge; ways without ids are numbered together.
fn edge_id(edge: &RoadEdge, way: Option<&Id>) -> String {
    match way {
        Some(way) => format!("{way}-{}", edge.number),
        None => edge.number.to_string(),
    }
}

/// The part of a line between two places on it, in metres from its beginning.
fn part(line: &[Position], from_m: f64, to_m: f64) -> Vec<Position> {
    let (mut part, mut begin_m) = (Vec::new(), 0.0);
    for pair in line.windows(2) {
        let [from, to] = pair else { continue };
        let length_m = distance_m(*from, *to);
        let end_m = begin_m + length_m;
        let at = |metres: f64| {
            let share = ((metres - begin_m) / length_m).clamp(0.0, 1.0);
            if share <= 0.0 {
                *from
            } else if share >= 1.0 {
                *to
            } else {
                [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
            }
        };
        if length_m > 0.0 && end_m > from_m && begin_m < to_m {
            if part.is_empty() {
                part.push(at(from_m));
            }
            part.push(at(to_m));
        }
        begin_m = end_m;
    }
    part
}

/// To the sixth digit, beyond which shares and qualities mean nothing.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// To the millimetre.
fn millimetres(metres: f64) -> f64 {
    (metres * 1e3).round() / 1e3
}
