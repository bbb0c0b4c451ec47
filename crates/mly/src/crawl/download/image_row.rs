//! Reads the photo and its metadata from a row of a lookup of images.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use serde_json::{Map, Value, json};

use crate::photo::PhotoTags;
use crate::table::Wkb;

/// A photo that has not been fetched yet.
#[derive(Debug)]
pub(super) struct PendingPhoto {
    pub(super) shot: PhotoTags,
    /// The fields of the image with the names that the service uses.
    pub(super) json: Value,
    url: String,
}

impl PendingPhoto {
    /// Takes the URL out, which is used only once.
    pub(super) fn take_url(&mut self) -> String {
        std::mem::take(&mut self.url)
    }
}

/// One row of a lookup of images.
#[derive(Clone, Copy)]
pub(super) struct ImageRow<'a> {
    rows: &'a RecordBatch,
    row: usize,
}

impl<'a> ImageRow<'a> {
    pub(super) fn new(rows: &'a RecordBatch, row: usize) -> Self {
        Self { rows, row }
    }

    fn column(self, name: &str) -> Option<&'a dyn Array> {
        self.rows.column_by_name(name).map(|c| &**c).filter(|c| c.is_valid(self.row))
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.column(name).map(|c| c.as_string::<i32>().value(self.row)).filter(|text| !text.is_empty())
    }

    fn float(self, name: &str) -> Option<f64> {
        self.column(name).map(|c| c.as_primitive::<Float64Type>().value(self.row))
    }

    fn int(self, name: &str) -> Option<i64> {
        self.column(name).map(|c| c.as_primitive::<Int64Type>().value(self.row))
    }

    fn time(self, name: &str) -> Option<i64> {
        self.column(name).map(|c| c.as_primitive::<TimestampMillisecondType>().value(self.row))
    }

    fn flag(self, name: &str) -> Option<bool> {
        self.column(name).map(|c| c.as_boolean().value(self.row))
    }

    fn position(self, name: &str) -> Option<[f64; 2]> {
        match Wkb::read(self.column(name)?.as_binary::<i32>().value(self.row))? {
            Wkb::Point(at) => Some(at),
            Wkb::Lines(_) | Wkb::Points(_) => None,
        }
    }

    /// The photo of the image, if it has one.
    ///
    /// Its metadata have the position and direction that the service computed, if there are any: they are more accurate
    /// than those of the device. The JSON has both.
    pub(super) fn photo(self, id: i64, url_field: &str) -> Option<PendingPhoto> {
        let url = self.text(url_field)?.to_owned();
        let owned = |name| self.text(name).map(str::to_owned);
        let shot = PhotoTags {
            id,
            sequence: owned("sequence"),
            captured_at_ms: self.time("captured_at"),
            position: self.position("computed_geometry").or_else(|| self.position("geometry")),
            altitude_m: self.float("altitude"),
            compass_angle: self.float("computed_compass_angle").or_else(|| self.float("compass_angle")),
            is_pano: self.flag("is_pano").unwrap_or(false),
            make: owned("make"),
            model: owned("model"),
            creator: owned("creator_username"),
        };
        Some(PendingPhoto { json: self.json(id), shot, url })
    }

    /// The values of the row as JSON, without those that are null.
    ///
    /// Numbers that need not be whole always have a fraction, such as 925.0: readers of many such documents, for example
    /// the package `datasets`, take the type of a field from its text.
    fn json(self, id: i64) -> Value {
        let point = |name| self.position(name).map(|at| json!({ "type": "Point", "coordinates": at }));
        let members = [
            ("id", Some(json!(id.to_string()))),
            ("sequence", self.text("sequence").map(Value::from)),
            ("captured_at", self.time("captured_at").map(Value::from)),
            ("geometry", point("geometry")),
            ("computed_geometry", point("computed_geometry")),
            ("altitude", self.float("altitude").map(Value::from)),
            ("compass_angle", self.float("compass_angle").map(Value::from)),
            ("computed_compass_angle", self.float("computed_compass_angle").map(Value::from)),
            ("is_pano", self.flag("is_pano").map(Value::from)),
            ("camera_type", self.text("camera_type").map(Value::from)),
            ("make", self.text("make").map(Value::from)),
            ("model", self.text("model").map(Value::from)),
            ("width", self.int("width").map(Value::from)),
            ("height", self.int("height").map(Value::from)),
            ("quality_score", self.float("quality_score").map(Value::from)),
            ("creator_id", self.int("creator_id").map(|id| json!(id.to_string()))),
            ("creator_username", self.text("creator_username").map(Value::from)),
            ("organization_id", self.int("organization_id").map(|id| json!(id.to_string()))),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(present.collect::<Map<_, _>>())
    }
}
