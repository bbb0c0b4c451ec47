//! The area of a query. An area that crosses the antimeridian is split here, so that no other code has to handle it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Hint, Result};
use crate::query::circle::Circle;
use crate::query::drawing::DrawingBuilder;
use crate::query::features::FeatureIndex;
use crate::query::geojson;
use crate::query::labels::Labels;
use crate::query::region::Region;
use crate::query::shape::{Buffered, Drawing, Shape, check_position};
use crate::tile::{Bbox, TileId};

const BBOX_HINT: &str = "give west,south,east,north in degrees, such as 8.98,51.98,9.03,52.01";

/// A part of the earth. Its border belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Area(pub(super) Shape);

impl Area {
    /// A box from its edges in degrees; `west > east` crosses the antimeridian.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an edge is no number, out of range, or south is greater than north.
    pub fn bbox(west: f64, south: f64, east: f64, north: f64) -> Result<Self> {
        let position = |lon, lat| {
            check_position(lon, lat).map_err(|error| {
                // The numbers may make a box the other way round: people know it as latitude and longitude.
                let is_exchanged = [west, east].iter().all(|lat| lat.abs() <= 90.0)
                    && [south, north].iter().all(|lon| lon.abs() <= 180.0)
                    && west <= east;
                error.with_hint(if is_exchanged {
                    format!("longitude comes first: {south},{west},{north},{east}").into()
                } else {
                    Hint::from(BBOX_HINT)
                })
            })
        };
        position(west, south)?;
        position(east, north)?;
        if south > north {
            return Err(
                Error::query(format!("south {south} is greater than north {north}")).with_hint(BBOX_HINT)
            );
        }
        // Everything that follows compares longitudes as plain numbers, which is wrong across the antimeridian: 179 is
        // near to -179 there. Two boxes that end at it need no special case.
        let halves = if west <= east { vec![(west, east)] } else { vec![(west, 180.0), (-180.0, east)] };
        let boxes = halves.into_iter().map(|(west, east)| Bbox { west, south, east, north }).collect();
        Ok(Self(Shape::Boxes(boxes)))
    }

    /// The polygons of a GeoJSON document: a geometry, Feature or FeatureCollection.
    ///
    /// Holes and all parts count, and edges are straight in longitude and latitude (RFC 7946 §3.1.1). If a member `crs` names
    /// Web Mercator (EPSG:3857), the corners are converted.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is no GeoJSON or holds no polygon, when it holds points or lines, which have no
    /// inside, when a member `crs` names another reference system, or when a coordinate is out of range.
    pub fn geojson(text: &str) -> Result<Self> {
        geojson::read(text, DrawingBuilder::default(), None).map(Self)
    }

    /// The radius that front ends of [`Area::near`] take when none is given, in metres: the largest that a single search of
    /// the service takes.
    pub const DEFAULT_RADIUS_M: f64 = crate::api::limits::SEARCH_RADIUS_M;

    /// Everything within `radius_m` metres of a position, along the ground.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the position is out of range or the radius is not above 0.
    pub fn near(lon: f64, lat: f64, radius_m: f64) -> Result<Self> {
        check_position(lon, lat).map_err(|error| match check_position(lat, lon) {
            Ok(()) => error.with_hint(format!("longitude comes first: {lat},{lon}")),
            Err(_) => error,
        })?;
        if !(radius_m > 0.0 && radius_m <= Circle::MAX_RADIUS_M) {
            return Err(Error::query(format!(
                "radius {radius_m} is not within 0..{} metres",
                Circle::MAX_RADIUS_M
            ))
            .with_hint("the radius is in metres"));
        }
        Ok(Self(Shape::Circle(Circle { lon, lat, radius_m })))
    }

    /// The area of the same numbers with latitude and longitude exchanged, if that is an area. An empty result often means
    /// that they were.
    pub fn exchanged(&self) -> Option<Self> {
        let exchanged = match &self.0 {
            Shape::Boxes(boxes) => match boxes.as_slice() {
                &[Bbox { west, south, east, north }] => Self::bbox(south, west, north, east).ok(),
                _ => None,
            },
            Shape::Circle(Circle { lon, lat, radius_m }) => Self::near(*lat, *lon, *radius_m).ok(),
            Shape::Drawn(drawing) => {
                let area = Self(Shape::Drawn(drawing.exchanged()));
                area.check().is_ok().then_some(area)
            }
            Shape::Buffered(Buffered { drawing, buffer_m }) => {
                let drawing = drawing.exchanged();
                let area = Self(Shape::Buffered(Buffered { drawing, buffer_m: *buffer_m }));
                area.check().is_ok().then_some(area)
            }
            Shape::Tile(_) => None,
        };
        exchanged.filter(|exchanged| exchanged != self)
    }

