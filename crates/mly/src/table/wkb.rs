//! Geometries as well-known binary, the form that the geometry columns of every result have.

use arrow_array::BinaryArray;
use arrow_buffer::{Buffer, OffsetBuffer};

const LITTLE_ENDIAN: u8 = 1;
const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;

/// Bytes of a point: byte order, type, two numbers.
const POINT_SIZE: usize = 21;

/// A point as well-known binary.
#[inline]
pub(crate) fn point([lon, lat]: [f64; 2]) -> [u8; POINT_SIZE] {
    let mut point = [LITTLE_ENDIAN; POINT_SIZE];
    point[1..5].copy_from_slice(&POINT.to_le_bytes());
    point[5..13].copy_from_slice(&lon.to_le_bytes());
    point[13..].copy_from_slice(&lat.to_le_bytes());
    point
}

/// Points as well-known binary.
pub(crate) fn points(lons: &[f64], lats: &[f64]) -> BinaryArray {
    let mut bytes = Vec::with_capacity(lons.len() * POINT_SIZE);
    for (lon, lat) in lons.iter().zip(lats) {
        bytes.extend_from_slice(&point([*lon, *lat]));
    }
    let offsets = OffsetBuffer::from_repeated_length(POINT_SIZE, lons.len());
    BinaryArray::new(offsets, Buffer::from_vec(bytes), None)
}

/// A multi line string as well-known binary.
fn lines(lines: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut wkb = Vec::new();
    begin(&mut wkb, MULTI_LINE_STRING, lines.len());
    for line in lines {
        begin(&mut wkb, LINE_STRING, line.len());
        wkb.extend(line.as_flattened().iter().flat_map(|n| n.to_le_bytes()));
    }
    wkb
}

/// Lines as well-known binary, or points where all of these lines would lead nowhere.
///
/// A line whose positions are all equal is not valid, and no reader draws it. Beside other lines it is left out; if
/// there are no others, the positions themselves are the geometry, each once.
pub(crate) fn track(all: &[&[[f64; 2]]]) -> Vec<u8> {
    let same = |a: &[f64; 2], b: &[f64; 2]| a.iter().eq(b);
    let leads = |line: &&[[f64; 2]]| line.first().is_some_and(|first| !line.iter().all(|at| same(first, at)));
    let leading: Vec<_> = all.iter().copied().filter(leads).collect();
    if !leading.is_empty() || all.iter().all(|line| line.is_empty()) {
        return lines(&leading);
    }
    let mut points: Vec<[f64; 2]> = Vec::new();
    for at in all.iter().filter_map(|line| line.first()) {
        if !points.iter().any(|other| same(other, at)) {
            points.push(*at);
        }
    }
    multi_point(&points)
}

/// A multi point as well-known binary.
fn multi_point(positions: &[[f64; 2]]) -> Vec<u8> {
    let mut wkb = Vec::new();
    begin(&mut wkb, MULTI_POINT, positions.len());
    for at in positions {
        wkb.extend_from_slice(&point(*at));
    }
    wkb
}

/// Begins a geometry of `count` parts.
fn begin(wkb: &mut Vec<u8>, kind: u32, count: usize) {
    wkb.push(LITTLE_ENDIAN);
    wkb.extend_from_slice(&kind.to_le_bytes());
    // Counts come from tiles, whose vertices are limited far below 2^32.
    wkb.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

/// A geometry of a result, as well-known binary holds it: longitudes and latitudes in OGC:CRS84.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Wkb {
    /// Longitude and latitude.
    Point([f64; 2]),
    /// Lines of longitudes and latitudes.
    Lines(Vec<Vec<[f64; 2]>>),
    /// Positions, in place of lines that would lead nowhere: a sequence of one image has no line.
    Points(Vec<[f64; 2]>),
}

