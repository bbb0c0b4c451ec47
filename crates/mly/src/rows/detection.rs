//! Detections: outlines in an image, each sent as a small vector tile in base64.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::{ArrowError, Field, FieldRef, Schema, SchemaRef};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mly_mvt::{Geometry, Tile};

use super::entity::EntityTable;
use super::json::Object;
use super::misfits::Misfits;
use crate::error::Unreadable;
use crate::query::{Attribute, Entity, Outlines, Subject};
use crate::table::ColumnKind;
use crate::table::graph_schema;
use crate::table::{Rings, append_rings, rings_builder};

/// The service sends padding, but text without it is read too.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The columns of detections.
#[derive(Debug)]
pub(crate) struct DetectionColumns {
    subject: Subject,
    outlines: Outlines,
    sent: EntityTable,
    with_empty: bool,
    schema: SchemaRef,
}

/// Name of the column with outlines as rings.
const POLYGONS: &str = "polygons";

/// Indexes of the columns of the service's answer.
const ID: usize = 0;
const IMAGE_ID: usize = 1;
const VALUE: usize = 2;
const CREATED_AT: usize = 3;
const OUTLINE: usize = 4;
const GEOMETRY: usize = 5;

/// Width, height and sequence of the image of each row, as far as they are known.
pub(crate) type Pictures = [ArrayRef; 3];

