//! GeoJSON: a geometry, a feature, a collection, or several of them one after the other (RFC 7946, RFC 8142).

use geojson::Geometry;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Place, Result};
use crate::query::geojson::{add, read as read_document};
use crate::query::{DrawingBuilder, Shape};
use crate::source::rows::geojson::document::{Found, PropertyReader, each};
use crate::source::rows::geojson::reference::Reference;

const HINT: &str = "give a GeoJSON geometry, Feature or FeatureCollection (RFC 7946)";

/// The area of a text.
pub(super) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    if is_geometry(text) {
        return read_document(text, found, buffer_m);
    }
    let mut reference = Reference::default();
    let read = each(text.as_bytes(), &mut |part: Found<Properties, Geometry>, number| {
        let feature = match part {
            Found::Feature(feature) => feature,
            Found::Crs(crs) => return reference.add(&crs),
            Found::About(..) => return Ok(()),
            Found::End => return reference.end(),
        };
        let properties = feature.properties.unwrap_or_default().0;
        for (name, _) in &properties {
            found.name(name);
        }
        let id = feature.id.map(|id| {
            found.name("id");
            id.parse::<i64>().map_or_else(|_| Value::from(id), Value::from)
        });
        let own = found.wanted().and_then(|wanted| {
            let value = properties.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
            value.or_else(|| id.filter(|_| wanted == "id"))
        });
        if let Some(value) = own {
            found.value(value);
        }
        let members = feature.geometry.as_ref().and_then(|geometry| geometry.foreign_members.as_ref());
        if let Some(crs) = members.and_then(|members| members.get("crs")) {
            reference.add(crs)?;
        }
        let added = feature.geometry.map_or(Ok(()), |geometry| add(geometry, &mut found));
        added.map_err(|what| {
            Error::input(format!("this is not usable GeoJSON: {what}")).with_place(Place::Feature(number))
        })?;
        found.end_feature();
        Ok(())
    });
    read.map_err(|error| match error.hint() {
        None => error.with_hint(HINT),
        Some(_) => error,
    })?;
    if found.is_empty() {
        return Err(Error::query("this is not usable GeoJSON: it contains no geometry").with_hint(HINT));
    }
    found.finish(reference.crs(), buffer_m)
}

/// Whether a text is a geometry that is no feature.
fn is_geometry(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        name: String,
    }
    let first = serde_json::Deserializer::from_str(text).into_iter::<Kind>().next();
    first.is_none_or(|kind| kind.is_ok_and(|kind| !kind.name.starts_with("Feature")))
}

/// Names and values of the properties of a feature.
#[derive(Default)]
struct Properties(Vec<(String, Value)>);

impl PropertyReader for Properties {
    fn wants(&mut self, name: &str) -> bool {
        self.0.push((name.to_owned(), Value::Null));
        true
    }

    fn take(&mut self, value: Value) {
        if let Some((_, last)) = self.0.last_mut() {
            *last = value;
        }
    }
}
