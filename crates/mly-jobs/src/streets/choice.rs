//! The cheapest choice of places for all images of a piece (the algorithm of Viterbi).

use super::index::EdgePlace;

/// What is known of one image: the edges near it, what each costs, and what it costs to be on none, which is last.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) edges: Vec<EdgePlace>,
    pub(super) costs: Vec<f64>,
    /// Direction of motion, in degrees.
    pub(super) motion: Option<f64>,
}

/// The cost of the best way that ends at each place of each image.
pub(super) fn ways_to(choices: &[Choice], steps: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut to: Vec<Vec<f64>> = Vec::with_capacity(choices.len());
    for (image, choice) in choices.iter().enumerate() {
        let costs = match (image.checked_sub(1).and_then(|before| steps.get(before)), to.last()) {
            (Some(steps), Some(before)) => {
                let width = choice.costs.len();
                let best = |place: usize| {
                    let ways = before.iter().zip(steps.chunks_exact(width));
                    ways.map(|(cost, steps)| cost + steps[place]).fold(f64::INFINITY, f64::min)
                };
                choice.costs.iter().enumerate().map(|(place, cost)| best(place) + cost).collect()
            }
            _ => choice.costs.clone(),
        };
        to.push(costs);
    }
    to
}

/// The cost of the best way onward from each place of each image, without the image itself.
pub(super) fn ways_from(choices: &[Choice], steps: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut from: Vec<Vec<f64>> = vec![vec![0.0; choices.last().map_or(0, |choice| choice.costs.len())]];
    for (after, steps) in choices.iter().skip(1).zip(steps).rev() {
        let onward: Vec<f64> = match from.last() {
            Some(next) => next.iter().zip(&after.costs).map(|(way, cost)| way + cost).collect(),
            None => Vec::new(),
        };
        let best = |steps: &[f64]| {
            steps.iter().zip(&onward).map(|(step, way)| step + way).fold(f64::INFINITY, f64::min)
        };
        from.push(steps.chunks_exact(after.costs.len()).map(best).collect());
    }
    from.reverse();
    from
}

/// The place of each image on the best way; the first place among equals.
pub(super) fn best_way(choices: &[Choice], steps: &[Vec<f64>], to: &[Vec<f64>]) -> Vec<usize> {
    let first_least = |costs: &mut dyn Iterator<Item = f64>| {
        let mut best = (f64::INFINITY, 0);
        for (place, cost) in costs.enumerate() {
            if cost < best.0 {
                best = (cost, place);
            }
        }
        best.1
    };
    let mut place = to.last().map_or(0, |costs| first_least(&mut costs.iter().copied()));
    let mut way = vec![place];
    for (before, (after, steps)) in to.iter().zip(choices.iter().skip(1).zip(steps)).rev() {
        let width = after.costs.len();
        let onward = |steps: &[f64]| steps.get(place).copied().unwrap_or(f64::INFINITY);
        let costs: Vec<f64> =
            before.iter().zip(steps.chunks_exact(width)).map(|(cost, steps)| cost + onward(steps)).collect();
        place = first_least(&mut costs.into_iter());
        way.push(place);
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Up to six images with up to four places each, and what each step costs.
    fn pieces() -> impl Strategy<Value = (Vec<Choice>, Vec<Vec<f64>>)> {
        let costs = proptest::collection::vec(proptest::collection::vec(0.0..20.0_f64, 1..5), 1..7);
        costs.prop_flat_map(|costs| {
            let step =
                |pair: &[Vec<f64>]| proptest::collection::vec(0.0..20.0_f64, pair[0].len() * pair[1].len());
            let steps: Vec<_> = costs.windows(2).map(step).collect();
            (
                Just(
                    costs
                        .into_iter()
                        .map(|costs| Choice { edges: Vec::new(), costs, motion: None })
                        .collect(),
                ),
                steps,
            )
        })
    }

    /// Every way through the places, with its cost.
    fn every_way(choices: &[Choice], steps: &[Vec<f64>]) -> Vec<(Vec<usize>, f64)> {
        let mut ways = vec![(Vec::new(), 0.0)];
        for (image, choice) in choices.iter().enumerate() {
            let longer = |(way, cost): &(Vec<usize>, f64)| {
                let one = |place: usize| {
                    let step =
                        way.last().map_or(0.0, |last| steps[image - 1][last * choice.costs.len() + place]);
                    let mut way = way.clone();
                    way.push(place);
                    (way, cost + step + choice.costs[place])
                };
                (0..choice.costs.len()).map(one).collect::<Vec<_>>()
            };
            ways = ways.iter().flat_map(longer).collect();
        }
        ways
    }

    proptest! {
        #[test]
        fn the_best_way_is_the_cheapest_of_all((choices, steps) in pieces()) {
            let ways = every_way(&choices, &steps);
            let least = ways.iter().map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min);
            let (to, from) = (ways_to(&choices, &steps), ways_from(&choices, &steps));
            let found = best_way(&choices, &steps, &to);
            let (_, cost) = ways.iter().find(|(way, _)| *way == found).unwrap();
            prop_assert!((cost - least).abs() < 1e-9);
            // And the cheapest way through each place, by which rivals are told.
            for (image, (to, from)) in to.iter().zip(&from).enumerate() {
                for (place, (to, from)) in to.iter().zip(from).enumerate() {
                    let through = ways.iter().filter(|(way, _)| way[image] == place).map(|(_, cost)| *cost);
                    prop_assert!((to + from - through.fold(f64::INFINITY, f64::min)).abs() < 1e-9);
                }
            }
        }
    }
}