impl DetectionColumns {
    /// The columns for a subject, and for rows of images without detections if `with_empty`.
    pub(crate) fn new(subject: Subject, outlines: Outlines, with_empty: bool) -> Self {
        let attribute = |name: &'static str, kind, field: &'static str, key| Attribute {
            name: name.into(),
            kind,
            field: field.into(),
            key,
        };
        let sent = EntityTable::new(vec![
            attribute("id", ColumnKind::Id, "id", None),
            attribute("image_id", ColumnKind::Id, "image", Some("id")),
            attribute("value", ColumnKind::Text, "value", None),
            attribute("created_at", ColumnKind::Time, "created_at", None),
            attribute("pixel_geometry", ColumnKind::Text, "geometry", None),
            attribute("image_geometry", ColumnKind::Point, "image", Some("geometry")),
        ]);
        let outline = match outlines {
            Outlines::Raw => ("pixel_geometry", ColumnKind::Text),
            Outlines::Normalised | Outlines::Pixels => (POLYGONS, ColumnKind::Rings),
        };
        let mut columns = vec![
            ("id", ColumnKind::Id),
            ("image_id", ColumnKind::Id),
            ("map_feature_id", ColumnKind::Id),
            ("value", ColumnKind::Text),
            ("created_at", ColumnKind::Time),
            outline,
        ];
        if outlines == Outlines::Pixels {
            columns.extend([
                ("image_width", ColumnKind::Int),
                ("image_height", ColumnKind::Int),
                ("sequence_id", ColumnKind::Text),
            ]);
        }
        columns.push(("geometry", ColumnKind::Point));
        let mut schema = graph_schema(columns);
        if with_empty {
            schema = with_nullable_id(&schema);
        }
        Self { subject, outlines, sent, with_empty, schema }
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn outlines(&self) -> Outlines {
        self.outlines
    }

    /// The rows of an answer in the columns of the service, and what could not be read.
    pub(crate) fn sent(&self, objects: &[Object]) -> Result<(RecordBatch, Misfits), Unreadable> {
        self.sent.rows(objects)
    }

    /// A row of nothing, for an image in which nothing was detected; `None` if such images have no row.
    pub(crate) fn nothing(&self) -> Result<Option<RecordBatch>, ArrowError> {
        if !self.with_empty {
            return Ok(None);
        }
        let schema = with_nullable_id(self.sent.schema());
        let columns = schema.fields().iter().map(|field| new_null_array(field.data_type(), 1)).collect();
        RecordBatch::try_new(schema, columns).map(Some)
    }

    /// The kind of object whose detections are requested.
    pub(crate) fn owner(&self) -> Entity {
        match self.subject {
            Subject::DetectionsOfMapFeature => Entity::MapFeature,
            _ => Entity::Image,
        }
    }

    /// Whether the id is that of a map feature where an image is meant, or the other way round. The service accepts
    /// both kinds of ids in the same request, so only the rows tell. `None` when no row names its image.
    pub(crate) fn are_foreign(&self, of: i64, sent: &RecordBatch) -> Option<bool> {
        let mut images = image_ids(sent).iter().flatten().peekable();
        images.peek()?;
        Some(match self.owner() {
            Entity::MapFeature => images.any(|image| image == of),
            _ => images.any(|image| image != of),
        })
    }

    /// The final rows of the detections of one id, and the outlines that could not be read.
    pub(crate) fn rows(
        &self,
        of: i64,
        sent: &RecordBatch,
        pictures: Option<Pictures>,
    ) -> Result<(RecordBatch, Misfits), ArrowError> {
        let count = sent.num_rows();
        let of_feature = self.subject == Subject::DetectionsOfMapFeature;
        let asked: ArrayRef = Arc::new(Int64Array::from_value(of, count));
        // The service does not name an image that is deleted, but here it is the one that was requested.
        let image_ids = if of_feature { Arc::clone(sent.column(IMAGE_ID)) } else { Arc::clone(&asked) };
        let map_feature_ids = if of_feature { asked } else { Arc::new(Int64Array::new_null(count)) };
        let (outlines, unreadable) = self.outlines_of(sent, pictures.as_ref());
        let mut misfits = Misfits::default();
        misfits.add_values(POLYGONS, unreadable);
        let mut columns = vec![
            Arc::clone(sent.column(ID)),
            image_ids,
            map_feature_ids,
            Arc::clone(sent.column(VALUE)),
            Arc::clone(sent.column(CREATED_AT)),
            outlines,
        ];
        columns.extend(pictures.into_iter().flatten());
        columns.push(Arc::clone(sent.column(GEOMETRY)));
        Ok((RecordBatch::try_new(Arc::clone(&self.schema), columns)?, misfits))
    }

    fn outlines_of(&self, sent: &RecordBatch, pictures: Option<&Pictures>) -> (ArrayRef, u64) {
        if self.outlines == Outlines::Raw {
            return (Arc::clone(sent.column(OUTLINE)), 0);
        }
        let texts: &StringArray = sent.column(OUTLINE).as_string();
        let mut unreadable = 0;
        let mut all = rings_builder();
        for (row, text) in texts.iter().enumerate() {
            let scale = match pictures {
                None => Some([1.0, 1.0]),
                Some([width, height, _]) => pixels(width, row).zip(pixels(height, row)).map(|(w, h)| [w, h]),
            };
            let rings = text.zip(scale).and_then(|(text, scale)| {
                let read = decode(text, scale);
                unreadable += u64::from(read.is_none());
                read
            });
            append_rings(&mut all, rings);
        }
        (Arc::new(all.finish()), unreadable)
    }
}

/// A schema whose `id` can be null.
fn with_nullable_id(schema: &SchemaRef) -> SchemaRef {
    let field = |field: &FieldRef| match field.name().as_str() {
        "id" => Arc::new(Field::clone(field).with_nullable(true)),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// Ids of the images in the rows of an answer.
pub(crate) fn image_ids(sent: &RecordBatch) -> &Int64Array {
    sent.column(IMAGE_ID).as_primitive()
}

/// A width or height, if it is known.
fn pixels(sizes: &ArrayRef, row: usize) -> Option<f64> {
    let sizes = sizes.as_primitive::<Int64Type>();
    #[expect(clippy::cast_precision_loss, reason = "photos have fewer than 2^53 pixels on a side")]
    let size = |i| sizes.value(i) as f64;
    sizes.is_valid(row).then(|| size(row))
}

/// Every ring of every feature, scaled to the width and height, with y down from the top left corner.
///
/// The service sends the boxes of signs as tiles of version 1, and segmentations as version 2 with several features and
/// rings.
fn decode(text: &str, [width, height]: [f64; 2]) -> Option<Rings> {
    let bytes = BASE64.decode(text.trim()).ok()?;
    let mut rings = Vec::new();
    for layer in Tile::new(&bytes).layers() {
        let layer = layer.ok()?;
        let extent = f64::from(layer.extent());
        let scaled = |[x, y]: [i32; 2]| [f64::from(x) / extent * width, f64::from(y) / extent * height];
        for feature in layer.features() {
            if let Geometry::Polygons(polygons) = feature.ok()?.geometry().ok()? {
                let all = polygons.into_iter().flat_map(|p| std::iter::once(p.exterior).chain(p.interiors));
                rings.extend(all.map(|ring| ring.into_iter().map(scaled).collect::<Vec<_>>()));
            }
        }
    }
    Some(rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boxes_of_the_documentation_are_where_it_says() {
        // API v4, "Detection"; y down.
        for (text, [x0, y0, x1, y1]) in [
            (
                "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ==",
                [2097.0, 2489.0, 2191.0, 2571.0],
            ),
            (
                "GjgKBm1weS1vchIYEgIAABgDIhAJnC3uFxroAwAA7AbnAwAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ",
                [2894.0, 1527.0, 3138.0, 1965.0],
            ),
        ] {
            let rings = decode(text, [4096.0, 4096.0]).unwrap();
            assert_eq!(rings.len(), 1);
            let axis = |i: usize| rings[0].iter().map(move |p| p[i]);
            let least = |i| axis(i).fold(f64::MAX, f64::min);
            let most = |i| axis(i).fold(f64::MIN, f64::max);
            let found = [least(0), least(1), most(0), most(1)];
            assert!(found.iter().zip([x0, y0, x1, y1]).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        }
        assert_eq!(decode("not base64!", [1.0, 1.0]), None);
    }
}