    /// Everything within a distance of the polygons, in metres along the ground.
    ///
    /// The distance is exact within a centimetre on the ellipsoid of WGS 84, also across the antimeridian and at the poles.
    /// To widen points and lines, which are no area without it, read them with
    /// [`AreaReader::with_buffer_m`](crate::source::AreaReader::with_buffer_m).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the distance is not above 0 or exceeds 1,000 km, and when the area does not consist of
    /// polygons.
    pub fn buffer(self, metres: f64) -> Result<Self> {
        Buffered::check_distance(metres)?;
        match self.0 {
            Shape::Drawn(drawing) => Ok(Self(Shape::Buffered(Buffered { drawing, buffer_m: metres }))),
            _ => Err(Error::query("only polygons, lines and points can have a buffer")
                .with_hint("a circle has a radius; draw a polygon in place of a box or a tile")),
        }
    }

    /// What one tile holds, at any zoom.
    pub fn tile(tile: TileId) -> Self {
        Self(Shape::Tile(tile))
    }

    /// Checks what the constructors have checked, for areas that were stored.
    pub(super) fn check(&self) -> Result<()> {
        match &self.0 {
            Shape::Boxes(boxes) => {
                boxes.iter().flat_map(Bbox::corners).try_for_each(|[lon, lat]| check_position(lon, lat))
            }
            Shape::Drawn(drawing) => drawing.check(),
            Shape::Buffered(Buffered { drawing, buffer_m }) => {
                Buffered::check_distance(*buffer_m)?;
                drawing.check()
            }
            Shape::Circle(circle) => Self::near(circle.lon, circle.lat, circle.radius_m).map(drop),
            Shape::Tile(_) => Ok(()),
        }
    }

    /// What is drawn, if anything is.
    pub(super) fn drawing(&self) -> Option<&Drawing> {
        match &self.0 {
            Shape::Drawn(drawing) | Shape::Buffered(Buffered { drawing, .. }) => Some(drawing),
            _ => None,
        }
    }

    /// The area of what a reader has found.
    pub(crate) fn of_shape(shape: Shape) -> Self {
        Self(shape)
    }

    /// Whether it is made of points with a buffer, whose features are known.
    pub(super) fn is_of_points(&self) -> bool {
        let Shape::Buffered(Buffered { drawing, .. }) = &self.0 else { return false };
        drawing.polygons.is_empty() && drawing.lines.is_empty() && drawing.labels.is_some()
    }

    /// The features of the area, prepared for many tests, if the result has a column `area`.
    pub(crate) fn features(&self) -> Option<FeatureIndex> {
        let drawing = self.drawing()?;
        Some(FeatureIndex::new(drawing, drawing.labels.as_ref()?))
    }

    /// The values of the column `area`, if the result has it.
    pub(crate) fn labels(&self) -> Option<&Labels> {
        self.drawing()?.labels.as_ref()
    }

    /// Centre and radius in metres of a circle; `None` for other areas.
    pub(crate) fn circle(&self) -> Option<([f64; 2], f64)> {
        match self.0 {
            Shape::Circle(Circle { lon, lat, radius_m }) => Some(([lon, lat], radius_m)),
            _ => None,
        }
    }

    /// The parts of a box that can be in the area. An upper bound: the whole box where the area is not made of boxes.
    pub(crate) fn boxes_in(&self, cell: Bbox) -> Vec<Bbox> {
        match &self.0 {
            Shape::Boxes(boxes) => boxes.iter().filter_map(|b| b.intersection(&cell)).collect(),
            _ => vec![cell],
        }
    }

    /// The area prepared for many tests.
    pub(crate) fn region(&self) -> Region {
        Region::new(&self.0)
    }
}

