//! The streets of the town: a crooked grid, a ring road and a road out, in metres east and north of its centre.

use std::f64::consts::TAU;

use crate::dice::Dice;

/// Longitude and latitude of the town's centre.
const CENTRE: [f64; 2] = [9.0, 51.995];
/// Metres per degree at the centre (sphere of 6,371,008.8 m).
const METRES_PER_DEGREE: [f64; 2] = [68_462.0, 111_195.0];

const GRID_SIDE: usize = 8;
const BLOCK_M: f64 = 190.0;
const RING_NODES: usize = 28;
const TOWN_CENTRE: Place = [0.0, -150.0];
const RING_RADII_M: [f64; 2] = [1000.0, 1020.0];
/// The road out starts at the eastern end of the ring.
const ROAD_OUT: [Place; 6] =
    [[1180.0, -60.0], [1330.0, 40.0], [1500.0, 110.0], [1660.0, 260.0], [1820.0, 480.0], [1960.0, 560.0]];

/// Metres east and north of the centre.
pub(super) type Place = [f64; 2];

/// Crossings and the streets between them.
#[derive(Debug)]
pub(super) struct Network {
    nodes: Vec<Place>,
    /// The neighbours of each crossing.
    streets: Vec<Vec<usize>>,
}

/// A street: a run over crossings.
pub(super) struct Line {
    pub(super) nodes: Vec<usize>,
    /// Its value of `highway` in OpenStreetMap.
    pub(super) class: &'static str,
}

