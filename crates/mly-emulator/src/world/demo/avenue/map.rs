//! The avenue as OpenStreetMap would have it.

use super::place::{LENGTH_M, point};
use super::signs::{Entry, PostSign, Readers, SignPost};
use crate::openstreetmap::{MapEntry, MapExtract, Node, Way};
use crate::world::demo::map::rounded;
use crate::world::demo::network::geographic;

/// Ids begin here, so that nobody takes them for ids of real elements.
const FIRST_NODE: i64 = 910_000_000_000;
const FIRST_WAY: i64 = 910_000_000_000;
/// Where another street crosses, and the avenue goes on as another way.
const CROSSING_M: f64 = 300.0;

/// The map while it is made.
pub(super) struct AvenueMap {
    pub(super) extract: MapExtract,
    /// The nodes of the avenue, with the metres along it.
    along: Vec<(f64, i64)>,
    across: Vec<i64>,
}

impl AvenueMap {
    pub(super) fn new() -> Self {
        let mut map = Self { extract: MapExtract::default(), along: Vec::new(), across: Vec::new() };
        for along_m in [0.0, 100.0, 200.0, CROSSING_M, 400.0, 500.0, LENGTH_M] {
            let id = map.node(along_m, 0.0, Vec::new());
            map.along.push((along_m, id));
        }
        let crossing = map.along[3].1;
        let [left, right] = [-150.0, 150.0].map(|right_m| map.node(CROSSING_M, right_m, Vec::new()));
        map.across = vec![left, crossing, right];
        map
    }

    fn node(&mut self, along_m: f64, right_m: f64, tags: Vec<(&'static str, String)>) -> i64 {
        let id = FIRST_NODE + i64::try_from(self.extract.nodes.len()).unwrap_or(i64::MAX);
        let at = rounded(geographic(point(along_m, right_m)));
        self.extract.nodes.push(Node { id, at, tags });
        id
    }

    /// Adds what the map has for a sign; gives its street too.
    pub(super) fn add(&mut self, sign: &PostSign, post: &SignPost, faces_deg: f64) -> (i64, MapEntry) {
        let street = if post.along_m < CROSSING_M { FIRST_WAY } else { FIRST_WAY + 1 };
        let direction = || ("direction", format!("{faces_deg:.0}"));
        // A metre and a half from where it is.
        let mut beside = |tags| self.node(post.along_m + 1.5, post.right_m, tags);
        let code = |code: &str| vec![("traffic_sign", format!("DE:{code}")), direction()];
        let entry = match sign.entry {
            Entry::Missing => MapEntry::Missing,
            Entry::Tag => MapEntry::Way(street),
            Entry::Code(text) => MapEntry::Node(beside(code(text))),
            Entry::WrongCode(text) => MapEntry::WrongNode(beside(code(text))),
            Entry::Thing(key, value) => MapEntry::Node(beside(vec![(key, value.to_owned())])),
            Entry::Street(key, value) => {
                let word = if sign.readers == Readers::Onward { "forward" } else { "backward" };
                let tags = vec![(key, value.to_owned()), ("direction", word.to_owned())];
                let id = self.node(post.along_m, 0.0, tags);
                self.along.push((post.along_m, id));
                MapEntry::Node(id)
            }
        };
        (street, entry)
    }

    /// The map with its ways.
    pub(super) fn finished(mut self) -> MapExtract {
        self.along.sort_by(|a, b| a.0.total_cmp(&b.0));
        let part = |from: f64, to: f64| {
            let nodes = self.along.iter().filter(|(along_m, _)| (from..=to).contains(along_m));
            nodes.map(|(_, id)| *id).collect()
        };
        let tag = |key, value: &str| (key, value.to_owned());
        let avenue = || vec![tag("highway", "secondary"), tag("name", "Avenue")];
        let limited = [avenue(), vec![tag("maxspeed", "50")]].concat();
        let lines: [(Vec<i64>, _); 3] = [
            (part(0.0, CROSSING_M), limited),
            (part(CROSSING_M, LENGTH_M), avenue()),
            (self.across.clone(), vec![tag("highway", "residential"), tag("name", "Cross Street")]),
        ];
        self.extract.ways =
            lines.into_iter().zip(FIRST_WAY..).map(|((nodes, tags), id)| Way { id, nodes, tags }).collect();
        self.extract
    }
}
