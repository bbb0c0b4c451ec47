//! What holds of any bytes: they read or are an error, in proportion, and what reads can be written.
//!
//! `fuzz/` compiles this file too.

use mly_mvt::{Error, Geometry, Tile};

use super::whole::{self, WholeLayer};

/// Reads whatever can be had, past every error that leaves a way on, and checks that all of it is in proportion to the
/// bytes. Tells whether there was no error.
fn walk(bytes: &[u8]) -> bool {
    let mut whole = true;
    let mut note = |error: Error| {
        assert!(error.offset() <= bytes.len(), "{error}");
        assert!(!error.to_string().is_empty());
        whole = false;
    };
    let mut steps = 0;
    for layer in Tile::new(bytes).layers() {
        steps += 1;
        let Ok(layer) = layer.map_err(&mut note) else { continue };
        steps += layer.keys().len() + layer.values().len();
        let found = Tile::new(bytes).layer(layer.name()).unwrap().unwrap();
        assert_eq!(found.name(), layer.name());
        for feature in layer.features() {
            steps += 1;
            let Ok(feature) = feature.map_err(&mut note) else { continue };
            for tag in feature.tags() {
                steps += 1;
                let Ok((key, value)) = tag.map_err(&mut note) else { continue };
                assert!((key as usize) < layer.keys().len() && (value as usize) < layer.values().len());
            }
            let mut tags = Vec::new();
            let end = feature.each_tag(|key, value| tags.push(Ok((key, value))));
            tags.extend(end.err().map(Err));
            assert_eq!(tags, feature.tags().collect::<Vec<_>>(), "both ways of reading tags");
            let Ok(geometry) = feature.geometry().map_err(&mut note) else { continue };
            // A vector begins with room for four.
            assert!(whole::memory(&geometry) <= 20 * bytes.len() + 256, "{geometry:?}");
            if let Geometry::Points(points) = geometry {
                assert_eq!(points[0], feature.point().unwrap());
            }
        }
    }
    assert!(steps <= bytes.len(), "every step takes a byte");
    whole
}

/// The same layers, each ring in the direction in which its vertices are the lesser list.
fn without_winding(mut layers: Vec<WholeLayer>) -> Vec<WholeLayer> {
    for feature in layers.iter_mut().flat_map(|layer| &mut layer.features) {
        if let Geometry::Polygons(polygons) = &mut feature.geometry {
            for ring in
                polygons.iter_mut().flat_map(|p| std::iter::once(&mut p.exterior).chain(&mut p.interiors))
            {
                let reversed = ring.iter().rev().copied().collect();
                *ring = std::mem::take(ring).min(reversed);
            }
        }
    }
    layers
}

/// [`walk`], and what reads can be written and read again: the first time its rings may be turned, then no more.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let reads = walk(bytes);
    let first = whole::read(Tile::new(bytes));
    assert_eq!(reads, first.is_ok());
    if let Ok(first) = first {
        let once = whole::write(&first).unwrap();
        let second = whole::read(Tile::new(&once)).unwrap();
        let twice = whole::write(&second).unwrap();
        assert_eq!(twice, once);
        assert_eq!(without_winding(second), without_winding(first));
    }
    reads
}
