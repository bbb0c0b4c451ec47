//! Signs for tests, and the rows of inventories.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float64Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field, Schema};
use mly::{ColumnKind, Wkb};
use mly_jobs::Table;
use mly_jobs::assets::Assets;

/// The middle of the invented place that tests are about.
pub(crate) const MIDDLE: [f64; 2] = [9.0, 52.0];

pub(crate) const DAY_MS: i64 = 86_400_000;

/// 2020-01-01.
pub(crate) const BEGIN_MS: i64 = 1_577_836_800_000;

/// A map feature.
#[derive(Clone, Debug)]
pub(crate) struct SignRow {
    pub(crate) id: i64,
    pub(crate) value: &'static str,
    /// Metres to the east and to the north of the middle.
    pub(crate) at_m: [f64; 2],
    /// First and last day, counted from 2020-01-01.
    pub(crate) days: Option<[i64; 2]>,
    pub(crate) direction: Option<f64>,
    /// Ids of photos.
    pub(crate) images: Option<Vec<i64>>,
}

pub(crate) const LIMIT: &str = "regulatory--maximum-speed-limit-50--g1";
pub(crate) const STOP: &str = "regulatory--stop--g1";
pub(crate) const PLATE: &str = "complementary--distance--g1";

/// A sign seen from one day to another.
pub(crate) fn sign(id: i64, value: &'static str, at_m: [f64; 2], days: [i64; 2]) -> SignRow {
    SignRow { id, value, at_m, days: Some(days), direction: None, images: None }
}

impl SignRow {
    pub(crate) fn facing(mut self, degrees: f64) -> Self {
        self.direction = Some(degrees);
        self
    }

    pub(crate) fn on(mut self, images: &[i64]) -> Self {
        self.images = Some(images.to_vec());
        self
    }
}

/// A place so many metres to the east and to the north of the middle; good to a millimetre within 200 m.
pub(crate) fn place([east, north]: [f64; 2]) -> [f64; 2] {
    // One degree at latitude 52 on the ellipsoid of WGS 84 (NGA.STND.0036).
    const DEGREE_M: [f64; 2] = [68_677.7, 111_268.0];
    [MIDDLE[0] + east / DEGREE_M[0], MIDDLE[1] + north / DEGREE_M[1]]
}

pub(crate) fn points(all: impl Iterator<Item = [f64; 2]>) -> ArrayRef {
    Arc::new(all.map(|at| Some(Wkb::Point(at).bytes())).collect::<BinaryArray>())
}

pub(crate) fn times(all: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(all.collect::<TimestampMillisecondArray>().with_timezone("UTC"))
}

