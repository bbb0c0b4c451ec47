//! The table of an inventory.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{Schema, SchemaRef};
use mly::sink::{with_description, with_layer};
use mly::{ColumnKind, Error, Result, Wkb};

use super::asset::Asset;
use super::beside::RoadSides;
use super::best::BestView;
use super::seen_box::PhotoBox;
use super::sign::SignValues;
use crate::columns::Id;

/// The columns of an inventory.
const COLUMNS: [(&str, ColumnKind); 21] = [
    ("asset_id", ColumnKind::Int),
    ("value", ColumnKind::Text),
    ("members", ColumnKind::Json),
    ("images", ColumnKind::Int),
    ("sequences", ColumnKind::Int),
    ("detections", ColumnKind::Int),
    ("first_seen_at", ColumnKind::Time),
    ("last_seen_at", ColumnKind::Time),
    ("evidence", ColumnKind::Float),
    ("facing", ColumnKind::Float),
    ("side", ColumnKind::Text),
    ("road_id", ColumnKind::Text),
    ("road_offset_m", ColumnKind::Float),
    ("post_id", ColumnKind::Int),
    ("post_size", ColumnKind::Int),
    ("best_image_id", ColumnKind::Int),
    ("best_captured_at", ColumnKind::Time),
    ("box", ColumnKind::Floats),
    ("crop", ColumnKind::Floats),
    ("viewer_url", ColumnKind::Text),
    ("geometry", ColumnKind::Point),
];

/// The page of a photo in the web app.
fn viewer_url(image: i64) -> String {
    format!("https://www.mapillary.com/app/?pKey={image}&focus=photo")
}

fn schema(road_ids: ColumnKind, with_osm: bool) -> Result<SchemaRef> {
    let is_always = |name: &str| matches!(name, "asset_id" | "value" | "geometry");
    let kind_of = |name: &str, kind: ColumnKind| if name == "road_id" { road_ids } else { kind };
    let fields = COLUMNS.map(|(name, kind)| kind_of(name, kind).field(name, !is_always(name)));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let schema = with_layer(&schema, "assets")?;
    let text = "an inventory of signs and objects, one row for each";
    let [license, names] = if with_osm {
        ["CC BY-SA 4.0 and ODbL 1.0", "Mapillary, OpenStreetMap contributors"]
    } else {
        ["CC BY-SA 4.0", "Mapillary"]
    };
    Ok(with_all_columns(&with_description(&schema, text, license, names)))
}

/// Says that all columns are written, also those without any value.
fn with_all_columns(schema: &SchemaRef) -> SchemaRef {
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut metadata = schema.metadata().clone();
    metadata.insert("mly:fields".to_owned(), names.join(","));
    Arc::new(Schema::new_with_metadata(schema.fields().clone(), metadata))
}

/// What makes rows of assets.
pub(super) struct AssetRows<'a> {
    schema: SchemaRef,
    values: &'a SignValues,
    has_text_roads: bool,
}

impl<'a> AssetRows<'a> {
    pub(super) fn new(values: &'a SignValues, roads: Option<&RoadSides>) -> Result<Self> {
        let has_text_roads = roads.is_some_and(RoadSides::have_text_ids);
        let kind = if has_text_roads { ColumnKind::Text } else { ColumnKind::Int };
        let schema = schema(kind, roads.is_some_and(|roads| roads.are_openstreetmap))?;
        Ok(Self { schema, values, has_text_roads })
    }

    /// The rows of assets, in their order.
    pub(super) fn of(&self, assets: &[Asset]) -> Result<RecordBatch> {
        let columns = columns(assets, self.values, self.has_text_roads);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|e| Error::internal("the columns of an inventory do not fit its schema").with_source(e))
    }
}

fn columns(assets: &[Asset], values: &SignValues, has_text_roads: bool) -> Vec<ArrayRef> {
    let ints = |value: fn(&Asset) -> Option<i64>| -> ArrayRef {
        Arc::new(assets.iter().map(value).collect::<Int64Array>())
    };
    let times = |value: fn(&Asset) -> Option<i64>| -> ArrayRef {
        let times: TimestampMillisecondArray = assets.iter().map(value).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let floats = |value: fn(&Asset) -> Option<f64>| -> ArrayRef {
        Arc::new(assets.iter().map(value).collect::<Float64Array>())
    };
    let boxes = |value: fn(&BestView) -> PhotoBox| -> ArrayRef {
        let mut lists = ListBuilder::new(Float64Builder::new());
        for asset in assets {
            match asset.best.as_deref() {
                Some(view) => {
                    lists.values().append_slice(&value(view));
                    lists.append(true);
                }
                None => lists.append(false),
            }
        }
        Arc::new(lists.finish())
    };
    let texts = |all: StringArray| -> ArrayRef { Arc::new(all) };
    let best = |asset: &Asset| asset.best.as_deref().map(|view| view.image);
    let value = |asset: &Asset| values.get(asset.value).map(|value| &*value.text);
    let geometry = |asset: &Asset| Some(Wkb::Point(asset.at).bytes());
    vec![
        ints(|asset| Some(asset.id)),
        texts(assets.iter().map(value).collect()),
        texts(assets.iter().map(|asset| Some(list(&asset.members))).collect()),
        ints(|asset| asset.images),
        ints(|asset| asset.sequences),
        ints(|asset| asset.detections),
        times(|asset| asset.seen.map(|[first, _]| first)),
        times(|asset| asset.seen.map(|[_, last]| last)),
        floats(|asset| Some(asset.evidence)),
        floats(|asset| asset.facing),
        texts(assets.iter().map(|asset| asset.road.as_ref()?.side).collect()),
        road_ids(assets, has_text_roads),
        floats(|asset| Some(asset.road.as_ref()?.offset_m)),
        ints(|asset| Some(asset.post_id)),
        ints(|asset| Some(asset.post_size)),
        ints(|asset| asset.best.as_deref().map(|view| view.image)),
        times(|asset| asset.best.as_deref()?.captured_at),
        boxes(|view| view.area),
        boxes(|view| view.crop),
        texts(assets.iter().map(|asset| best(asset).map(viewer_url)).collect()),
        Arc::new(assets.iter().map(geometry).collect::<BinaryArray>()),
    ]
}

/// The ids of roads: numbers, unless one of the network is a text.
fn road_ids(assets: &[Asset], are_texts: bool) -> ArrayRef {
    let ids = assets.iter().map(|asset| asset.road.as_ref().and_then(|road| road.road.as_ref()));
    if are_texts {
        return Arc::new(ids.map(|id| id.map(ToString::to_string)).collect::<StringArray>());
    }
    let number = |id: Option<&Id>| match id {
        Some(Id::Number(number)) => Some(*number),
        _ => None,
    };
    Arc::new(ids.map(number).collect::<Int64Array>())
}

/// Ids as a list in JSON.
fn list(ids: &[i64]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}
