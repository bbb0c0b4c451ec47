//! Sequences of the demo town as the graph has them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use mly::TileId;
use serde_json::Value;

use super::town_images;
use crate::support::demo;
use crate::support::truth::graph;

/// A sequence as the graph has it.
#[derive(Debug)]
pub(super) struct Drive {
    /// Ids, moments and positions of its images, in order of capture.
    pub(super) images: Vec<(i64, i64, [f64; 2])>,
}

impl Drive {
    pub(super) fn positions(&self) -> Vec<[f64; 2]> {
        self.images.iter().map(|(_, _, at)| *at).collect()
    }

    pub(super) fn tiles(&self) -> BTreeSet<TileId> {
        self.images.iter().map(|(_, _, at)| TileId::containing(at[0], at[1], 14)).collect()
    }

    /// Whether a line through its images passes through a box, each piece clipped (Liang and Barsky).
    pub(super) fn touches(&self, [w, s, e, n]: [f64; 4]) -> bool {
        let line = self.positions();
        let twice = [line[0], line[0]];
        let pieces: Vec<&[[f64; 2]]> = if line.len() == 1 { vec![&twice] } else { line.windows(2).collect() };
        pieces.iter().any(|ends| {
            let (a, b) = (ends[0], ends[1]);
            let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
            for (p, q) in [
                (a[0] - b[0], a[0] - w),
                (b[0] - a[0], e - a[0]),
                (a[1] - b[1], a[1] - s),
                (b[1] - a[1], n - a[1]),
            ] {
                if p == 0.0 && q < 0.0 {
                    return false;
                } else if p < 0.0 {
                    enter = enter.max(q / p);
                } else if p > 0.0 {
                    leave = leave.min(q / p);
                }
            }
            enter <= leave
        })
    }
}

/// Every sequence of the town.
pub(super) fn drives() -> &'static BTreeMap<String, Drive> {
    static DRIVES: LazyLock<BTreeMap<String, Drive>> = LazyLock::new(|| {
        let emulator = demo();
        let names: BTreeSet<&str> = town_images().values().map(|i| i["sequence"].as_str().unwrap()).collect();
        let drive = |name: &str| {
            let list = graph(&emulator, &format!("/image_ids?sequence_id={name}"));
            let list =
                list["data"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().parse().unwrap());
            let image = |id: i64| {
                let at = &town_images()[&id]["geometry"]["coordinates"];
                let moment = town_images()[&id]["captured_at"].as_i64().unwrap();
                (id, moment, [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()])
            };
            Drive { images: list.map(image).collect() }
        };
        names.into_iter().map(|name| (name.to_owned(), drive(name))).collect()
    });
    &DRIVES
}

pub(super) fn name(row: &Value) -> &str {
    row["properties"]["id"].as_str().unwrap()
}
