//! The pictures of signs and objects that occur in the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::json::append_member;
use crate::layer::PageLayer;
use crate::vendor::Vendored;

/// Most bytes of pictures in a page; the rarest values go without one.
const MOST: usize = 900_000;

/// Appends an object with the drawing of each value that has one.
pub(crate) fn append_pictures(layers: &[PageLayer], out: &mut Vec<u8>) -> io::Result<()> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (value, count) in layers.iter().flat_map(PageLayer::values) {
        *counts.entry(value).or_default() += count;
    }
    out.push(b'{');
    if !counts.is_empty() {
        let all = Vendored::Pictures.text()?;
        let found = all.lines().filter_map(|line| line.split_once(' '));
        let mut found: Vec<_> =
            found.filter_map(|(name, drawing)| Some((*counts.get(name)?, name, drawing))).collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let mut size = 0;
        let fits = |(_, name, drawing): &(u64, &str, &str)| {
            // A drawing is full of `<`, each of which is escaped.
            size += name.len() + drawing.len() + 5 * drawing.matches(['<', '>']).count();
            size <= MOST
        };
        let chosen: BTreeSet<_> =
            found.into_iter().take_while(fits).map(|(_, name, drawing)| (name, drawing)).collect();
        for (name, drawing) in chosen {
            append_member(name, drawing, out);
        }
    }
    out.push(b'}');
    Ok(())
}
