//! COCO JSON (<https://cocodataset.org/#format-data>), for training detectors.
//!
//! Annotations are written as the rows come, since there may be millions of them. The images and categories that they
//! refer to are far fewer; they are kept in memory and written at the end. A row without the id of a detection only
//! tells an image. A detection that cannot be an annotation is left out, and counted by [`unfit`].

mod detections;
mod outline;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde_json::{Map, Value, json};

pub use self::outline::CocoOutline;

use self::detections::{AnnotationColumns, Detection, DetectionImage};
use super::finish::{failed, finish};
use super::format::Format;
use super::text::{append_float, append_int};
use super::text::{append_list, append_text};
use super::traits::{ResumableSink, Sink};
use crate::error::{Error, Result};
use crate::file::{Destination, SinkState};
use crate::name::photo_path;
use crate::table::{ATTRIBUTION, ATTRIBUTION_URL, About, LICENSE, LICENSE_URL};

/// Number of the one licence.
const LICENSE_ID: i64 = 1;

/// The rows whose detections cannot be annotations, and why.
pub(super) fn unfit(batch: &RecordBatch) -> Vec<(usize, &'static str)> {
    // Rows that are no detections at all are an error of the sink.
    let Ok(detections) = AnnotationColumns::of(batch) else { return Vec::new() };
    let why = |row: usize| detections.detection(row).err().map(|why| (row, why));
    (0..batch.num_rows()).filter_map(why).collect()
}

/// Writes detections in pixels as annotations of images.
pub(super) struct Coco {
    destination: Destination,
    catalogue: Catalogue,
    is_first: bool,
}

/// The images and categories that annotations refer to.
#[derive(Default)]
struct Catalogue {
    images: BTreeMap<i64, CocoImage>,
    /// Values by number, counted from 0.
    categories: Vec<String>,
    numbers: HashMap<String, usize>,
}

struct CocoImage {
    width: i64,
    height: i64,
    file_name: String,
}

impl Coco {
    /// # Errors
    /// [`Error::InvalidQuery`] when the rows are not detections in pixels.
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        detections::check(schema)?;
        let mut destination = destination;
        // An unfinished file lacks the images and categories, which only the lost process knew. So it is never resumed.
        destination.clear().map_err(|e| failed(destination.path().as_ref(), Format::Coco, e))?;
        let mut sink = Self { destination, catalogue: Catalogue::default(), is_first: true };
        sink.put(&beginning(About::of(schema)))?;
        Ok(sink)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.destination.write_all(bytes).map_err(|e| self.error(e))
    }

    fn error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        failed(self.destination.path().as_ref(), Format::Coco, source)
    }

    /// The annotations of a batch.
    fn encode(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, String> {
        let detections = AnnotationColumns::of(batch)?;
        let mut out = Vec::new();
        for row in 0..batch.num_rows() {
            if let Some(image) = detections.image(row) {
                self.catalogue.add_image(&image);
            }
            if let Ok(Some(detection)) = detections.detection(row) {
                let category = self.catalogue.category(detection.value);
                out.extend_from_slice(if std::mem::take(&mut self.is_first) { b"" } else { b",\n" });
                append_annotation(&detection, category, &mut out);
            }
        }
        Ok(out)
    }
}

impl Sink for Coco {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let text = self.encode(batch).map_err(|e| self.error(e))?;
        self.put(&text)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let catalogue = std::mem::take(&mut self.catalogue);
        self.put(if self.is_first { b"]" } else { b"\n]" })?;
        self.put(&catalogue.encode())?;
        finish(self.destination, Format::Coco)
    }
}

impl ResumableSink for Coco {
    fn flush(&mut self) -> Result<SinkState> {
        Ok(SinkState::default())
    }
}

