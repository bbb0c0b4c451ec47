//! GeoJSON documents as areas.

use geojson::{Feature, GeoJson, Geometry, GeometryValue, JsonObject, Position};

use super::shape::{Drawing, is_ring};
use crate::crs::{Crs, NOT_DEGREES};
use crate::error::{Error, Hint, Result};

const HINT: &str = "give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)";

/// Reads every geometry of a document, which have to be polygons.
pub(super) fn read(text: &str) -> Result<Drawing> {
    let text = text.trim_start_matches('\u{feff}');
    let document: GeoJson = text.parse().map_err(|e| invalid(explain(text, &e)))?;
    let mut found = DrawingBuilder { crs: reference_system(&document)?, ..DrawingBuilder::default() };
    match document {
        GeoJson::Geometry(geometry) => found.add(geometry)?,
        GeoJson::Feature(feature) => found.add_all(feature.geometry)?,
        GeoJson::FeatureCollection(all) => {
            found.add_all(all.features.into_iter().filter_map(|f| f.geometry))?;
        }
    }
    found.finish()
}

/// The reference system that the members `crs` of a document name. RFC 7946 has none, but ogr2ogr and QGIS write one.
fn reference_system(document: &GeoJson) -> Result<Crs> {
    fn of_geometry(geometry: &Geometry) -> Option<&JsonObject> {
        geometry.foreign_members.as_ref()
    }
    fn of_feature(feature: &Feature) -> impl Iterator<Item = &JsonObject> {
        feature.foreign_members.as_ref().into_iter().chain(feature.geometry.as_ref().and_then(of_geometry))
    }
    let members: Vec<&JsonObject> = match document {
        GeoJson::Geometry(geometry) => of_geometry(geometry).into_iter().collect(),
        GeoJson::Feature(feature) => of_feature(feature).collect(),
        GeoJson::FeatureCollection(all) => {
            all.foreign_members.iter().chain(all.features.iter().flat_map(of_feature)).collect()
        }
    };
    let mut found = None;
    for member in members.into_iter().filter_map(|members| members.get("crs")) {
        let crs = Crs::of_geojson(member)
            .map_err(|other| Error::query(other.to_string()).with_hint(Hint::Reproject))?;
        if found.zip(crs).is_some_and(|(before, crs)| before != crs) {
            return Err(Error::query("its parts are in different reference systems")
                .with_hint("give each of them a file of its own"));
        }
        found = crs.or(found);
    }
    Ok(found.unwrap_or_default())
}

/// What the parser says of a broken document, or of one that is JSON and no GeoJSON.
fn explain(text: &str, error: &geojson::Error) -> String {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Err(syntax) if text.trim().is_empty() => format!("empty text ({syntax})"),
        Err(syntax) => syntax.to_string(),
        Ok(_) => error.to_string(),
    }
}

fn invalid(what: impl std::fmt::Display) -> Error {
    Error::query(format!("this is not usable GeoJSON: {what}")).with_hint(HINT)
}

#[derive(Default)]
struct DrawingBuilder {
    crs: Crs,
    polygons: Vec<Vec<Vec<[f64; 2]>>>,
    /// How many points and lines there are.
    points: usize,
    lines: usize,
}

impl DrawingBuilder {
    fn add_all(&mut self, geometries: impl IntoIterator<Item = Geometry>) -> Result<()> {
        geometries.into_iter().try_for_each(|g| self.add(g))
    }

    fn add(&mut self, geometry: Geometry) -> Result<()> {
        match geometry.value {
            GeometryValue::Point { .. } => self.points += 1,
            GeometryValue::MultiPoint { coordinates } => self.points += coordinates.len(),
            GeometryValue::LineString { .. } => self.lines += 1,
            GeometryValue::MultiLineString { coordinates } => self.lines += coordinates.len(),
            GeometryValue::Polygon { coordinates } => self.add_polygon(&coordinates)?,
            GeometryValue::MultiPolygon { coordinates } => {
                coordinates.iter().try_for_each(|polygon| self.add_polygon(polygon))?;
            }
            GeometryValue::GeometryCollection { geometries } => self.add_all(geometries)?,
        }
        Ok(())
    }

    fn add_polygon(&mut self, rings: &[Vec<Position>]) -> Result<()> {
        let ring =
            |ring: &Vec<Position>| close(ring.iter().map(|at| self.position(at)).collect::<Result<_>>()?);
        let rings = rings.iter().map(ring).collect::<Result<Vec<_>>>()?;
        if !rings.is_empty() {
            self.polygons.push(rings);
        }
        Ok(())
    }

    fn position(&self, position: &Position) -> Result<[f64; 2]> {
        let &[x, y, ..] = position.as_slice() else {
            return Err(invalid("a position has fewer than two numbers"));
        };
        self.crs.degrees([x, y]).map_err(|what| Error::query(what).with_hint(NOT_DEGREES))
    }

