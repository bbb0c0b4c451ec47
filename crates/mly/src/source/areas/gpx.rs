//! GPX 1.0 and 1.1 (Topografix): tracks and routes are lines, waypoints are points. Heights and times are left out.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use crate::crs::Crs;
use crate::error::{Cause, Error, Result};
use crate::query::{DrawingBuilder, Shape};

/// The elements that are features.
const FEATURES: [&str; 3] = ["trk", "rte", "wpt"];

/// What is known of the track, route or waypoint that is being read.
#[derive(Default)]
struct GpxFeature {
    /// The elements of text in it, such as `name` and `desc`.
    values: Vec<(String, String)>,
    /// The positions since the last segment began.
    line: Vec<[f64; 2]>,
}

/// Whether the outermost element of a document is that of GPX.
pub(super) fn is_gpx(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return tag.local_name().as_ref() == b"gpx",
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The area of a document, which is always in longitude and latitude.
pub(super) fn read(text: &str, mut found: DrawingBuilder, buffer_m: Option<f64>) -> Result<Shape> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut open, mut feature) = (Vec::<String>::new(), GpxFeature::default());
    loop {
        match reader.read_event().map_err(|e| broken(e.into()))? {
            Event::Start(tag) => {
                let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
                match name.as_str() {
                    "wpt" => found.point(position(&tag, &found)?),
                    "trkpt" | "rtept" => feature.line.push(position(&tag, &found)?),
                    _ => {}
                }
                open.push(name);
            }
            Event::Text(text) => feature.add(&open, &text.decode().map_err(|e| broken(e.into()))?),
            Event::CData(text) => feature.add(&open, &text.decode().map_err(|e| broken(e.into()))?),
            Event::GeneralRef(entity) => {
                let name = entity.decode().map_err(|e| broken(e.into()))?;
                match entity.resolve_char_ref().map_err(|e| broken(e.into()))? {
                    Some(character) => feature.add(&open, character.encode_utf8(&mut [0; 4])),
                    None => feature.add(&open, resolve_predefined_entity(&name).unwrap_or_default()),
                }
            }
            Event::End(_) => match open.pop().as_deref() {
                Some("trkseg") => feature.end_line(&mut found)?,
                Some(name) if FEATURES.contains(&name) => {
                    feature.end_line(&mut found)?;
                    std::mem::take(&mut feature).end(&mut found);
                }
                _ => {}
            },
            Event::Eof if open.is_empty() => return found.finish(Crs::Degrees, buffer_m),
            Event::Eof => {
                return Err(Error::input("the GPX ends too early").with_hint("write the file again"));
            }
            _ => {}
        }
    }
}

fn broken(cause: Cause) -> Error {
    Error::input("the GPX cannot be read").with_hint("write the file again").with_source(cause)
}

/// Where a waypoint, or a point of a track or route, is.
fn position(tag: &BytesStart<'_>, found: &DrawingBuilder) -> Result<[f64; 2]> {
    let degrees = |name: &str| {
        let text = tag.try_get_attribute(name).ok().flatten()?;
        str::from_utf8(&text.value).ok()?.trim().parse::<f64>().ok().filter(|number| number.is_finite())
    };
    let position = degrees("lon").zip(degrees("lat")).map(|(lon, lat)| [lon, lat]);
    position.ok_or_else(|| {
        Error::input("a point has no `lon` and `lat` that are numbers")
            .with_place(found.place())
            .with_hint("write the file again")
    })
}

impl GpxFeature {
    /// Adds a piece of the text that stands directly in an element of a feature.
    fn add(&mut self, open: &[String], text: &str) {
        let [.., of, name] = open else { return };
        if !FEATURES.contains(&of.as_str()) {
            return;
        }
        match self.values.last_mut().filter(|(last, _)| last == name) {
            Some((_, value)) => value.push_str(text),
            // What is between the elements in it.
            None if text.trim().is_empty() => {}
            None => self.values.push((name.clone(), text.to_owned())),
        }
    }

    /// Ends a segment. One of a single position, as of a receiver that was switched on and off, is a point.
    fn end_line(&mut self, found: &mut DrawingBuilder) -> Result<()> {
        let line = std::mem::take(&mut self.line);
        if let [only] = line.as_slice() {
            found.point(*only);
            return Ok(());
        }
        let place = found.place();
        found.line(line).map_err(|what| Error::input(what).with_place(place))
    }

    fn end(self, found: &mut DrawingBuilder) {
        for (name, _) in &self.values {
            found.name(name);
        }
        let wanted = self.values.into_iter().find(|(name, _)| found.wanted() == Some(name));
        if let Some((_, value)) = wanted {
            found.value(Value::from(value.trim()));
        }
        found.end_feature();
    }
}
