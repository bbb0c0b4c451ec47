//! Work on all cores: images are put onto streets, and what was found on each edge is joined.

use mly::Result;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use super::coverage::Coverage;
use super::drive::{EdgeSighting, Findings, SeenPart};
use super::images::{Shots, pieces};
use super::index::EdgeIndex;
use super::matching::Matcher;
use super::measured::Measured;
use super::reach::StreetGraph;
use super::tier::TierLimits;
use crate::roads::{RoadEdge, RoadNetwork};
use crate::spool::{Spool, SpoolInOrder, SpoolRecord};

/// Pieces of sequences that one task puts onto streets.
const PIECES_AT_ONCE: usize = 64;

/// How many images there are, and where they are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ImageCounts {
    pub(super) images: u64,
    /// Images whose date is missing or cannot be right.
    pub(super) undated: u64,
    /// Images on streets.
    pub(super) matched: u64,
    /// Images for which another street is as likely.
    pub(super) ambiguous: u64,
}

/// What was found on edges, in the order of their numbers.
pub(super) struct EdgeFindings {
    sightings: ByEdge<EdgeSighting>,
    stretches: ByEdge<SeenPart>,
    pub(super) counts: ImageCounts,
}

/// Puts all images onto streets. At most so many findings of each kind are kept in memory.
///
/// # Errors
/// [`mly::Error::Output`] when the disk is full.
pub(super) fn find(
    network: &RoadNetwork,
    shots: &mut Shots,
    limits: TierLimits,
    most: usize,
) -> Result<EdgeFindings> {
    let index = EdgeIndex::new(network);
    let graph = StreetGraph::new(network);
    let (mut sightings, mut stretches) = (Spool::new(most), Spool::new(most));
    let (mut counts, mut first) = (ImageCounts::default(), 0);
    loop {
        let all = shots.next_pieces()?;
        if all.is_empty() {
            break;
        }
        let parts: Vec<Findings> = pieces(&all)
            .par_chunks(PIECES_AT_ONCE)
            .map_init(
                || Matcher::new(network, &index, &graph),
                |matcher, pieces| {
                    let mut found = Findings::default();
                    for range in pieces {
                        let piece = all.get(range.clone()).unwrap_or_default();
                        let placed = matcher.place(piece);
                        found.add(piece, first + range.start, &placed, &graph, limits);
                    }
                    found
                },
            )
            .collect();
        let is_undated = |captured_at: i64| limits.date(Some(captured_at)).is_none();
        counts.images += all.len() as u64;
        counts.undated += all.iter().filter(|shot| is_undated(shot.captured_at)).count() as u64;
        for Findings { sightings: seen, stretches: shown } in parts {
            let ambiguous = seen.iter().filter(|sighting| sighting.is_ambiguous).count() as u64;
            counts.ambiguous += ambiguous;
            counts.matched += seen.len() as u64 - ambiguous;
            sightings.extend(seen)?;
            stretches.extend(shown)?;
        }
        first += all.len();
    }
    Ok(EdgeFindings {
        sightings: ByEdge::new(sightings, |sighting| sighting.edge)?,
        stretches: ByEdge::new(stretches, |stretch| stretch.edge)?,
        counts,
    })
}

impl EdgeFindings {
    /// What is known of the next edges, the first of which has this number; `None` for those that are not measured.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when what was written to the disk cannot be read.
    pub(super) fn coverages(
        &mut self,
        network: &RoadNetwork,
        first: usize,
        edges: &[RoadEdge],
        measured: &Measured,
        limits: TierLimits,
    ) -> Result<Vec<Option<Coverage>>> {
        let end = first + edges.len();
        let (sightings, stretches) = (self.sightings.before(end)?, self.stretches.before(end)?);
        let of_edge = |(place, edge): (usize, &RoadEdge)| {
            let number = first + place;
            let seen = of_number(&sightings, number, |sighting| sighting.edge);
            let shown = of_number(&stretches, number, |stretch| stretch.edge);
            let is_measured = measured.has(network.line(edge));
            is_measured.then(|| Coverage::new(edge.length_m, seen, shown, limits))
        };
        Ok(edges.par_iter().enumerate().map(of_edge).collect())
    }
}

/// Records in the order of their edges.
struct ByEdge<T: SpoolRecord> {
    in_order: SpoolInOrder<T>,
    next: Option<T>,
    edge: fn(&T) -> u32,
}

impl<T: SpoolRecord> ByEdge<T> {
    fn new(spool: Spool<T>, edge: fn(&T) -> u32) -> Result<Self> {
        Ok(Self { in_order: spool.in_order()?, next: None, edge })
    }

    /// The next records, of edges before this one.
    fn before(&mut self, end: usize) -> Result<Vec<T>> {
        let mut records = Vec::new();
        loop {
            let next = match self.next.take() {
                None => self.in_order.next().transpose()?,
                next => next,
            };
            match next {
                Some(record) if ((self.edge)(&record) as usize) < end => records.push(record),
                next => {
                    self.next = next;
                    return Ok(records);
                }
            }
        }
    }
}

/// Those of sorted records that are of one edge.
fn of_number<T>(sorted: &[T], number: usize, edge: impl Fn(&T) -> u32) -> &[T] {
    let begin = sorted.partition_point(|record| (edge(record) as usize) < number);
    let rest = sorted.get(begin..).unwrap_or_default();
    rest.split_at(rest.partition_point(|record| edge(record) as usize == number)).0
}
