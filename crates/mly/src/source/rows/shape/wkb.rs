//! Well-known binary, also in the variants of other writers (OGC 06-103r4, "Well-known Binary Representation for
//! Geometry").
//!
//! The crate `wkb` (0.9.3) was tried instead and not used, since it would replace only some forty lines. In a multi
//! line string it checks neither the type of a part, so that a polygon is read as a line, nor its byte order. It
//! ignores bytes after a geometry. One of its macros brings a TOML parser into the build.

use super::{GeometryKind, refusal};
use crate::table::Wkb;

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;

/// Names of the types, counted from 1.
const NAMES: [&str; 7] =
    ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"];

/// The first bytes of a point as this library writes it: byte order and type.
const OUR_POINT: [u8; 5] = [1, 1, 0, 0, 0];

/// Whether these bytes are a point on this earth exactly as this library writes it, which can be kept without decoding.
pub(in super::super) fn is_ours(bytes: &[u8]) -> bool {
    match bytes.split_first_chunk() {
        Some((&OUR_POINT, at)) => match at.as_chunks() {
            (&[lon, lat], []) => {
                f64::from_le_bytes(lon).abs() <= 180.0 && f64::from_le_bytes(lat).abs() <= 90.0
            }
            _ => false,
        },
        _ => false,
    }
}

/// The kind of a geometry by its first bytes; `None` if results do not have it.
pub(in super::super) fn kind_of_wkb(bytes: &[u8]) -> Option<GeometryKind> {
    match (Rest { bytes, is_big: false }).header().ok()? {
        POINT => Some(GeometryKind::Point),
        LINE_STRING | MULTI_POINT | MULTI_LINE_STRING => Some(GeometryKind::Lines),
        _ => None,
    }
}

/// A geometry; `None` for an empty point.
pub(in super::super) fn of_wkb(bytes: &[u8]) -> Result<Option<Wkb>, String> {
    let mut rest = Rest { bytes, is_big: false };
    let geometry = match rest.header()? {
        POINT => {
            let at @ [lon, lat] = [rest.float()?, rest.float()?];
            // Two NaNs are how well-known binary encodes an empty point.
            if lon.is_nan() && lat.is_nan() { None } else { Some(Wkb::Point(finite(at)?)) }
        }
        LINE_STRING => Some(Wkb::Lines(vec![rest.line()?])),
        MULTI_LINE_STRING => {
            let mut lines = Vec::new();
            for _ in 0..rest.number()? {
                if rest.header()? != LINE_STRING {
                    return Err("a part of the lines is no line".to_owned());
                }
                lines.push(rest.line()?);
            }
            Some(Wkb::Lines(lines))
        }
        MULTI_POINT => {
            let mut points = Vec::new();
            for _ in 0..rest.number()? {
                if rest.header()? != POINT {
                    return Err("a part of the points is no point".to_owned());
                }
                points.push(finite([rest.float()?, rest.float()?])?);
            }
            Some(Wkb::Points(points))
        }
        other => return Err(refusal(&name(other))),
    };
    if rest.bytes.is_empty() { Ok(geometry) } else { Err("there is more behind the geometry".to_owned()) }
}

fn finite(at: [f64; 2]) -> Result<[f64; 2], String> {
    if at.iter().all(|n| n.is_finite()) { Ok(at) } else { Err("a position is not two numbers".to_owned()) }
}

/// Name of a type, with the dimensions that it has beyond two.
fn name(code: u32) -> String {
    let (extended, plain) = (code >> 29, code & 0x1FFF_FFFF);
    let more = match (plain / 1000, extended) {
        (1, _) | (0, 0b100) => " Z",
        (2, _) | (0, 0b010) => " M",
        (3, _) | (0, 0b110) => " ZM",
        _ => "",
    };
    let base = usize::try_from(plain % 1000).ok().and_then(|code| NAMES.get(code.checked_sub(1)?));
    base.map_or_else(|| format!("geometry of type {code}"), |base| format!("{base}{more}"))
}

/// The bytes that are still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
    is_big: bool,
}

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, tail) = self.bytes.split_first_chunk().ok_or("the geometry ends too early")?;
        self.bytes = tail;
        let mut bytes = *head;
        if self.is_big {
            bytes.reverse();
        }
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, String> {
        self.take().map(u32::from_le_bytes)
    }

    fn float(&mut self) -> Result<f64, String> {
        self.take().map(f64::from_le_bytes)
    }

    fn header(&mut self) -> Result<u32, String> {
        let [order] = self.take()?;
        self.is_big = match order {
            0 => true,
            1 => false,
            _ => return Err("the geometry is not well-known binary".to_owned()),
        };
        self.number()
    }

    /// A line. Memory grows with the bytes that are read and not with the count, which may be false.
    fn line(&mut self) -> Result<Vec<[f64; 2]>, String> {
        (0..self.number()?).map(|_| finite([self.float()?, self.float()?])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same geometry with numbers the other way round.
    fn big(lines: &[Vec<[f64; 2]>]) -> Vec<u8> {
        let mut bytes = [&[0, 0, 0, 0, 5][..], &u32::try_from(lines.len()).unwrap().to_be_bytes()].concat();
        for line in lines {
            bytes.extend([&[0, 0, 0, 0, 2][..], &u32::try_from(line.len()).unwrap().to_be_bytes()].concat());
            bytes.extend(line.as_flattened().iter().flat_map(|n| n.to_be_bytes()));
        }
        bytes
    }

    proptest! {
        #[test]
        fn both_orders_of_bytes_are_read(lines in proptest::collection::vec(proptest::collection::vec([-180.0..180.0_f64, -90.0..90.0_f64], 0..5), 0..4)) {
            let wkb = Wkb::Lines(lines.clone());
            prop_assert_eq!(of_wkb(&wkb.bytes()), Ok(Some(Wkb::Lines(lines.clone()))));
            prop_assert_eq!(of_wkb(&big(&lines)), Ok(Some(Wkb::Lines(lines))));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), is_lines in any::<bool>()) {
            let head: &[u8] = if is_lines { &[1, 5, 0, 0, 0] } else { &[] };
            let bytes = [head, &bytes].concat();
            let _ = (of_wkb(&bytes), is_ours(&bytes));
        }
    }

    #[test]
    fn other_geometries_are_named() {
        let said = |code: u32| of_wkb(&[&[1], &code.to_le_bytes()[..], &[0; 24]].concat()).unwrap_err();
        for (code, named) in [
            (3, "Polygon"),
            (6, "MultiPolygon"),
            (1001, "Point Z"),
            (2002, "LineString M"),
            (0x8000_0001, "Point Z"),
            (0xC000_0005, "MultiLineString ZM"),
            (0x2000_0001, "Point"),
            (99, "geometry of type 99"),
        ] {
            assert_eq!(said(code), format!("the geometry is a {named}, and results have points and lines"));
        }
        let empty = [&OUR_POINT[..], &f64::NAN.to_le_bytes(), &f64::NAN.to_le_bytes()].concat();
        assert_eq!(of_wkb(&empty), Ok(None));
        assert!(!is_ours(&empty) && is_ours(&Wkb::Point([1.0, 2.0]).bytes()));
    }
}
