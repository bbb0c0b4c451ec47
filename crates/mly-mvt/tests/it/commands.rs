//! Commands of geometries, in their places and out of them.

use mly_mvt::{ErrorKind, Geometry, GeometryKind, Tile};

use crate::proto::{feature, geometry, integer, packed};
use crate::whole::{self, only_feature};

/// A kind, commands, and the point.
type PointCase = (u64, &'static [u64], Result<[i32; 2], ErrorKind>);

#[test]
fn a_point_is_the_first_vertex_of_a_point_feature() {
    let missing = ErrorKind::Missing("geometry");
    let not_move_to = ErrorKind::Command("a point has a command other than MoveTo");
    let cases: [PointCase; 9] = [
        (1, &[9, 50, 34], Ok([25, 17])),
        (1, &[17, 50, 34, 2, 2], Ok([25, 17])),
        (1, &[9, 0xffff_ffff, 0xffff_fffe], Ok([i32::MIN, i32::MAX])),
        (1, &[], Err(missing)),
        (1, &[1, 50, 34], Err(not_move_to)),
        (1, &[15], Err(not_move_to)),
        (1, &[9, 50], Err(ErrorKind::Truncated)),
        (2, &[9, 0, 0, 10, 2, 2], Err(ErrorKind::NotAPoint)),
        (0, &[9, 50, 34], Err(ErrorKind::NotAPoint)),
    ];
    for (kind, commands, expected) in cases {
        let tile = geometry(kind, commands);
        let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
        let feature = layer.features().next().unwrap().unwrap();
        assert_eq!(feature.point().map_err(|error| error.kind()), expected, "{kind} {commands:?}");
    }
}

#[test]
fn commands_out_of_place_are_refused() {
    let cases: [(u64, &[u64], &str); 15] = [
        (1, &[9, 0, 0, 10, 2, 2], "a point has a command other than MoveTo"),
        (1, &[9, 0, 0, 1], "a point has a command other than MoveTo"),
        (1, &[17, 0, 0], "a command has fewer vertices than it says"),
        (2, &[17, 0, 0, 1, 1], "a line or ring does not begin with one MoveTo"),
        (2, &[10, 0, 0], "a line or ring does not begin with one MoveTo"),
        (2, &[9, 0, 0], "a line or ring has too few vertices"),
        (2, &[9, 0, 0, 2], "a line or ring has too few vertices"),
        (2, &[9, 0, 0, 10, 2, 2, 15], "a line or ring does not begin with one MoveTo"),
        (2, &[9, 0, 0, 10, 2, 2, 12], "a line or ring does not begin with one MoveTo"),
        (3, &[9, 0, 0, 10, 2, 2, 15], "a line or ring has too few vertices"),
        (3, &[9, 0, 0, 18, 2, 2, 2, 0], "a ring does not end with one ClosePath"),
        (3, &[9, 0, 0, 18, 2, 2, 2, 0, 7], "a ring does not end with one ClosePath"),
        (3, &[9, 0, 0, 18, 2, 2, 2, 0, 23], "a ring does not end with one ClosePath"),
        (3, &[9, 0, 0, 18, 2, 2, 2, 0, 9, 0, 0], "a ring does not end with one ClosePath"),
        (3, &[15], "a line or ring does not begin with one MoveTo"),
    ];
    for (kind, commands, rule) in cases {
        let error = whole::read(Tile::new(&geometry(kind, commands))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Command(rule), "{kind} {commands:?}");
    }
}

#[test]
fn a_geometry_without_commands_is_missing_whatever_its_kind() {
    for kind in [1, 2, 3] {
        for fields in [vec![], vec![packed(4, &[])], vec![packed(4, &[]), packed(4, &[])]] {
            let error = whole::read(Tile::new(&feature(&[integer(3, kind), fields.concat()]))).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Missing("geometry"), 13));
        }
    }
}

#[test]
fn an_unknown_kind_keeps_its_commands_to_itself() {
    for fields in [vec![], vec![integer(3, 0)], vec![integer(3, 4)], vec![integer(3, u64::MAX)]] {
        let tile = feature(&[fields.concat(), packed(4, &[1, 2, 3])]);
        assert_eq!(only_feature(&tile).geometry, Geometry::Unknown);
        let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
        assert_eq!(layer.features().next().unwrap().unwrap().kind(), GeometryKind::Unknown);
    }
}

#[test]
fn coordinates_stop_at_the_ends_of_32_bits() {
    let tile = geometry(2, &[9, 0xffff_fffe, 0xffff_ffff, 10, 0xffff_fffe, 0xffff_ffff]);
    assert_eq!(only_feature(&tile).geometry, Geometry::Lines(vec![vec![[i32::MAX, i32::MIN]; 2]]));
}
