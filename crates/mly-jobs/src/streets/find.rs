//! Work on all cores: images are put onto streets, and what was found on each edge is joined.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::coverage::Coverage;
use super::drive::Findings;
use super::images::Shots;
use super::index::EdgeIndex;
use super::matching::Matcher;
use super::measured::Measured;
use super::reach::StreetGraph;
use super::tier::TierLimits;
use crate::roads::{RoadEdge, RoadNetwork};

/// Pieces of sequences that one task puts onto streets.
const PIECES_AT_ONCE: usize = 64;

/// Puts all images onto streets. What is found comes sorted by edge.
pub(super) fn find(network: &RoadNetwork, shots: &Shots, limits: TierLimits) -> Findings {
    let index = EdgeIndex::new(network);
    let graph = StreetGraph::new(network);
    let pieces = shots.pieces();
    let parts: Vec<Findings> = pieces
        .par_chunks(PIECES_AT_ONCE)
        .map_init(
            || Matcher::new(network, &index, &graph),
            |matcher, pieces| {
                let mut found = Findings::default();
                for range in pieces {
                    let piece = shots.all.get(range.clone()).unwrap_or_default();
                    let placed = matcher.place(piece);
                    found.add(piece, range.start, &placed, &graph, limits);
                }
                found
            },
        )
        .collect();
    let mut all = Findings::default();
    for part in parts {
        all.sightings.extend(part.sightings);
        all.stretches.extend(part.stretches);
    }
    all.sightings.par_sort_unstable_by_key(|sighting| (sighting.edge, sighting.image));
    all.stretches.par_sort_unstable_by_key(|stretch| stretch.edge);
    all
}

/// What is known of some edges, the first of which has this number; `None` for those that are not measured.
pub(super) fn coverages(
    network: &RoadNetwork,
    first: usize,
    edges: &[RoadEdge],
    findings: &Findings,
    shots: &Shots,
    measured: &Measured,
    limits: TierLimits,
) -> Vec<Option<Coverage>> {
    let (sightings, stretches) = (&findings.sightings, &findings.stretches);
    let of_edge = |(place, edge): (usize, &RoadEdge)| {
        let number = first + place;
        let is_before = |other: u32| (other as usize) < number;
        let seen = sightings.partition_point(|sighting| is_before(sighting.edge));
        let shown = stretches.partition_point(|stretch| is_before(stretch.edge));
        let seen = sightings.get(seen..).unwrap_or_default();
        let shown = stretches.get(shown..).unwrap_or_default();
        let seen = seen.split_at(seen.partition_point(|sighting| sighting.edge as usize == number)).0;
        let shown = shown.split_at(shown.partition_point(|stretch| stretch.edge as usize == number)).0;
        let is_measured = measured.has(network.line(edge));
        is_measured.then(|| Coverage::new(edge.length_m, seen, shown, &shots.all, limits))
    };
    edges.par_iter().enumerate().map(of_edge).collect()
}