impl Wkb {
    /// The geometry as well-known binary.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Point(at) => point(*at).to_vec(),
            Self::Lines(all) => lines(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            Self::Points(all) => multi_point(all),
        }
    }

    /// Name of its type, as GeoJSON has it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Point(_) => "Point",
            Self::Lines(_) => "MultiLineString",
            Self::Points(_) => "MultiPoint",
        }
    }

    /// All positions.
    pub fn positions(&self) -> impl Iterator<Item = &[f64; 2]> {
        let (one, many, lines) = match self {
            Self::Point(at) => (Some(at), &[][..], &[][..]),
            Self::Points(points) => (None, points.as_slice(), &[][..]),
            Self::Lines(lines) => (None, &[][..], lines.as_slice()),
        };
        one.into_iter().chain(many).chain(lines.iter().flatten())
    }

    /// Reads little-endian points, multi line strings and multi points; `None` for anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        match header(&mut rest)? {
            POINT => Some(Self::Point(position(&mut rest)?)),
            MULTI_LINE_STRING => {
                let count = number(&mut rest)?;
                let lines = (0..count).map(|_| line(&mut rest)).collect::<Option<_>>()?;
                Some(Self::Lines(lines))
            }
            MULTI_POINT => {
                let count = number(&mut rest)?;
                let one = |rest: &mut &[u8]| (header(rest)? == POINT).then(|| position(rest))?;
                (0..count).map(|_| one(&mut rest)).collect::<Option<_>>().map(Self::Points)
            }
            _ => None,
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn header(rest: &mut &[u8]) -> Option<u32> {
    let [order] = take(rest)?;
    (order == LITTLE_ENDIAN).then(|| number(rest))?
}

fn position(rest: &mut &[u8]) -> Option<[f64; 2]> {
    Some([f64::from_le_bytes(take(rest)?), f64::from_le_bytes(take(rest)?)])
}

fn line(rest: &mut &[u8]) -> Option<Vec<[f64; 2]>> {
    (header(rest)? == LINE_STRING).then_some(())?;
    (0..number(rest)?).map(|_| position(rest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_come_back_from_their_binary_form(some in proptest::collection::vec(proptest::collection::vec([-180.0..180.0_f64, -90.0..90.0_f64], 0..5), 0..4)) {
            let slices: Vec<_> = some.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(Wkb::read(&lines(&slices)), Some(Wkb::Lines(some)));
        }

        #[test]
        fn points_come_back_from_their_binary_form(some in proptest::collection::vec([-180.0..180.0_f64, -90.0..90.0_f64], 0..5)) {
            prop_assert_eq!(Wkb::read(&multi_point(&some)), Some(Wkb::Points(some)));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Wkb::read(&bytes);
        }
    }

    #[test]
    fn lines_that_lead_nowhere_are_points() {
        let (a, b, c) = ([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]);
        for (lines, want) in [
            (&[&[a, a][..]][..], Wkb::Points(vec![a])),
            (&[&[a][..], &[b, b, b], &[a, a]], Wkb::Points(vec![a, b])),
            (&[&[a, a][..], &[b, c, c]], Wkb::Lines(vec![vec![b, c, c]])),
            (&[&[a, b, a][..]], Wkb::Lines(vec![vec![a, b, a]])),
            (&[], Wkb::Lines(vec![])),
            (&[&[][..]], Wkb::Lines(vec![])),
        ] {
            assert_eq!(Wkb::read(&track(lines)), Some(want));
        }
    }

    #[test]
    fn a_point_has_the_bytes_postgis_prints() {
        // SELECT ST_AsBinary(ST_Point(1, 2))
        let wkb = points(&[1.0], &[2.0]);
        let bytes = 0x01_0100_0000_0000_0000_0000_f03f_u128.to_be_bytes();
        assert_eq!(wkb.value(0)[..13], bytes[3..]);
        assert_eq!(wkb.value(0)[13..], 0x0000_0000_0000_0040_u64.to_be_bytes());
        assert_eq!(Wkb::read(wkb.value(0)), Some(Wkb::Point([1.0, 2.0])));
    }
}
