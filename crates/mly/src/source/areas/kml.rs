//! KML (OGC 12-007r2): placemarks in documents and folders. Heights are left out.

use kml::types::{Coord, Element, Geometry, LinearRing, Placemark};
use kml::{Kml, KmlReader};
use serde_json::Value;

use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::query::{DrawingBuilder, Shape};

/// How deep elements may nest; the parser takes memory of the stack for each.
const DEEPEST: usize = 256;

/// The area of a document, which is always in longitude and latitude.
pub(super) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    check_depth(text)?;
    let document = KmlReader::<_, f64>::from_string(text).read();
    let document = document.map_err(|e| {
        Error::input("the KML cannot be read").with_hint("write the file again").with_source(e)
    })?;
    walk(document, &mut found)?;
    found.finish(Crs::Degrees, buffer_m)
}

/// Refuses a document whose elements do not all end, for which the parser waits forever, or that are nested too deeply.
fn check_depth(text: &str) -> Result<()> {
    let cut = || Error::input("the KML ends too early").with_hint("write the file again");
    let (mut depth, mut rest) = (0_usize, text);
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("!", ">"), ("?", ">")];
        if let Some((_, end)) = skipped.iter().find(|(start, _)| rest.starts_with(start)) {
            (_, rest) = rest.split_once(end).ok_or_else(cut)?;
            continue;
        }
        let (tag, after) = rest.split_once('>').ok_or_else(cut)?;
        match tag {
            end if end.starts_with('/') => depth = depth.checked_sub(1).ok_or_else(cut)?,
            empty if empty.ends_with('/') => {}
            _ => depth += 1,
        }
        if depth > DEEPEST {
            return Err(Error::input("the elements of the KML are nested too deeply"));
        }
        rest = after;
    }
    if depth == 0 { Ok(()) } else { Err(cut()) }
}

fn walk(element: Kml<f64>, found: &mut DrawingBuilder) -> Result<()> {
    let elements = match element {
        Kml::KmlDocument(document) => document.elements,
        Kml::Document { elements, .. } => elements,
        Kml::Folder(folder) => folder.elements,
        Kml::Placemark(placemark) => return add_placemark(placemark, found),
        Kml::Point(point) => return add_feature(Geometry::Point(point), found),
        Kml::LineString(line) => return add_feature(Geometry::LineString(line), found),
        Kml::LinearRing(ring) => return add_feature(Geometry::LinearRing(ring), found),
        Kml::Polygon(polygon) => return add_feature(Geometry::Polygon(polygon), found),
        Kml::MultiGeometry(all) => return add_feature(Geometry::MultiGeometry(all), found),
        _ => return Ok(()),
    };
    elements.into_iter().try_for_each(|element| walk(element, found))
}

fn add_placemark(placemark: Placemark<f64>, found: &mut DrawingBuilder) -> Result<()> {
    let own = [("name", placemark.name.clone()), ("description", placemark.description.clone())];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let values: Vec<(String, String)> = own.chain(extended(&placemark.children)).collect();
    for (name, _) in &values {
        found.name(name);
    }
    let wanted = values.into_iter().find(|(name, _)| found.wanted() == Some(name));
    if let Some((_, value)) = wanted {
        found.value(Value::from(value));
    }
    if let Some(geometry) = placemark.geometry {
        add_feature(geometry, found)
    } else {
        found.end_feature();
        Ok(())
    }
}

/// The values of `ExtendedData`: those of `Data`, and those of `SimpleData` of a schema.
fn extended(elements: &[Element]) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for element in elements {
        let name = element.attrs.get("name").cloned();
        match (element.name.as_str(), name) {
            ("Data", Some(name)) => {
                let value = element.children.iter().find(|child| child.name == "value");
                values.extend(value.and_then(|value| value.content.clone()).map(|value| (name, value)));
            }
            ("SimpleData", Some(name)) => {
                values.extend(element.content.clone().map(|value| (name, value)));
            }
            _ => values.extend(extended(&element.children)),
        }
    }
    values
}

fn add_feature(geometry: Geometry<f64>, found: &mut DrawingBuilder) -> Result<()> {
    let place = found.place();
    add(geometry, found).map_err(|what| Error::input(what).with_place(place))?;
    found.end_feature();
    Ok(())
}

fn add(geometry: Geometry<f64>, found: &mut DrawingBuilder) -> Result<(), String> {
    match geometry {
        Geometry::Point(point) => found.point(position(&point.coord)),
        Geometry::LineString(line) => found.line(positions(&line.coords))?,
        Geometry::LinearRing(ring) => found.polygon(vec![ring_of(&ring)])?,
        Geometry::Polygon(polygon) => {
            let rings = std::iter::once(&polygon.outer).chain(&polygon.inner).map(ring_of);
            found.polygon(rings.collect())?;
        }
        Geometry::MultiGeometry(all) => all.geometries.into_iter().try_for_each(|part| add(part, found))?,
        // A model, which has no outline.
        _ => {}
    }
    Ok(())
}

fn ring_of(ring: &LinearRing<f64>) -> Vec<[f64; 2]> {
    positions(&ring.coords)
}

fn positions(coords: &[Coord<f64>]) -> Vec<[f64; 2]> {
    coords.iter().map(position).collect()
}

fn position(coord: &Coord<f64>) -> [f64; 2] {
    [coord.x, coord.y]
}
