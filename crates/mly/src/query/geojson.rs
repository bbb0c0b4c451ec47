//! GeoJSON documents as areas.

use geojson::{Feature, GeoJson, Geometry, GeometryValue, JsonObject, Position};

use super::drawing::DrawingBuilder;
use super::shape::Shape;
use crate::crs::Crs;
use crate::error::{Error, Hint, Result};

const HINT: &str = "give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)";

/// Reads every geometry of a document.
pub(crate) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let text = text.trim_start_matches('\u{feff}');
    let document: GeoJson = text.parse().map_err(|e| invalid(explain(text, &e)))?;
    let crs = reference_system(&document)?;
    let features: Vec<Option<Geometry>> = match document {
        GeoJson::Geometry(geometry) => vec![Some(geometry)],
        GeoJson::Feature(feature) => vec![feature.geometry],
        GeoJson::FeatureCollection(all) => all.features.into_iter().map(|f| f.geometry).collect(),
    };
    for geometry in features {
        geometry.map_or(Ok(()), |geometry| add(geometry, &mut found)).map_err(invalid)?;
        found.end_feature();
    }
    if found.is_empty() {
        return Err(invalid("it contains no geometry"));
    }
    found.finish(crs, buffer_m)
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

/// Adds a geometry to the current feature.
///
/// # Errors
/// With what is wrong with it.
pub(crate) fn add(geometry: Geometry, found: &mut DrawingBuilder) -> Result<(), String> {
    match geometry.value {
        GeometryValue::Point { coordinates } => {
            // An empty point is a point without numbers.
            if !coordinates.as_slice().is_empty() {
                found.point(position(&coordinates)?);
            }
        }
        GeometryValue::MultiPoint { coordinates } => {
            for at in &coordinates {
                found.point(position(at)?);
            }
        }
        GeometryValue::LineString { coordinates } => found.line(line(&coordinates)?)?,
        GeometryValue::MultiLineString { coordinates } => {
            coordinates.iter().try_for_each(|positions| found.line(line(positions)?))?;
        }
        GeometryValue::Polygon { coordinates } => found.polygon(rings(&coordinates)?)?,
        GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter().try_for_each(|polygon| found.polygon(rings(polygon)?))?;
        }
        GeometryValue::GeometryCollection { geometries } => {
            geometries.into_iter().try_for_each(|geometry| add(geometry, found))?;
        }
    }
    Ok(())
}

fn rings(rings: &[Vec<Position>]) -> Result<Vec<Vec<[f64; 2]>>, String> {
    rings.iter().map(|ring| line(ring)).collect()
}

fn line(positions: &[Position]) -> Result<Vec<[f64; 2]>, String> {
    positions.iter().map(position).collect()
}

fn position(position: &Position) -> Result<[f64; 2], String> {
    match position.as_slice() {
        &[x, y, ..] => Ok([x, y]),
        _ => Err("a position has fewer than two numbers".to_owned()),
    }
}

#[cfg(test)]
mod tests {

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
                "points beside the polygons",
            ),
            (
                r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]]],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4258"}}}"#,
                "EPSG::4258",
            ),
            (r#"{"type":"Polygon","coordinates":[[[0],[1,1],[0,0],[2,2]]]}"#, "usable GeoJSON"),
        ] {
            let message = super::super::area::Area::geojson(text).unwrap_err().to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