impl Catalogue {
    /// Remembers an image. All its rows have the same size and sequence, so the first one is enough.
    fn add_image(&mut self, image: &DetectionImage<'_>) {
        if let Entry::Vacant(entry) = self.images.entry(image.id) {
            let file_name = file_name(image.sequence_id, image.id);
            entry.insert(CocoImage { width: image.width, height: image.height, file_name });
        }
    }

    /// The id of a category, counted from 1 in the order of appearance.
    fn category(&mut self, value: &str) -> usize {
        if let Some(number) = self.numbers.get(value) {
            return number + 1;
        }
        self.numbers.insert(value.to_owned(), self.categories.len());
        self.categories.push(value.to_owned());
        self.categories.len()
    }

    /// The end of the document: images by id, then categories by id.
    fn encode(&self) -> Vec<u8> {
        let mut out = b",\n\"images\":".to_vec();
        append_list(&self.images, &mut out, |(id, image), out| {
            out.extend_from_slice(b"\n{\"id\":");
            append_int(*id, out);
            out.extend_from_slice(b",\"width\":");
            append_int(image.width, out);
            out.extend_from_slice(b",\"height\":");
            append_int(image.height, out);
            out.extend_from_slice(b",\"file_name\":");
            append_text(&image.file_name, out);
            out.extend_from_slice(b",\"license\":");
            append_int(LICENSE_ID, out);
            out.push(b'}');
        });
        out.extend_from_slice(b",\n\"categories\":");
        append_list(self.categories.iter().enumerate(), &mut out, |(number, name), out| {
            out.extend_from_slice(b"\n{\"id\":");
            append_count(number + 1, out);
            out.extend_from_slice(b",\"name\":");
            append_text(name, out);
            out.extend_from_slice(b",\"supercategory\":");
            append_text(supercategory(name), out);
            out.push(b'}');
        });
        out.extend_from_slice(b"}\n");
        out
    }
}

/// The document up to its annotations: what it is, and its licence.
fn beginning(about: About<'_>) -> Vec<u8> {
    let words = about.description().unwrap_or_else(|| "detections in images".to_owned());
    let mut info = Map::from_iter([
        ("description".to_owned(), Value::from(words)),
        ("url".to_owned(), ATTRIBUTION_URL.into()),
        ("version".to_owned(), "1.0".into()),
        ("contributor".to_owned(), ATTRIBUTION.into()),
    ]);
    for (key, value) in about.pairs() {
        info.entry(key).or_insert_with(|| value.into());
    }
    let licenses = json!([{"id": LICENSE_ID, "name": LICENSE, "url": LICENSE_URL}]);
    let info = Value::Object(info);
    format!("{{\"info\":{info},\n\"licenses\":{licenses},\n\"annotations\":[\n").into_bytes()
}

fn append_annotation(detection: &Detection<'_>, category: usize, out: &mut Vec<u8>) {
    let outline = &detection.outline;
    out.extend_from_slice(b"{\"id\":");
    append_int(detection.id, out);
    out.extend_from_slice(b",\"image_id\":");
    append_int(detection.image_id, out);
    out.extend_from_slice(b",\"category_id\":");
    append_count(category, out);
    out.extend_from_slice(b",\"bbox\":");
    append_list(outline.bbox, out, append_float);
    out.extend_from_slice(b",\"segmentation\":");
    append_list(&outline.polygons, out, |ring, out| {
        append_list(ring.iter().flatten(), out, |number, out| append_float(*number, out));
    });
    out.extend_from_slice(b",\"area\":");
    append_float(outline.area, out);
    out.extend_from_slice(b",\"iscrowd\":0}");
}

fn append_count(count: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
}

/// Where a download puts the photo of an image; COCO has slashes on every system.
fn file_name(sequence_id: Option<&str>, image_id: i64) -> String {
    photo_path(sequence_id, image_id).to_string_lossy().replace('\\', "/")
}

/// `regulatory` of `regulatory--stop--g1`.
fn supercategory(value: &str) -> &str {
    value.split_once("--").map_or(value, |(category, _)| category)
}
