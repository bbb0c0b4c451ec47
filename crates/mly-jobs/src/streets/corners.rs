//! Short visits to a street that is left where it was entered.
//!
//! Who turns at a corner seems to go straight on for some metres, because positions overshoot and directions are those of
//! several images. No cost of single steps tells that from a real visit.

use super::choice::Choice;
use super::index::EdgePlace;
use super::reach::StreetGraph;

/// Visits that go no farther than this into a street are no visits, in metres.
const SHORT_M: f64 = 15.0;

/// Puts the images of such visits onto the streets before and after.
pub(super) fn cut_corners(choices: &[Choice], way: &mut [usize], graph: &StreetGraph) {
    let on = |image: usize, place: usize| choices.get(image).and_then(|choice| choice.edges.get(place));
    let edges: Vec<Option<u32>> =
        way.iter().enumerate().map(|(image, place)| on(image, *place).map(|on| on.edge)).collect();
    let mut begin = 0;
    for visit in edges.chunk_by(|a, b| a == b) {
        let range = begin..begin + visit.len();
        begin = range.end;
        let before = range.start.checked_sub(1).and_then(|image| edges.get(image).copied().flatten());
        let after = edges.get(range.end).copied().flatten();
        let (Some(before), Some(this), Some(after)) = (before, visit.first().copied().flatten(), after)
        else {
            continue;
        };
        let is_near = |node: u32| {
            range.clone().all(|image| {
                let on = way.get(image).and_then(|place| on(image, *place));
                on.is_some_and(|on| metres_from(graph, node, on) <= SHORT_M)
            })
        };
        let is_corner = |node: &u32| graph.ends(before).contains(node) && graph.ends(after).contains(node);
        let [from, to] = graph.ends(this);
        if from == to || ![from, to].iter().any(|node| is_corner(node) && is_near(*node)) {
            continue;
        }
        for image in range {
            let Some(choice) = choices.get(image) else { continue };
            let others = choice.edges.iter().zip(&choice.costs).enumerate();
            let others = others.filter(|(_, (on, _))| on.edge == before || on.edge == after);
            let cheapest = others.min_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
            if let Some(((place, _), chosen)) = cheapest.zip(way.get_mut(image)) {
                *chosen = place;
            }
        }
    }
}

/// How far a place on an edge is from a node at its end, in metres along the edge.
fn metres_from(graph: &StreetGraph, node: u32, on: &EdgePlace) -> f64 {
    if graph.ends(on.edge)[0] == node { on.offset_m } else { graph.length_m(on.edge) - on.offset_m }
}