impl Network {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut network = Self { nodes: Vec::new(), streets: Vec::new() };
        network.grid(dice);
        let ring = network.ring(dice);
        network.road_out(ring);
        network
    }

    fn grid(&mut self, dice: &mut Dice) {
        for row in 0..GRID_SIDE {
            for column in 0..GRID_SIDE {
                let [east, north] = [column, row].map(|index| (float(index) - 3.5) * BLOCK_M);
                let node = self.node([
                    TOWN_CENTRE[0] + east + dice.between(-28.0, 28.0),
                    TOWN_CENTRE[1] + north + dice.between(-28.0, 28.0),
                ]);
                // A few blocks are joined, so that the grid is not a chessboard.
                if column > 0 && !dice.chance(0.1) {
                    self.street(node, node - 1);
                }
                if row > 0 && !dice.chance(0.1) {
                    self.street(node, node - GRID_SIDE);
                }
            }
        }
    }

    /// Adds the ring with four ways into the grid; returns its easternmost node.
    fn ring(&mut self, dice: &mut Dice) -> usize {
        let first = self.nodes.len();
        for step in 0..RING_NODES {
            let angle = TAU * float(step) / float(RING_NODES);
            let wobble = dice.between(0.97, 1.02);
            self.node([
                TOWN_CENTRE[0] + RING_RADII_M[0] * wobble * angle.cos(),
                TOWN_CENTRE[1] + RING_RADII_M[1] * wobble * angle.sin(),
            ]);
        }
        for step in 0..RING_NODES {
            self.street(first + step, first + (step + 1) % RING_NODES);
        }
        let middle = GRID_SIDE / 2;
        let gates = [
            middle * GRID_SIDE + GRID_SIDE - 1,
            GRID_SIDE * (GRID_SIDE - 1) + middle,
            middle * GRID_SIDE,
            middle,
        ];
        for (quarter, gate) in gates.into_iter().enumerate() {
            self.street(gate, first + quarter * RING_NODES / 4);
        }
        first
    }

    fn road_out(&mut self, mut from: usize) {
        for place in ROAD_OUT {
            let node = self.node(place);
            self.street(from, node);
            from = node;
        }
    }

    fn node(&mut self, place: Place) -> usize {
        self.nodes.push(place);
        self.streets.push(Vec::new());
        self.nodes.len() - 1
    }

    fn street(&mut self, a: usize, b: usize) {
        self.streets[a].push(b);
        self.streets[b].push(a);
    }

    /// The places of all crossings.
    pub(super) fn nodes(&self) -> &[Place] {
        &self.nodes
    }

    /// The streets as lines over several crossings: rows and columns of the grid, the ring, and what joins them.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut left: Vec<[usize; 2]> = (0..self.nodes.len())
            .flat_map(|a| self.streets[a].iter().filter(move |b| a < **b).map(move |b| [a, *b]))
            .collect();
        let mut lines = Vec::new();
        while let Some([first, second]) = left.pop() {
            let mut nodes = vec![first, second];
            // On as straight as it goes, at both ends.
            for _ in 0..2 {
                while let Some(next) = self.straight_ahead(&nodes, &left) {
                    let end = nodes[nodes.len() - 1];
                    left.retain(|[a, b]| ![[*a, *b], [*b, *a]].contains(&[end, next]));
                    nodes.push(next);
                }
                nodes.reverse();
            }
            lines.push(Line { class: Self::class_of(&nodes), nodes });
        }
        lines
    }

    /// The next crossing of a line, if a street that is left goes on nearly straight.
    fn straight_ahead(&self, nodes: &[usize], left: &[[usize; 2]]) -> Option<usize> {
        let (before, end) = (nodes[nodes.len() - 2], nodes[nodes.len() - 1]);
        let others = left.iter().filter_map(|[a, b]| match end {
            end if end == *a => Some(*b),
            end if end == *b => Some(*a),
            _ => None,
        });
        let course = heading(self.nodes[before], self.nodes[end]);
        let turn = |next: &usize| turn_between(course, heading(self.nodes[end], self.nodes[*next])).abs();
        others.filter(|next| turn(next) < 50.0).min_by(|a, b| turn(a).total_cmp(&turn(b)))
    }

    /// The class of a street: the ring and the road out are larger than the grid.
    fn class_of(nodes: &[usize]) -> &'static str {
        let grid = GRID_SIDE * GRID_SIDE;
        let inside = nodes.iter().filter(|node| **node < grid).count();
        if inside == 0 && nodes.iter().all(|node| *node < grid + RING_NODES) {
            "secondary"
        } else if inside == 0 {
            "primary"
        } else if inside < nodes.len() {
            "tertiary"
        } else {
            "residential"
        }
    }

    /// The road from the ring to the edge of the data.
    pub(super) fn way_out() -> &'static [Place] {
        &ROAD_OUT
    }

    /// A walk over the streets, mostly straight on, until it is `length_m` long.
    pub(super) fn walk(&self, dice: &mut Dice, length_m: f64) -> Vec<Place> {
        let mut here = dice.below(self.nodes.len());
        while self.streets[here].is_empty() {
            here = (here + 1) % self.nodes.len();
        }
        let mut before = here;
        let mut path = vec![self.nodes[here]];
        let mut walked = 0.0;
        while walked < length_m {
            let ways: Vec<usize> =
                self.streets[here].iter().copied().filter(|&next| next != before).collect();
            let next = match ways.as_slice() {
                // A dead end: turn round.
                [] => before,
                ways if before == here || dice.chance(0.3) => *dice.pick(ways),
                ways => self.straight_on(before, here, ways),
            };
            walked += distance(self.nodes[here], self.nodes[next]);
            path.push(self.nodes[next]);
            (before, here) = (here, next);
        }
        path
    }

    fn straight_on(&self, before: usize, here: usize, ways: &[usize]) -> usize {
        let turn = |next: usize| {
            let [a, b] =
                [(before, here), (here, next)].map(|(from, to)| heading(self.nodes[from], self.nodes[to]));
            turn_between(a, b).abs()
        };
        ways.iter().copied().min_by(|&a, &b| turn(a).total_cmp(&turn(b))).unwrap_or(here)
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub(super) const fn float(count: usize) -> f64 {
    count as f64
}

pub(super) fn distance(a: Place, b: Place) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// Degrees clockwise from north.
pub(super) fn heading(a: Place, b: Place) -> f64 {
    (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees().rem_euclid(360.0)
}

/// Degrees from one heading to another: -180..180, right is positive.
pub(super) fn turn_between(from: f64, to: f64) -> f64 {
    (to - from + 180.0).rem_euclid(360.0) - 180.0
}

/// `ahead_m` in the direction of a heading and `right_m` to its right.
pub(super) fn step(from: Place, heading_deg: f64, ahead_m: f64, right_m: f64) -> Place {
    let (sine, cosine) = heading_deg.to_radians().sin_cos();
    [from[0] + ahead_m * sine + right_m * cosine, from[1] + ahead_m * cosine - right_m * sine]
}

/// Longitude and latitude.
pub(super) fn geographic([east, north]: Place) -> [f64; 2] {
    [CENTRE[0] + east / METRES_PER_DEGREE[0], CENTRE[1] + north / METRES_PER_DEGREE[1]]
}

/// The inverse of [`geographic`].
pub(super) fn place([lon, lat]: [f64; 2]) -> Place {
    [(lon - CENTRE[0]) * METRES_PER_DEGREE[0], (lat - CENTRE[1]) * METRES_PER_DEGREE[1]]
}
