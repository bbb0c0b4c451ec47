//! GeoJSON documents as areas.

use geojson::{GeoJson, Geometry, GeometryValue, Position};

use super::shape::{Drawing, check_position};
use crate::error::{Error, Hint, Result};

const HINT: &str = "give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)";

/// Reads every geometry of a document.
pub(super) fn read(text: &str) -> Result<Drawing> {
    let text = text.trim_start_matches('\u{feff}');
    let document: GeoJson = text.parse().map_err(|e| invalid(explain(text, &e)))?;
    let mut found = DrawingBuilder::default();
    match document {
        GeoJson::Geometry(geometry) => found.add(geometry)?,
        GeoJson::Feature(feature) => found.add_all(feature.geometry)?,
        GeoJson::FeatureCollection(all) => {
            found.add_all(all.features.into_iter().filter_map(|f| f.geometry))?;
        }
    }
    found.finish()
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
    drawing: Drawing,
    points: Vec<[f64; 2]>,
}

impl DrawingBuilder {
    fn add_all(&mut self, geometries: impl IntoIterator<Item = Geometry>) -> Result<()> {
        geometries.into_iter().try_for_each(|g| self.add(g))
    }

    fn add(&mut self, geometry: Geometry) -> Result<()> {
        match geometry.value {
            GeometryValue::Point { coordinates } => self.points.push(position(&coordinates)?),
            GeometryValue::MultiPoint { coordinates } => self.points.extend(positions(&coordinates)?),
            GeometryValue::LineString { coordinates } => self.add_line(&coordinates)?,
            GeometryValue::MultiLineString { coordinates } => {
                coordinates.iter().try_for_each(|line| self.add_line(line))?;
            }
            GeometryValue::Polygon { coordinates } => self.add_polygon(&coordinates)?,
            GeometryValue::MultiPolygon { coordinates } => {
                coordinates.iter().try_for_each(|polygon| self.add_polygon(polygon))?;
            }
            GeometryValue::GeometryCollection { geometries } => self.add_all(geometries)?,
        }
        Ok(())
    }

    fn add_line(&mut self, line: &[Position]) -> Result<()> {
        if line.len() < 2 {
            return Err(invalid("a line has fewer than two positions"));
        }
        self.drawing.lines.push(positions(line)?);
        Ok(())
    }

    fn add_polygon(&mut self, rings: &[Vec<Position>]) -> Result<()> {
        let rings = rings.iter().map(|ring| close(positions(ring)?)).collect::<Result<Vec<_>>>()?;
        if !rings.is_empty() {
            self.drawing.polygons.push(rings);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Drawing> {
        if self.drawing == Drawing::default() && !self.points.is_empty() {
            if self.points.len() < 3 {
                return Err(Error::query("this GeoJSON has only points, and an area needs polygons")
                    .with_hint(Hint::GiveCenter));
            }
            self.drawing.polygons.push(vec![close(self.points)?]);
        } else {
            self.drawing.lines.extend(self.points.into_iter().map(|p| vec![p, p]));
        }
        if self.drawing == Drawing::default() {
            return Err(invalid("it contains no geometry"));
        }
        Ok(self.drawing)
    }
}

/// A ring that ends where it begins.
fn close(mut ring: Vec<[f64; 2]>) -> Result<Vec<[f64; 2]>> {
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    if ring.len() < 4 {
        return Err(invalid("a ring has fewer than three different positions"));
    }
    Ok(ring)
}

fn positions(list: &[Position]) -> Result<Vec<[f64; 2]>> {
    list.iter().map(position).collect()
}

fn position(position: &Position) -> Result<[f64; 2]> {
    let &[lon, lat, ..] = position.as_slice() else {
        return Err(invalid("a position has fewer than two numbers"));
    };
    check_position(lon, lat)?;
    Ok([lon, lat])
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
    fn a_collection_of_only_points_is_one_ring() {
        let point = |x, y| {
            format!(
                r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#
            )
        };
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{},{},{},{}]}}"#,
            point(0, 0),
            point(2, 0),
            point(2, 2),
            point(0, 2)
        );
        assert!(inside(&text, 1.0, 1.0) && !inside(&text, 3.0, 1.0));
    }

    #[test]
    fn a_line_is_all_border() {
        let line = r#"{"type":"LineString","coordinates":[[0,0],[2,2],[4,0]]}"#;
        assert!(inside(line, 1.0, 1.0) && !inside(line, 2.0, 1.0));
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
            (r#"{"type":"Polygon","coordinates":[[[0,0],[190,1],[5,5],[0,0]]]}"#, "longitude 190"),
            (r#"{"type":"Point","coordinates":[1,2]}"#, "only points"),
            (r#"{"type":"LineString","coordinates":[[1,2]]}"#, "fewer than two"),
            (r#"{"type":"Polygon","coordinates":[[[0],[1,1],[0,0],[2,2]]]}"#, "usable GeoJSON"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