/// Internals that the benches measure. Not part of the API.
#[cfg(feature = "__private")]
impl Area {
    /// The test of positions, and the bytes that its index takes.
    #[doc(hidden)]
    pub fn __prepared(&self) -> (impl Fn(f64, f64) -> bool, usize) {
        let region = self.region();
        let bytes = region.index_bytes();
        (move |lon, lat| region.contains(lon, lat), bytes)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Shape::Boxes(boxes) => match boxes.as_slice() {
                [first, .., last] => {
                    write!(f, "bbox {},{},{},{}", first.west, first.south, last.east, first.north)
                }
                _ => boxes.iter().try_for_each(|b| write!(f, "bbox {b}")),
            },
            Shape::Drawn(drawing) => drawing.fmt(f),
            Shape::Buffered(Buffered { drawing, buffer_m }) => write!(f, "{buffer_m} m around {drawing}"),
            Shape::Circle(c) => write!(f, "{} m around {},{}", c.radius_m, c.lon, c.lat),
            Shape::Tile(tile) => write!(f, "tile {tile}"),
        }
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { polygons, lines, points, .. } = self;
        let positions = self.positions().count();
        let holes = polygons.iter().map(|p| p.len().saturating_sub(1)).sum::<usize>();
        let parts =
            [(polygons.len(), "polygon"), (holes, "hole"), (lines.len(), "line"), (points.len(), "point")];
        let text: Vec<_> = parts
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}{}", if n == 1 { "" } else { "s" }))
            .collect();
        f.write_str(&text.join(", "))?;
        // A point is one position.
        if positions > points.len() { write!(f, " of {positions} positions") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_over_the_antimeridian_is_split_in_two() {
        let area = Area::bbox(179.0, -18.0, -179.0, -16.0).unwrap();
        let region = area.region();
        assert!(region.contains(179.5, -17.0) && region.contains(-179.5, -17.0));
        assert!(region.contains(180.0, -17.0) && region.contains(-180.0, -17.0));
        assert!(!region.contains(0.0, -17.0));
        assert_eq!(area.to_string(), "bbox 179,-18,-179,-16");
    }

    #[test]
    fn boxes_that_are_no_boxes_are_refused_with_the_right_order_in_the_hint() {
        for (w, s, e, n) in [
            (0.0, 2.0, 1.0, 1.0),
            (f64::NAN, 0.0, 1.0, 1.0),
            (0.0, 0.0, f64::INFINITY, 1.0),
            (-181.0, 0.0, 1.0, 1.0),
            (0.0, -91.0, 100.0, 1.0),
        ] {
            let error = Area::bbox(w, s, e, n).unwrap_err();
            assert!(
                matches!(error, Error::InvalidQuery { hint: Some(h), .. } if h.to_string().contains("west,south,east,north"))
            );
        }
    }

    #[test]
    fn an_area_with_latitude_and_longitude_exchanged_is_one_if_its_numbers_allow_it() {
        let text = |area: Area| area.exchanged().map(|area| area.to_string());
        assert_eq!(
            text(Area::bbox(51.98, 8.98, 52.01, 9.03).unwrap()),
            Some("bbox 8.98,51.98,9.03,52.01".to_owned())
        );
        assert_eq!(text(Area::near(52.0, 9.0, 50.0).unwrap()), Some("50 m around 9,52".to_owned()));
        assert_eq!(text(Area::bbox(100.0, 10.0, 101.0, 11.0).unwrap()), None);
        assert_eq!(text(Area::bbox(179.0, -18.0, -179.0, -16.0).unwrap()), None);
        let square = r#"{"type":"Polygon","coordinates":[[[50,8],[51,8],[51,9],[50,8]]]}"#;
        let exchanged = Area::geojson(square).unwrap().exchanged().unwrap();
        assert!(exchanged.region().contains(8.2, 50.9) && !exchanged.region().contains(50.9, 8.2));
        for (error, says) in [
            (
                Area::bbox(47.6, -122.3, 47.7, -122.2).unwrap_err(),
                "longitude comes first: -122.3,47.6,-122.2,47.7",
            ),
            (Area::near(47.6, -122.3, 5.0).unwrap_err(), "longitude comes first: -122.3,47.6"),
        ] {
            assert_eq!(error.hint().map(ToString::to_string).as_deref(), Some(says));
        }
    }

    #[test]
    fn a_radius_is_above_zero_and_a_centre_on_earth() {
        assert!(Area::near(0.0, 0.0, 0.0).is_err() && Area::near(0.0, 0.0, f64::NAN).is_err());
        assert!(Area::near(0.0, 91.0, 5.0).is_err() && Area::near(180.0, 90.0, 5.0).is_ok());
    }
}
