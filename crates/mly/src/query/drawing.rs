//! Collects the geometries of a file, from which an area is made.

use serde_json::Value;

use super::labels::Labels;
use super::shape::{Buffered, Drawing, Shape, is_ring};
use crate::crs::{Crs, NOT_DEGREES};
use crate::error::{Error, Hint, Place, Result};

/// The name of the column value that stands for the number of a feature.
const INDEX: &str = "index";

/// The geometries that are read, feature by feature, in the reference system of the file.
#[derive(Debug, Default)]
pub(crate) struct DrawingBuilder {
    polygons: Vec<Vec<Vec<[f64; 2]>>>,
    lines: Vec<Vec<[f64; 2]>>,
    points: Vec<[f64; 2]>,
    /// The feature of each part.
    owners: Labels,
    /// Features so far.
    features: u32,
    /// The wanted property of each feature, and whether any feature has it.
    column: Option<(String, Vec<Value>, bool)>,
    /// Names of properties, for the message that a wanted one is not there.
    names: Vec<String>,
}

impl DrawingBuilder {
    /// Most names that are kept for a message.
    const NAMES: usize = 100;

    /// A builder that also keeps this property of every feature.
    pub(crate) fn new(column: Option<&str>) -> Self {
        let column = column.map(|name| (name.to_owned(), Vec::new(), name == INDEX));
        Self { column, ..Self::default() }
    }

    /// The property that readers have to hand on, if any.
    pub(crate) fn wanted(&self) -> Option<&str> {
        self.column.as_ref().map(|(name, ..)| name.as_str()).filter(|name| *name != INDEX)
    }

    /// Tells that features have a property of this name.
    pub(crate) fn name(&mut self, name: &str) {
        if let Some((wanted, _, is_there)) = &mut self.column {
            *is_there |= wanted == name;
            if self.names.len() < Self::NAMES && !self.names.iter().any(|known| known == name) {
                self.names.push(name.to_owned());
            }
        }
    }

    /// Sets the wanted property of the feature that [`end_feature`](Self::end_feature) will end.
    pub(crate) fn value(&mut self, value: Value) {
        let at = self.features as usize;
        if let Some((_, values, _)) = &mut self.column {
            values.resize(at, Value::Null);
            values.push(value);
        }
    }

    /// Ends a feature: the next geometry is of another one.
    pub(crate) fn end_feature(&mut self) {
        self.features = self.features.saturating_add(1);
    }

    /// The number of the current feature for messages, counted from 1.
    pub(crate) fn place(&self) -> Place {
        Place::Feature(u64::from(self.features) + 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.polygons.is_empty() && self.lines.is_empty() && self.points.is_empty()
    }

    pub(crate) fn point(&mut self, at: [f64; 2]) {
        self.points.push(at);
        self.owners.points.push(self.features);
    }

    /// Adds a line; one without positions is none.
    ///
    /// # Errors
    /// When it has a single position.
    pub(crate) fn line(&mut self, line: Vec<[f64; 2]>) -> Result<(), String> {
        match line.len() {
            0 => return Ok(()),
            1 => return Err("a line has fewer than two positions".to_owned()),
            _ => {}
        }
        self.lines.push(line);
        self.owners.lines.push(self.features);
        Ok(())
    }

    /// Adds a polygon, its exterior first; one without rings is none.
    ///
    /// # Errors
    /// When a ring encloses nothing.
    pub(crate) fn polygon(&mut self, rings: Vec<Vec<[f64; 2]>>) -> Result<(), String> {
        let rings = rings.into_iter().filter(|ring| !ring.is_empty()).map(close);
        let rings = rings.collect::<Result<Vec<_>, _>>()?;
        if !rings.is_empty() {
            self.polygons.push(rings);
            self.owners.polygons.push(self.features);
        }
        Ok(())
    }

    /// The shape of everything that was added.
    ///
    /// # Errors
    /// When there is nothing, when a position is not on this earth, when there are points or lines and no distance, or no
    /// feature has the wanted property.
    pub(crate) fn finish(mut self, crs: Crs, buffer_m: Option<f64>) -> Result<Shape> {
        buffer_m.map_or(Ok(()), Buffered::check_distance)?;
        if self.is_empty() {
            return Err(
                Error::query("it contains no geometry").with_hint("an area has a polygon, line or point")
            );
        }
        self.place_all(crs)?;
        if buffer_m.is_none() {
            self.check_polygons()?;
        }
        let labels = self.labels()?;
        let Self { polygons, lines, points, .. } = self;
        let drawing = Drawing { polygons, lines, points, labels };
        Ok(match buffer_m {
            None => Shape::Drawn(drawing),
            Some(buffer_m) => Shape::Buffered(Buffered { drawing, buffer_m }),
        })
    }

    /// Brings all positions into longitude and latitude.
    fn place_all(&mut self, crs: Crs) -> Result<()> {
        let is_alone = self.features <= 1;
        let place = |at: &mut [f64; 2], feature: u32| match crs.degrees(*at) {
            Ok(placed) => {
                *at = placed;
                Ok(())
            }
            Err(what) => {
                let what =
                    if is_alone { what } else { format!("feature {}: {what}", u64::from(feature) + 1) };
                Err(Error::query(what).with_hint(NOT_DEGREES))
            }
        };
        for (polygon, feature) in self.polygons.iter_mut().zip(&self.owners.polygons) {
            polygon.iter_mut().flatten().try_for_each(|at| place(at, *feature))?;
        }
        for (line, feature) in self.lines.iter_mut().zip(&self.owners.lines) {
            line.iter_mut().try_for_each(|at| place(at, *feature))?;
        }
        self.points.iter_mut().zip(&self.owners.points).try_for_each(|(at, feature)| place(at, *feature))
    }

    /// Points and lines have no inside: an area of them has almost nothing in it, and costs as many tiles.
    fn check_polygons(&self) -> Result<()> {
        let others = match (self.points.len(), self.lines.len()) {
            (0, 0) => return Ok(()),
            (_, 0) => "points",
            (0, _) => "lines",
            _ => "points and lines",
        };
        Err(Error::query(if self.polygons.is_empty() {
            format!("there are only {others}, and an area needs polygons or a buffer")
        } else {
            format!("there are {others} beside the polygons, which need a buffer")
        })
        .with_hint(Hint::Widen))
    }

    fn labels(&mut self) -> Result<Option<Labels>> {
        let Some((name, mut values, is_there)) = self.column.take() else { return Ok(None) };
        if !is_there {
            let names: Vec<&str> = self.names.iter().map(String::as_str).chain([INDEX]).collect();
            return Err(crate::error::unknown("property", &name, &names));
        }
        values.resize(self.features as usize, Value::Null);
        let values = (name != INDEX).then_some(values);
        Ok(Some(Labels { values, ..std::mem::take(&mut self.owners) }))
    }
}

/// A ring that ends where it begins.
fn close(mut ring: Vec<[f64; 2]>) -> Result<Vec<[f64; 2]>, String> {
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    if is_ring(&ring) { Ok(ring) } else { Err("a ring has fewer than three different positions".to_owned()) }
}
