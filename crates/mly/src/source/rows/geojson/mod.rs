//! Rows of GeoJSON.
//!
//! The file is read twice, because any feature may have a property that no feature before it had: the first pass finds
//! the columns and the second one reads the rows.

pub(in crate::source) mod document;
pub(in crate::source) mod reference;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};

use serde_json::Value;

use self::document::{Found, PropertyReader};
use self::reference::Reference;
use super::batch::BatchBuilder;
use super::column::FileValue;
use super::declared;
use super::feed::Feed;
use super::guess::ValueKinds;
use super::shape::{self, GeometryKind};
use super::survey::{ColumnSurvey, GeometryRole, Order, fields};
use crate::error::{Error, Place, Result};
use crate::source::beginning::{Beginning, unreadable};
use crate::table::{Wkb, with_pairs};

/// What the column of geometries is called.
const GEOMETRY: &str = "geometry";

/// Reads the rows of a file.
pub(super) fn read(file: &File, feed: &mut Feed) -> Result<()> {
    let (mut survey, mut reference) = (FeatureSurvey::default(), Reference::default());
    let mut about = Vec::new();
    each(file, &mut |found| match found {
        Part::Feature(values, geometry, number) => survey.add(&values, geometry.as_ref(), number),
        Part::Crs(crs) => reference.add(&crs),
        Part::About(key, text) => {
            about.push((key.to_owned(), text));
            Ok(())
        }
        Part::End => reference.end(),
    })?;
    let FeatureSurvey { columns, rows, order, .. } = survey.finish();
    let fields = fields(&columns, rows, Some(&order));
    // The position of each column in the rows.
    let places: HashMap<&str, usize> =
        fields.iter().enumerate().map(|(place, (at, _))| (columns[*at].name.as_str(), place)).collect();
    let schema = declared::schema(fields.iter().map(|(_, field)| field.clone()).collect())?;
    let schema = with_pairs(&schema, about);
    let mut batches = BatchBuilder::begin(feed, &schema)?;
    let geometry_place = places.get(GEOMETRY).copied();
    let mut row: Vec<Value> = Vec::new();
    each(file, &mut |found| {
        let Part::Feature(values, geometry, number) = found else { return Ok(()) };
        let placed = geometry.map(|geometry| shape::placed(geometry, reference.crs())).transpose();
        let geometry = placed.map_err(|what| shape::misplaced(what).with_place(Place::Feature(number)))?;
        row.clear();
        row.resize(fields.len(), Value::Null);
        for (name, value) in values {
            if let Some(place) = places.get(name.as_str()).and_then(|place| row.get_mut(*place)) {
                *place = value;
            }
        }
        let cells = row.iter().enumerate().map(|(place, value)| match &geometry {
            Some(geometry) if Some(place) == geometry_place => FileValue::Geometry(geometry),
            _ => FileValue::Json(value),
        });
        batches.row(cells, Place::Feature(number))
    })?;
    batches.finish()
}

/// A part of a document.
enum Part {
    /// The properties and the geometry of a feature, and its number. The geometry is as it was written, in the reference
    /// system of the file.
    Feature(PropertyList, Option<Wkb>, u64),
    /// A member `crs`.
    Crs(Value),
    /// What the result is: a key of its metadata, and the text.
    About(&'static str, String),
    End,
}

/// Calls `take` with each part of all documents.
fn each(mut file: &File, take: &mut dyn FnMut(Part) -> Result<()>) -> Result<()> {
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    document::each(Beginning::of(file)?.input, &mut |found: Found<PropertyList, Value>, number| {
        let feature = match found {
            Found::Feature(feature) => feature,
            Found::Crs(crs) => return take(Part::Crs(crs)),
            Found::About(key, text) => return take(Part::About(key, text)),
            Found::End => return take(Part::End),
        };
        // Before RFC 7946 a geometry could have a reference system of its own.
        if let Some(crs) = feature.geometry.as_ref().and_then(|geometry| geometry.get("crs")) {
            take(Part::Crs(crs.clone()))?;
        }
        let mut values = feature.properties.unwrap_or_default();
        // The `id` member of the feature becomes a value, unless there is a property `id`.
        if let Some(id) = feature.id.filter(|_| values.iter().all(|(name, _)| name != "id")) {
            let value = id.parse::<i64>().map_or_else(|_| Value::from(id), Value::from);
            values.insert(0, ("id".to_owned(), value));
        }
        if values.iter().any(|(name, _)| name == GEOMETRY) {
            let error = Error::input("a property has the name geometry").with_hint("rename it");
            return Err(error.with_place(Place::Feature(number)));
        }
        let geometry = feature.geometry.as_ref().map(shape::of_json).transpose();
        let geometry = geometry.map_err(|what| Error::input(what).with_place(Place::Feature(number)))?;
        take(Part::Feature(values, geometry.flatten(), number))
    })
}

/// The columns of all features.
#[derive(Default)]
struct FeatureSurvey {
    columns: Vec<ColumnSurvey>,
    numbers: HashMap<String, usize>,
    order: Order,
    geometry: ValueKinds,
    /// Features with a geometry.
    placed: u64,
    rows: u64,
}

impl FeatureSurvey {
    fn add(&mut self, values: &[(String, Value)], geometry: Option<&Wkb>, number: u64) -> Result<()> {
        self.rows = number;
        if let Some(geometry) = geometry {
            self.geometry.add(ValueKinds::of_shape(GeometryKind::of_shape(geometry)));
            self.placed += 1;
        }
        let mut before = None;
        for (name, value) in values {
            let number = match self.numbers.get(name) {
                Some(number) => *number,
                None => self.insert(name)?,
            };
            if let Some(column) = self.columns.get_mut(number) {
                column.add(ValueKinds::of_json(value));
            }
            if let Some(before) = before {
                self.order.add(before, number);
            }
            before = Some(number);
        }
        Ok(())
    }

    /// Adds a column.
    fn insert(&mut self, name: &str) -> Result<usize> {
        let number = self.columns.len();
        declared::check_count(number + 1)?;
        self.columns.push(ColumnSurvey::new(name));
        self.numbers.insert(name.to_owned(), number);
        Ok(number)
    }

    /// Adds the column of geometries, if any feature has one or there are no features.
    fn finish(mut self) -> Self {
        if self.placed > 0 || self.rows == 0 {
            let geometry = ColumnSurvey::new(GEOMETRY);
            self.columns.push(ColumnSurvey {
                seen: self.geometry,
                filled: self.placed,
                geometry: GeometryRole::Any,
                ..geometry
            });
        }
        self
    }
}

/// Names and values of properties, in their order.
type PropertyList = Vec<(String, Value)>;

impl PropertyReader for PropertyList {
    fn wants(&mut self, name: &str) -> bool {
        self.push((name.to_owned(), Value::Null));
        true
    }

    fn take(&mut self, value: Value) {
        if let Some((_, last)) = self.last_mut() {
            *last = value;
        }
    }
}