/// A table of columns.
pub(crate) fn table(columns: Vec<(&str, ColumnKind, ArrayRef)>) -> Table {
    let fields: Vec<_> = columns.iter().map(|(name, kind, _)| kind.field(name, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = columns.into_iter().map(|(.., column)| column).collect();
    let rows = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    Table::new(schema, vec![rows])
}

/// Signs as a result has them, with the columns of look-ups.
pub(crate) fn signs(all: &[SignRow]) -> Table {
    let day = |i: usize| times(all.iter().map(move |sign| sign.days.map(|days| BEGIN_MS + days[i] * DAY_MS)));
    let list = |images: &Vec<i64>| {
        let entries: Vec<_> = images.iter().map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
        format!("{{\"data\":[{}]}}", entries.join(","))
    };
    let images: StringArray = all.iter().map(|sign| sign.images.as_ref().map(list)).collect();
    table(vec![
        ("id", ColumnKind::Int, Arc::new(all.iter().map(|sign| Some(sign.id)).collect::<Int64Array>())),
        (
            "value",
            ColumnKind::Text,
            Arc::new(all.iter().map(|sign| Some(sign.value)).collect::<StringArray>()),
        ),
        ("first_seen_at", ColumnKind::Time, day(0)),
        ("last_seen_at", ColumnKind::Time, day(1)),
        (
            "aligned_direction",
            ColumnKind::Float,
            Arc::new(all.iter().map(|sign| sign.direction).collect::<Float64Array>()),
        ),
        ("images", ColumnKind::Json, Arc::new(images)),
        ("geometry", ColumnKind::Point, points(all.iter().map(|sign| place(sign.at_m)))),
    ])
}

/// A photo.
#[derive(Clone, Debug)]
pub(crate) struct PhotoRow {
    pub(crate) id: i64,
    pub(crate) at_m: [f64; 2],
    pub(crate) captured_at: i64,
    pub(crate) sequence: &'static str,
    pub(crate) quality: f64,
    pub(crate) is_pano: bool,
    pub(crate) size: [i64; 2],
}

/// A photo from so many metres south of the middle, at noon of a day.
pub(crate) fn photo(id: i64, south_m: f64, day: i64) -> PhotoRow {
    PhotoRow {
        id,
        at_m: [0.0, -south_m],
        captured_at: BEGIN_MS + day * DAY_MS + DAY_MS / 2,
        sequence: "s1",
        quality: 0.5,
        is_pano: false,
        size: [4000, 3000],
    }
}

/// Photos as look-ups give them.
pub(crate) fn photos(all: &[PhotoRow]) -> Table {
    let ints =
        |value: fn(&PhotoRow) -> i64| -> ArrayRef { Arc::new(all.iter().map(value).collect::<Int64Array>()) };
    table(vec![
        ("id", ColumnKind::Id, ints(|photo| photo.id)),
        ("captured_at", ColumnKind::Time, times(all.iter().map(|photo| Some(photo.captured_at)))),
        ("computed_geometry", ColumnKind::Point, points(all.iter().map(|photo| place(photo.at_m)))),
        ("height", ColumnKind::Int, ints(|photo| photo.size[1])),
        (
            "is_pano",
            ColumnKind::Bool,
            Arc::new(all.iter().map(|photo| Some(photo.is_pano)).collect::<BooleanArray>()),
        ),
        (
            "quality_score",
            ColumnKind::Float,
            Arc::new(all.iter().map(|photo| Some(photo.quality)).collect::<Float64Array>()),
        ),
        (
            "sequence",
            ColumnKind::Text,
            Arc::new(all.iter().map(|photo| Some(photo.sequence)).collect::<StringArray>()),
        ),
        ("width", ColumnKind::Int, ints(|photo| photo.size[0])),
        ("geometry", ColumnKind::Point, points(all.iter().map(|photo| place(photo.at_m)))),
    ])
}

/// A feature in a photo: id of the detection, feature, photo, and boxes as shares of the photo.
pub(crate) type DetectionRow = (i64, i64, i64, Vec<[f64; 4]>);

/// Detections as look-ups give them.
pub(crate) fn detections(all: &[DetectionRow]) -> Table {
    let ints = |value: fn(&DetectionRow) -> i64| -> ArrayRef {
        Arc::new(all.iter().map(value).collect::<Int64Array>())
    };
    let number = Arc::new(Field::new_list_field(DataType::Float64, false));
    let position = FixedSizeListBuilder::new(Float64Builder::new(), 2).with_field(number);
    let mut rings = ListBuilder::new(ListBuilder::new(position));
    for (.., boxes) in all {
        for [left, top, right, bottom] in boxes {
            for corner in [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]] {
                let positions = rings.values().values();
                positions.values().append_slice(&corner.map(|share| *share));
                positions.append(true);
            }
            rings.values().append(true);
        }
        rings.append(true);
    }
    table(vec![
        ("id", ColumnKind::Id, ints(|row| row.0)),
        ("image_id", ColumnKind::Id, ints(|row| row.2)),
        ("map_feature_id", ColumnKind::Id, ints(|row| row.1)),
        ("polygons", ColumnKind::Rings, Arc::new(rings.finish())),
    ])
}

/// A row of an inventory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AssetRow {
    pub(crate) id: i64,
    pub(crate) value: String,
    pub(crate) members: Vec<i64>,
    pub(crate) images: Option<i64>,
    pub(crate) sequences: Option<i64>,
    pub(crate) detections: Option<i64>,
    pub(crate) evidence: f64,
    pub(crate) facing: Option<f64>,
    pub(crate) post_id: i64,
    pub(crate) post_size: i64,
    pub(crate) best_image_id: Option<i64>,
    pub(crate) area: Option<Vec<f64>>,
    pub(crate) crop: Option<Vec<f64>>,
}

/// The rows of an inventory.
pub(crate) fn rows_of(assets: &Assets) -> Vec<AssetRow> {
    let (table, _) = assets.run().unwrap();
    let mut rows = Vec::new();
    for batch in table.batches() {
        let int = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_primitive::<Int64Type>();
            column.is_valid(row).then(|| column.value(row))
        };
        let float = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
            column.is_valid(row).then(|| column.value(row))
        };
        let text = |name: &str, row: usize| {
            batch.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned()
        };
        let floats = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_list::<i32>();
            column.is_valid(row).then(|| column.value(row).as_primitive::<Float64Type>().values().to_vec())
        };
        for row in 0..batch.num_rows() {
            rows.push(AssetRow {
                id: int("asset_id", row).unwrap(),
                value: text("value", row),
                members: serde_json::from_str(&text("members", row)).unwrap(),
                images: int("images", row),
                sequences: int("sequences", row),
                detections: int("detections", row),
                evidence: float("evidence", row).unwrap(),
                facing: float("facing", row),
                post_id: int("post_id", row).unwrap(),
                post_size: int("post_size", row).unwrap(),
                best_image_id: int("best_image_id", row),
                area: floats("box", row),
                crop: floats("crop", row),
            });
        }
    }
    rows
}

/// The inventory of signs alone.
pub(crate) fn assets_of(all: &[SignRow]) -> Vec<AssetRow> {
    rows_of(&Assets::of(signs(all)))
}

/// Which signs are one, and which are on one post.
pub(crate) fn groups_of(all: &[SignRow]) -> (Vec<Vec<i64>>, Vec<(i64, i64)>) {
    let assets = assets_of(all);
    let members = assets.iter().map(|asset| asset.members.clone()).collect();
    (members, assets.iter().map(|asset| (asset.id, asset.post_id)).collect())
}