    /// The polygons. Points and lines have no inside: an area of them has almost nothing in it, and costs as many tiles.
    fn finish(self) -> Result<Drawing> {
        let others = match (self.points, self.lines) {
            (0, 0) => None,
            (_, 0) => Some("points"),
            (0, _) => Some("lines"),
            _ => Some("points and lines"),
        };
        match others {
            None if self.polygons.is_empty() => Err(invalid("it contains no geometry")),
            None => Ok(Drawing { polygons: self.polygons, lines: Vec::new() }),
            Some(others) if self.polygons.is_empty() => {
                let error =
                    Error::query(format!("this GeoJSON has only {others}, and an area needs polygons"));
                Err(error.with_hint(if self.lines > 0 { Hint::DrawPolygon } else { Hint::GiveCenter }))
            }
            Some(others) => Err(Error::query(format!("this GeoJSON has {others} beside its polygons"))
                .with_hint(format!("an area consists of polygons; leave the {others} out"))),
        }
    }
}

/// A ring that ends where it begins.
fn close(mut ring: Vec<[f64; 2]>) -> Result<Vec<[f64; 2]>> {
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    if is_ring(&ring) { Ok(ring) } else { Err(invalid("a ring has fewer than three different positions")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(text: &str, lon: f64, lat: f64) -> bool {
        super::super::area::Area::geojson(text).unwrap().region().contains(lon, lat)
    }

    const SQUARE: &str = "[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,3],[3,3],[3,1],[1,1]]]";

    #[test]
    fn holes_parts_and_every_wrapping_count() {
        let polygon = format!(r#"{{"type":"Polygon","coordinates":{SQUARE}}}"#);
        let feature = format!(r#"{{"type":"Feature","properties":null,"geometry":{polygon}}}"#);
        let multi =
            format!(r#"{{"type":"MultiPolygon","coordinates":[{SQUARE},[[[9,9],[10,9],[10,10],[9,9]]]]}}"#);
        let collection = format!(r#"{{"type":"GeometryCollection","geometries":[{multi}]}}"#);
        let features = format!(
            r#"{{"type":"FeatureCollection","features":[{feature},{{"type":"Feature","properties":{{}},"geometry":null}}]}}"#
        );
        for text in [&polygon, &feature, &multi, &collection, &features] {
            assert!(inside(text, 0.5, 0.5), "{text}");
            assert!(!inside(text, 2.0, 2.0), "the hole of {text}");
            assert!(inside(text, 1.0, 2.0), "the border of the hole of {text}");
            assert!(inside(text, 4.0, 4.0), "the corner of {text}");
        }
        assert!(inside(&multi, 9.9, 9.5) && inside(&collection, 9.9, 9.5));
    }

    #[test]
    fn web_mercator_is_an_area_in_degrees() {
        let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}"#;
        let ring =
            "[[[1001875,6799116],[1002988,6799116],[1002988,6800923],[1001875,6800923],[1001875,6799116]]]";
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":null,"geometry":{{"type":"Polygon","coordinates":{ring}}}}}],"crs":{crs}}}"#
        );
        assert!(inside(&text, 9.005, 51.998) && !inside(&text, 9.02, 51.998));
        let inner = format!(r#"{{"type":"Polygon","coordinates":{ring},"crs":{crs}}}"#);
        assert!(inside(&inner, 9.005, 51.998));
    }

    #[test]
    fn overlapping_polygons_are_joined_and_not_cancelled() {
        let text = r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[2,0],[2,2],[0,2],[0,0]]],[[[1,0],[3,0],[3,2],[1,2],[1,0]]]]}"#;
        assert!(inside(text, 1.5, 1.0));
    }

    #[test]
    fn broken_empty_and_impossible_documents_say_what_is_wrong() {
        for (text, says) in [
            ("", "empty text"),
            ("{", "EOF while parsing"),
            ("[1,2]", "not usable GeoJSON"),
            (r#"{"type":"Circle"}"#, "Circle"),
            (r#"{"type":"FeatureCollection","features":[]}"#, "no geometry"),
            (r#"{"type":"Polygon","coordinates":[]}"#, "no geometry"),
            (r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}"#, "fewer than three"),
            (r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0],[1,1],[0,0]]]}"#, "fewer than three"),
            (r#"{"type":"Polygon","coordinates":[[[0,0],[190,1],[5,5],[0,0]]]}"#, "longitude 190"),
            (
                r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,1],[0,0],[1,1],[0,0]]]}"#,
                "fewer than three",
            ),
            (r#"{"type":"Point","coordinates":[1,2]}"#, "only points"),
            (r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4],[5,6],[7,8]]}"#, "only points"),
            (r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#, "only lines"),
            (
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}]}"#,
                "only points and lines",
            ),
            (
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]]}]}"#,
                "has points beside its polygons",
            ),
            (
                r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4258"}}}"#,
                "EPSG::4258",
            ),
            (r#"{"type":"Polygon","coordinates":[[[0],[1,1],[0,0],[2,2]]]}"#, "usable GeoJSON"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
