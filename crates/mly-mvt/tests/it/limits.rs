//! Each limit, met exactly and passed by one.

use mly_mvt::{Error, ErrorKind, Limits, Tile};

use crate::proto::{bytes, geometry, integer, layer, message, packed};
use crate::whole::{self, WholeLayer};

fn read(tile: &[u8], limits: Limits) -> Result<Vec<WholeLayer>, Error> {
    whole::read(Tile::with_limits(tile, limits))
}

/// The tile reads with `exact`, and with one less it is an error about `what`.
fn holds(tile: &[u8], what: &'static str, exact: usize, set: impl Fn(usize) -> Limits) -> usize {
    assert!(read(tile, set(exact)).is_ok(), "{what}");
    let limit = exact - 1;
    let error = read(tile, set(limit)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit { what, limit });
    assert_eq!(error.to_string(), format!("more than {limit} {what} at byte {}", error.offset()));
    error.offset()
}

fn point() -> Vec<u8> {
    message(2, &[integer(3, 1), packed(4, &[9, 2, 2])])
}

#[test]
fn a_tile_has_no_more_bytes() {
    let tile = layer(&[point()]);
    let offset = holds(&tile, "bytes", tile.len(), |n| Limits::default().with_bytes(n));
    assert_eq!(offset, tile.len() - 1);
    let limits = Limits::default().with_bytes(tile.len() - 1);
    assert!(Tile::with_limits(&tile, limits).layer("layer").is_err());
}

#[test]
fn a_tile_has_no_more_layers() {
    let one = layer(&[]);
    let offset = holds(&one.repeat(3), "layers", 3, |n| Limits::default().with_layers(n));
    assert_eq!(offset, 2 * one.len());
}

#[test]
fn a_layer_has_no_more_features() {
    holds(&layer(&[point().repeat(5)]), "features", 5, |n| Limits::default().with_features(n));
}

#[test]
fn a_layer_has_no_more_keys() {
    holds(&layer(&[bytes(3, b"k").repeat(5)]), "keys", 5, |n| Limits::default().with_keys(n));
}

#[test]
fn a_layer_has_no_more_values() {
    holds(&layer(&[message(4, &[integer(4, 7)]).repeat(5)]), "values", 5, |n| {
        Limits::default().with_values(n)
    });
}

#[test]
fn a_feature_has_no_more_vertices_in_all_its_parts() {
    let vertices = |n| Limits::default().with_vertices(n);
    holds(&geometry(1, &[25, 2, 2, 2, 2, 2, 2]), "vertices", 3, vertices);
    holds(&geometry(2, &[9, 2, 2, 10, 2, 2].repeat(3)), "vertices", 6, vertices);
    let ring = [9, 0, 0, 18, 2, 2, 2, 0, 15];
    holds(&geometry(3, &ring.repeat(2)), "vertices", 6, vertices);
    let error = read(&geometry(2, &[9, 2, 2, 10, 2, 2]), vertices(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit { what: "vertices", limit: 0 });
}

#[test]
fn a_limit_of_nothing_refuses_the_first() {
    let tile = layer(&[point(), bytes(3, b"k"), message(4, &[integer(4, 7)])]);
    let all = Limits::default();
    for (limits, what) in [
        (all.with_bytes(0), "bytes"),
        (all.with_layers(0), "layers"),
        (all.with_features(0), "features"),
        (all.with_keys(0), "keys"),
        (all.with_values(0), "values"),
        (all.with_vertices(0), "vertices"),
    ] {
        assert_eq!(read(&tile, limits).unwrap_err().kind(), ErrorKind::Limit { what, limit: 0 });
    }
}

/// Counts of 2^29 - 1 vertices and lengths of 2^63 bytes in tiles of some bytes: an error of truth, not of memory.
#[test]
fn numbers_that_lie_are_not_allocated() {
    let count = 0x1fff_ffff << 3;
    for commands in [vec![count | 1, 2, 2], vec![9, 2, 2, count | 2, 2, 2]] {
        for kind in [1, 2, 3] {
            let tile = geometry(kind, &commands);
            let error = read(&tile, Limits::default().with_vertices(usize::MAX)).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Command(_)), "{kind} {commands:?}: {error}");
        }
    }
    for length in [1 << 20, 1 << 31, 1 << 62, u64::MAX] {
        let cut = [vec![0x1a], crate::proto::varint(length), vec![0; 20]].concat();
        let error = read(&cut, Limits::default().with_bytes(usize::MAX)).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Truncated, 1));
    }
}

/// The smallest parts that there are, which cost the most for their bytes.
#[test]
fn a_geometry_takes_at_most_twenty_times_its_bytes() {
    let cases: [(u64, &[u64]); 5] = [
        (1, &[9, 2, 2]),
        (2, &[9, 2, 2, 10, 2, 2]),
        (3, &[9, 2, 2, 15]),
        (3, &[9, 0, 0, 18, 2, 0, 0, 2, 15]),
        (3, &[9, 0, 0, 18, 2, 0, 0, 2, 15, 9, 2, 2, 15]),
    ];
    for (kind, part) in cases {
        let feature = message(2, &[integer(3, kind), packed(4, &part.repeat(5000))]);
        let tile = message(3, &[bytes(1, b"layer"), integer(15, 1), feature]);
        let geometry = &whole::only_feature(&tile).geometry;
        let memory = whole::memory(geometry);
        assert!(memory <= 20 * tile.len(), "{} times {part:?}", memory / tile.len());
    }
}

#[test]
fn tables_and_geometries_are_as_large_as_what_is_there() {
    let fields = [bytes(3, b"k").repeat(300), message(4, &[integer(7, 1)]).repeat(700)];
    let tile = layer(&[
        fields.concat(),
        message(2, &[integer(3, 1), packed(4, &[[801].as_slice(), &[2; 200]].concat())]),
    ]);
    let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
    assert_eq!((layer.keys().len(), layer.values().len()), (300, 700));
    let mly_mvt::Geometry::Points(points) = layer.features().next().unwrap().unwrap().geometry().unwrap()
    else {
        panic!("it has points");
    };
    assert_eq!((points.len(), points.capacity()), (100, 100));
}
